-- Looking for a date together.

create table poll (
    gathering_id  bigint constraint poll_pkey primary key constraint poll_gathering_fkey references gathering,
    created_at    timestamptz not null,
    asked_at      timestamptz,                              -- null: nobody has been asked yet
    closed_at     timestamptz
);

create table poll_moment (
    id            bigint generated always as identity constraint poll_moment_pkey primary key,
    gathering_id  bigint not null constraint poll_moment_poll_fkey references poll on delete cascade,
    starts_local  timestamp not null,                       -- in the zone of the gathering
    ends_local    timestamp not null,
    starts_at     timestamptz not null,
    constraint poll_moment_starts_key unique (gathering_id, starts_local)
);

-- Who is asked; the handle of the link in the mail names this row
create table poll_voter (
    id            bigint generated always as identity constraint poll_voter_pkey primary key,
    gathering_id  bigint not null constraint poll_voter_poll_fkey references poll on delete cascade,
    person_id     bigint not null constraint poll_voter_person_fkey references person on delete cascade,
    voted_at      timestamptz,
    constraint poll_voter_person_key unique (gathering_id, person_id)
);
create index poll_voter_person_idx on poll_voter (person_id);

create table poll_vote (
    voter_id   bigint not null constraint poll_vote_voter_fkey references poll_voter on delete cascade,
    moment_id  bigint not null constraint poll_vote_moment_fkey references poll_moment on delete cascade,
    vote       text not null constraint poll_vote_check check (vote in ('yes', 'if-need-be', 'no')),
    constraint poll_vote_pkey primary key (voter_id, moment_id)
);
create index poll_vote_moment_idx on poll_vote (moment_id);
