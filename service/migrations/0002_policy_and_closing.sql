-- Kinds: how many are needed to go on, in which language, with a rating or without; circles that have closed.

alter table circle_kind
    add minimum integer constraint circle_kind_minimum_check check (minimum > 0),
    add language text constraint circle_kind_language_check check (language in ('nl', 'en')),
    add rating boolean not null default true;

alter table circle add closed_at timestamptz;
