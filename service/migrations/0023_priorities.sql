-- What is told to one person alone no longer waits behind what goes to many: a word that somebody changed your addresses.

drop index notice_due_idx;
alter table notice drop column priority;
alter table notice
    add priority smallint not null generated always as (case
        when purpose in ('answer', 'sign-in', 'visitor', 'check-in', 'link-code') then 0
        when purpose in ('reminder', 'cancellation', 'withdrawal', 'update') then 2
        when purpose in ('invitation', 'broadcast', 'rating', 'poll', 'circle-closed') then 3
        else 1 end) stored;
create index notice_due_idx on notice (lane, priority, due_at, id) where waits;
