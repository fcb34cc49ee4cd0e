-- What is kept of a gathering for its people, and messages to those who were there or were not.

alter table broadcast drop constraint broadcast_audience_check;
alter table broadcast add constraint broadcast_audience_check
    check (audience in ('coming', 'waiting', 'unanswered', 'everyone', 'present', 'absent'));

create table report (
    gathering_id  bigint constraint report_pkey primary key constraint report_gathering_fkey references gathering,
    text          text not null constraint report_text_check check (text <> ''),
    changed_at    timestamptz not null,
    broadcast_id  bigint constraint report_broadcast_fkey references broadcast on delete set null
);

create table material (
    id            bigint generated always as identity constraint material_pkey primary key,
    gathering_id  bigint not null constraint material_gathering_fkey references gathering,
    title         text not null constraint material_title_check check (title <> ''),
    url           text not null default '',
    name          text not null default '',
    media_type    text not null default '',
    content       bytea,
    added_at      timestamptz not null,
    constraint material_one_check check ((url <> '') <> (content is not null))
);
create index material_gathering_idx on material (gathering_id, id);
