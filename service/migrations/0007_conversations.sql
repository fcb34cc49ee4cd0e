-- What chats need: which message shows what, requests to connect, and what a channel remembers.

-- Which message of a conversation shows what: the same view again is edited in place, and only when it looks different
create table sent_view (
    channel       text not null,
    conversation  text not null,
    reference     text not null,                            -- the channel's own name of the message
    view_key      text not null,
    digest        bytea not null,
    shown_at      timestamptz not null,
    constraint sent_view_pkey primary key (channel, conversation, reference)
);
create index sent_view_key_idx on sent_view (view_key);
create index sent_view_shown_idx on sent_view (shown_at);

-- Somebody wants to connect a chat to a person: by a link from the person's own page, or by a code that was mailed
create table link_request (
    id          bigint generated always as identity constraint link_request_pkey primary key,
    channel     text not null,
    person_id   bigint constraint link_request_person_fkey references person on delete cascade,   -- null: nobody has the address that was typed
    token_hash  bytea constraint link_request_token_key unique,
    address     text,                                       -- who opened the link or typed the address: nobody else can go on
    code_hash   bytea,
    tries       integer not null default 0,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz,
    constraint link_request_way_check check ((token_hash is null) <> (code_hash is null))
);
create index link_request_address_idx on link_request (channel, address) where used_at is null;
create index link_request_person_idx on link_request (person_id);
create index link_request_expires_idx on link_request (expires_at);

-- What a channel remembers of itself: the bot's name, the menus that were set
create table channel_memory (
    channel  text not null,
    name     text not null,
    value    text not null,
    constraint channel_memory_pkey primary key (channel, name)
);
