-- Claiming and marking notices costs a third: claims change no index, and the ledger looks nothing up.

alter table notice set (fillfactor = 50);
drop index notice_due_idx;
drop index notice_claimed_idx;
drop index notice_lost_idx;
drop index notice_registration_idx;
alter table notice
    add waits boolean not null generated always as (state in ('planned', 'claimed')) stored,
    add lost boolean not null generated always as (state in ('failed', 'unknown')) stored;
create index notice_due_idx on notice (lane, priority, due_at, id) where waits;
create index notice_lost_idx on notice (id) where lost;
create index notice_registration_idx on notice (registration_id) where waits and registration_id is not null;

drop index delivery_notice_idx;
drop index delivery_address_idx;
alter table delivery
    drop constraint delivery_notice_fkey,
    drop constraint delivery_address_fkey,
    drop constraint delivery_pkey,
    add constraint delivery_pkey primary key (notice_id, id);

create function remove_deliveries() returns trigger language plpgsql as $$
begin
    delete from delivery where notice_id in (select id from gone);
    return null;
end $$;

create trigger notice_gone after delete on notice
    referencing old table as gone for each statement execute function remove_deliveries();
