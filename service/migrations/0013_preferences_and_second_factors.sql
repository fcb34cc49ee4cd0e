-- Quiet hours, reminders per circle, sessions that can be told apart, and codes from an app.

alter table person
    add quiet_from time,
    add quiet_until time,
    add constraint person_quiet_check check ((quiet_from is null) = (quiet_until is null));

alter table membership add reminders boolean not null default true;

alter table web_session
    add id bigint generated always as identity constraint web_session_id_key unique,
    add agent text not null default '',
    add awaits_code boolean not null default false;

create table second_factor (
    person_id     bigint constraint second_factor_pkey primary key
                  constraint second_factor_person_fkey references person on delete cascade,
    key_id        text not null,
    nonce         bytea not null,
    confirmed_at  timestamptz,
    last_step     bigint not null default 0,
    created_at    timestamptz not null
);

create table recovery_code (
    person_id  bigint not null constraint recovery_code_factor_fkey references second_factor on delete cascade,
    code_hash  bytea not null,
    constraint recovery_code_pkey primary key (person_id, code_hash)
);
