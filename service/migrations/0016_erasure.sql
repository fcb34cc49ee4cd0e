-- People who are erased on request, and their addresses, which are not to be used again.

alter table person add erased_at timestamptz;
create index person_erased_idx on person (id) where erased_at is not null;

alter table suppression
    drop constraint suppression_reason_check,
    add constraint suppression_reason_check check (reason in ('unsubscribed', 'bounced', 'complained', 'erased'));
