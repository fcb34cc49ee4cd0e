-- What somebody who leads a gathering tells its people: each of them gets it once, as a notice --------------------------

create table broadcast (
    id             bigint generated always as identity constraint broadcast_pkey primary key,
    gathering_id   bigint not null constraint broadcast_gathering_fkey references gathering,
    audience       text not null constraint broadcast_audience_check check (audience in ('coming', 'waiting', 'unanswered', 'everyone')),
    text           text not null constraint broadcast_text_check check (text <> ''),
    person_id      bigint constraint broadcast_person_fkey references person on delete set null,   -- who wrote it
    actor          text not null,                           -- person:12, api:3
    key            text constraint broadcast_key_key unique, -- what makes a repeat the same command
    created_at     timestamptz not null,
    called_off_at  timestamptz
);
create index broadcast_gathering_idx on broadcast (gathering_id, id);
create index broadcast_person_idx on broadcast (person_id);

-- A question that waits for a typed answer: one per person and conversation, with what was answered before -------------

create table pending_prompt (
    id            bigint generated always as identity constraint pending_prompt_pkey primary key,
    person_id     bigint not null constraint pending_prompt_person_fkey references person on delete cascade,
    channel       text not null,
    conversation  text not null,
    topic         text not null,                            -- what all this is for
    asked         text not null,                            -- the question at hand
    collected     jsonb not null default '{}',
    expires_at    timestamptz not null,
    constraint pending_prompt_conversation_key unique (person_id, channel, conversation)
);
create index pending_prompt_expires_idx on pending_prompt (expires_at);
