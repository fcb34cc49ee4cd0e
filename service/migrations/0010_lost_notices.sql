-- Monitoring counts what was never delivered; that must not read the whole outbox.

create index notice_lost_idx on notice (state) where state in ('failed', 'unknown');
