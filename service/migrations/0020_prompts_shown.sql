-- A question that is put again as it was, where an answer was not below it.

alter table pending_prompt add shown jsonb;
