create index registration_unpressed_idx on registration (gathering_id) where invited_at is null and withdrawn_at is null;
