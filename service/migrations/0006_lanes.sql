-- The outbox gets a lane per channel, answers to conversations, and an order of urgency.
alter table notice alter column person_id drop not null;
alter table notice
    add column conversation text,
    add column lane text not null default 'mail',
    add column attempted_at timestamptz,
    add column priority smallint not null generated always as (case
        when purpose in ('answer', 'sign-in', 'visitor', 'check-in', 'link-code') then 0
        when purpose in ('confirmation', 'waiting', 'promotion', 'offer', 'offer-expired', 'tentative',
                         'declined', 'seat-freed', 'linked', 'unlinked') then 1
        when purpose in ('reminder', 'cancellation', 'withdrawal', 'update') then 2
        else 3 end) stored,
    add constraint notice_to_check check (person_id is not null or conversation is not null);
drop index notice_due_idx;
drop index notice_urgent_idx;
drop index notice_claimed_idx;
create index notice_due_idx on notice (lane, priority, due_at, id) where state = 'planned';
create index notice_claimed_idx on notice (lane, owner) where state = 'claimed';
create index notice_answer_idx on notice (created_at) where purpose = 'answer';
