-- How far a mailbox that is polled has been read.

create table mailbox_cursor (
    mailbox     text constraint mailbox_cursor_pkey primary key,
    validity    bigint not null,
    uid         bigint not null,
    changed_at  timestamptz not null
);
