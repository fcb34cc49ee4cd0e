-- Cards of gatherings in groups of a chat: what a card shows follows every change --------------------------------------

create table group_card (
    id            bigint generated always as identity constraint group_card_pkey primary key,
    channel       text not null,
    conversation  text not null,                            -- the group
    gathering_id  bigint not null constraint group_card_gathering_fkey references gathering,
    person_id     bigint constraint group_card_person_fkey references person on delete set null,   -- who put it there
    revision      bigint not null default 1,                -- raised with every change of what it may show, by the triggers below
    told          bigint not null default 0,                -- the revision that was looked at last
    written       bigint not null default 0,                -- the revision that the last message about it was written for
    digest        bytea,                                    -- of what that message says
    replaced      boolean not null default false,           -- a newer card of the same gathering stands in the same group
    created_at    timestamptz not null,
    closed_at     timestamptz                               -- follows no more
);
create unique index group_card_open_key on group_card (channel, conversation, gathering_id)
    where closed_at is null and not replaced;
create index group_card_gathering_idx on group_card (gathering_id) where closed_at is null;
create index group_card_marked_idx on group_card (id) where revision > told and closed_at is null;

-- Whoever writes need not know that there are cards: one look into an empty index where there are none. Always after the
-- gathering is locked, and in the order of gatherings, so that two changes cannot block each other.
create function mark_group_cards() returns trigger language plpgsql as $$
declare
    touched bigint[];
begin
    if not exists (select from group_card where closed_at is null) then
        return null;
    end if;
    case tg_table_name
        when 'registration' then select array_agg(distinct gathering_id) into touched from changed;
        when 'gathering' then select array_agg(id) into touched from changed;
        when 'circle' then
            select array_agg(g.id) into touched from gathering g where g.circle_id in (select id from changed);
        when 'person' then
            select array_agg(r.gathering_id) into touched from registration r where r.person_id in (select id from changed);
    end case;
    with marked as (
        select id from group_card where gathering_id = any(touched) and closed_at is null
        order by gathering_id, id for update
    )
    update group_card set revision = revision + 1 where id in (select id from marked);
    return null;
end $$;

create trigger registration_added after insert on registration
    referencing new table as changed for each statement execute function mark_group_cards();
create trigger registration_changed after update on registration
    referencing new table as changed for each statement execute function mark_group_cards();
create trigger registration_gone after delete on registration
    referencing old table as changed for each statement execute function mark_group_cards();
create trigger gathering_changed after update on gathering
    referencing new table as changed for each statement execute function mark_group_cards();
create trigger circle_changed after update on circle
    referencing new table as changed for each statement execute function mark_group_cards();
create trigger person_changed after update on person
    referencing new table as changed for each statement execute function mark_group_cards();
