-- An address that somebody else gave to a person waits for their own word; a session remembers by which one it began.

alter table address add awaits_owner boolean not null default false;
alter table sign_in add address_id bigint constraint sign_in_address_fkey references address on delete cascade;
create index sign_in_address_idx on sign_in (address_id);
alter table web_session add address_id bigint constraint web_session_address_fkey references address on delete cascade;
create index web_session_address_idx on web_session (address_id);
