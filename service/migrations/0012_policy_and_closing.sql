-- Kinds: how many are needed to go on, and in which language; circles that have closed.

alter table circle_kind
    add minimum integer constraint circle_kind_minimum_check check (minimum > 0),
    add language text constraint circle_kind_language_check check (language in ('nl', 'en'));

alter table circle add closed_at timestamptz;
