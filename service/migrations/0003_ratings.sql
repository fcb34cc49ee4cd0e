-- What those who were there thought of a gathering, and which kinds of circle ask.

alter table circle_kind add column rating boolean not null default true;

create table rating (
    id               bigint generated always as identity constraint rating_pkey primary key,
    gathering_id     bigint not null constraint rating_gathering_fkey references gathering,
    registration_id  bigint constraint rating_registration_key unique
                     constraint rating_registration_fkey references registration on delete cascade,
    score            integer not null constraint rating_score_check check (score between 1 and 10),
    comment          text not null default '',
    rated_at         timestamptz not null
);
create index rating_gathering_idx on rating (gathering_id);
