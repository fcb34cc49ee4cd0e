alter table gathering add column turn bigint not null default 0;

create or replace function mark_group_cards() returns trigger language plpgsql as $$
declare
    touched bigint[];
begin
    if not exists (select from group_card where closed_at is null) then
        return null;
    end if;
    case tg_table_name
        when 'registration' then select array_agg(distinct gathering_id) into touched from changed;
        when 'gathering' then  -- of every lock that somebody takes, too, which shows on no card
            select array_agg(c.id) into touched from changed c join former f using (id)
            where (c.revision, c.status) is distinct from (f.revision, f.status);
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

drop trigger gathering_changed on gathering;
create trigger gathering_changed after update on gathering
    referencing old table as former new table as changed for each statement execute function mark_group_cards();
