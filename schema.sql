-- Kring: the truth for a fresh database. PostgreSQL >= 15, no extension needed.
-- Times are UTC (timestamptz) and are passed in by Kring; local wall times are `timestamp` beside a zone name.

-- Members of the association, and guest organisations ---------------------------------------------------------------

create table organisation (
    id          bigint generated always as identity constraint organisation_pkey primary key,
    name        text not null constraint organisation_name_check check (name <> ''),
    domains     text[] not null default '{}',
    created_at  timestamptz not null
);
create unique index organisation_name_key on organisation (lower(name));

-- People, where they can be reached, and for whom they work ----------------------------------------------------------

create table person (
    id                 bigint generated always as identity constraint person_pkey primary key,
    name               text not null constraint person_name_check check (name <> ''),
    language           text not null constraint person_language_check check (language in ('nl', 'en')),
    role               text not null default 'member' constraint person_role_check check (role in ('member', 'staff', 'admin')),
    preferred_channel  text not null default 'mail',
    -- a visitor who typed an address: forgotten at this time unless the mailed link is pressed before
    provisional_until  timestamptz,
    created_at         timestamptz not null,
    -- wall times between which what can wait, waits; over midnight where the first is the later one
    quiet_from         time,
    quiet_until        time,
    -- erased on request: what stays of somebody is a row without a name, so that the counts stay right
    erased_at          timestamptz,
    constraint person_quiet_check check ((quiet_from is null) = (quiet_until is null))
);
create index person_erased_idx on person (id) where erased_at is not null;
create index person_provisional_idx on person (provisional_until) where provisional_until is not null;
create index person_name_idx on person (lower(name), id);

create table address (
    id           bigint generated always as identity constraint address_pkey primary key,
    person_id    bigint not null constraint address_person_fkey references person on delete cascade,
    channel      text not null,
    value        text not null,            -- normalised once, at the edge; compared as it stands
    is_primary   boolean not null default false,
    verified_at  timestamptz,              -- trusted (staff, API, import) or proved by its owner
    undeliverable_at timestamptz,
    bounce_score real not null default 0,  -- fades in thirty days
    bounced_at   timestamptz,              -- the last bounce that counted
    created_at   timestamptz not null,
    -- given by somebody else to a person who had one already: theirs for sure once they say so from one of those
    awaits_owner boolean not null default false,
    constraint address_channel_value_key unique (channel, value)
);
create index address_person_idx on address (person_id);
create unique index address_primary_key on address (person_id, channel) where is_primary;

-- Addresses from which somebody answered in a person's name: they count for nothing until the person has confirmed them
create table alias_proposal (
    person_id    bigint not null constraint alias_proposal_person_fkey references person on delete cascade,
    value        text not null,
    proposed_at  timestamptz not null,
    constraint alias_proposal_pkey primary key (person_id, value)
);

create table affiliation (
    id               bigint generated always as identity constraint affiliation_pkey primary key,
    person_id        bigint not null constraint affiliation_person_fkey references person on delete cascade,
    organisation_id  bigint not null constraint affiliation_organisation_fkey references organisation,
    title            text not null default '',
    since            date not null,
    until            date constraint affiliation_until_check check (until >= since)
);
create unique index affiliation_current_key on affiliation (person_id, organisation_id) where until is null;
create index affiliation_organisation_idx on affiliation (organisation_id);

-- Circles: a kind is a row of policy, never a name in code -----------------------------------------------------------

create table circle_kind (
    name                text constraint circle_kind_pkey primary key,
    label_nl            text not null,
    label_en            text not null,
    visibility          text not null constraint circle_kind_visibility_check check (visibility in ('public', 'members', 'circle')),
    confidential        boolean not null default false,
    joining             text not null default 'open' constraint circle_kind_joining_check check (joining in ('open', 'request', 'invited')),
    capacity            integer constraint circle_kind_capacity_check check (capacity > 0),
    organisation_quota  integer constraint circle_kind_quota_check check (organisation_quota > 0),
    approval            boolean not null default false,
    reminders           text[] not null default '{P7D,P1D}',
    rating              boolean not null default true,          -- ask those who were there how it was
    minimum             integer constraint circle_kind_minimum_check check (minimum > 0),  -- fewer do not go on
    language            text constraint circle_kind_language_check check (language in ('nl', 'en')),  -- null: the association's
    most_members        integer constraint circle_kind_members_check check (most_members > 0),  -- the circle is one group
    facilitators_count  boolean not null default false          -- among minimum and most_members; a seat they never take
);

create table circle (
    id              bigint generated always as identity constraint circle_pkey primary key,
    slug            text not null constraint circle_slug_key unique
                    constraint circle_slug_check check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 80),
    kind            text not null constraint circle_kind_fkey references circle_kind on update cascade,
    title_nl        text not null,
    title_en        text not null,
    description_nl  text not null default '',
    description_en  text not null default '',
    language        text not null constraint circle_language_check check (language in ('nl', 'en')),
    programme       text not null default '',
    created_at      timestamptz not null,
    closed_at       timestamptz,                            -- nobody joins and nothing is planned any more; history stays
    constraint circle_title_check check (title_nl <> '' or title_en <> '')
);
create index circle_kind_idx on circle (kind);

create table membership (
    circle_id  bigint not null constraint membership_circle_fkey references circle,
    person_id  bigint not null constraint membership_person_fkey references person on delete cascade,
    role       text not null constraint membership_role_check check (role in ('participant', 'facilitator')),
    -- requested: waits for a facilitator; active: is invited; left: history
    state      text not null constraint membership_state_check check (state in ('requested', 'active', 'left')),
    -- false: unsubscribed from the invitations of this circle; the membership and what was answered stay
    mails      boolean not null default true,
    since      timestamptz not null,
    until      timestamptz,
    reminders  boolean not null default true,               -- of its gatherings
    constraint membership_pkey primary key (circle_id, person_id)
);
create index membership_person_idx on membership (person_id) where state = 'active';

-- Gatherings ----------------------------------------------------------------------------------------------------------

create table series (
    id          bigint generated always as identity constraint series_pkey primary key,
    circle_id   bigint not null constraint series_circle_fkey references circle,
    title_nl    text not null default '',
    title_en    text not null default '',
    created_at  timestamptz not null
);
create index series_circle_idx on series (circle_id);

create table gathering (
    id                  bigint generated always as identity constraint gathering_pkey primary key,
    uid                 text not null constraint gathering_uid_key unique,
    circle_id           bigint not null constraint gathering_circle_fkey references circle,
    series_id           bigint constraint gathering_series_fkey references series,
    -- draft -> published -> cancelled -> published; held is derived: published and past its end
    status              text not null default 'draft' constraint gathering_status_check check (status in ('draft', 'published', 'cancelled')),
    title_nl            text not null,
    title_en            text not null,
    description_nl      text not null default '',
    description_en      text not null default '',
    starts_local        timestamp not null,
    ends_local          timestamp not null,
    timezone            text not null,
    starts_at           timestamptz not null,      -- derived from the local time and the zone when saved
    ends_at             timestamptz not null,
    location            text not null default '',
    online_url          text not null default '',
    capacity            integer constraint gathering_capacity_check check (capacity > 0),
    organisation_quota  integer constraint gathering_quota_check check (organisation_quota > 0),
    approval            boolean not null default false,
    reminders           text[] not null,
    visibility          text not null constraint gathering_visibility_check check (visibility in ('public', 'members', 'circle')),
    sequence            integer not null default 0,    -- RFC 5545 section 3.8.7.4, of the gathering's own UID
    revision            integer not null default 1,    -- counts every edit: the key of rendered texts
    turn                bigint not null default 0,     -- counts who has held its lock, and so who may have changed seats
    cancel_reason       text not null default '',
    created_at          timestamptz not null,
    changed_at          timestamptz not null,
    published_at        timestamptz,
    cancelled_at        timestamptz,
    -- edits that people have not been told yet: what they were told last, since when, and when to tell them
    told                jsonb,
    edited_since        timestamptz,
    announce_at         timestamptz,
    questions           integer not null default 0,         -- how many there are, so that whoever reads it knows at once
    answers_days        integer,                            -- after its end the answers to them are kept so long
    constraint gathering_title_check check (title_nl <> '' or title_en <> ''),
    constraint gathering_times_check check (ends_at > starts_at)
);
create index gathering_circle_idx on gathering (circle_id, starts_at);
create index gathering_starts_idx on gathering (starts_at, id);
create index gathering_announce_idx on gathering (announce_at) where announce_at is not null;

create sequence queue_number;

create table registration (
    id                  bigint generated always as identity constraint registration_pkey primary key,
    gathering_id        bigint not null constraint registration_gathering_fkey references gathering,
    person_id           bigint not null constraint registration_person_fkey references person on delete cascade,
    organisation_id     bigint constraint registration_organisation_fkey references organisation,   -- whom they represent
    facilitator         boolean not null default false,     -- invited, takes no seat
    -- the attendee's answer (RFC 5545 section 3.2.12)
    partstat            text not null default 'needs-action'
                        constraint registration_partstat_check check (partstat in ('needs-action', 'accepted', 'declined', 'tentative')),
    -- the organizer's answer
    seat                text not null default 'none' constraint registration_seat_check check (seat in ('none', 'offered', 'seated', 'waiting')),
    waiting_reason      text constraint registration_reason_check check (waiting_reason in ('full', 'organisation', 'approval')),
    approved            boolean not null default false,
    -- how somebody comes to a gathering that is both at a place and online: only on site takes a seat
    mode                text constraint registration_mode_check check (mode in ('on-site', 'online')),
    queue_number        bigint,                             -- the order of the waiting list
    offer_expires_at    timestamptz,
    answered_at         timestamptz,                        -- when the person clicked, whole seconds
    via                 text constraint registration_via_check
                        check (via in ('link', 'calendar', 'mail', 'telegram', 'console', 'web', 'api')),
    confirmed_sequence  integer,                            -- the gathering's sequence that the person's last answer was about
    -- the copy in the person's calendar (RFC 5546 section 2.1.4): own UID, own SEQUENCE, strictly increasing DTSTAMP
    uid                 text not null constraint registration_uid_key unique,
    sequence            integer not null default 0,
    dtstamp             timestamptz,                        -- of the last calendar mail; null: none sent yet
    calendar_status     text constraint registration_calendar_check check (calendar_status in ('confirmed', 'tentative', 'cancelled')),
    -- the last calendar reply that was looked at (RFC 5546 section 2.1.5): older ones are stale
    reply_sequence      integer,
    reply_dtstamp       timestamptz,
    moved_sequence      integer not null default 0,         -- the copy's SEQUENCE since its time and place are as they are
    generation          integer not null default 0,         -- raise it to revoke the handles
    invited_at          timestamptz,                        -- null: a visitor who has not yet pressed the mailed link
    withdrawn_at        timestamptz,                        -- left the circle or taken off the list
    attendance          text constraint registration_attendance_check check (attendance in ('present', 'absent', 'excused')),
    attendance_at       timestamptz,
    created_at          timestamptz not null,
    constraint registration_person_key unique (gathering_id, person_id),
    constraint registration_waiting_check check ((seat = 'waiting') = (waiting_reason is not null)),
    constraint registration_queue_check check ((seat = 'waiting' and waiting_reason <> 'approval') = (queue_number is not null)),
    constraint registration_offer_check check ((seat = 'offered') = (offer_expires_at is not null))
);
create index registration_person_idx on registration (person_id, gathering_id);
create index registration_taken_idx on registration (gathering_id, organisation_id) where seat in ('seated', 'offered');
create index registration_queue_idx on registration (gathering_id, queue_number) where seat = 'waiting';
create index registration_offer_idx on registration (offer_expires_at) where seat = 'offered';
create index registration_unpressed_idx on registration (gathering_id) where invited_at is null and withdrawn_at is null;

create table registration_history (
    id               bigint generated always as identity constraint registration_history_pkey primary key,
    registration_id  bigint not null constraint registration_history_registration_fkey references registration on delete cascade,
    at               timestamptz not null,
    actor            text not null,                         -- person:12, api:3, kring
    via              text,
    partstat         text not null,
    seat             text not null,
    note             text not null default ''
);
create index registration_history_registration_idx on registration_history (registration_id);

-- What whoever runs a gathering asks those who come; what they answer is deleted soon after the end -------------------------

create table question (
    id            bigint generated always as identity constraint question_pkey primary key,
    gathering_id  bigint not null constraint question_gathering_fkey references gathering,
    place         integer not null,                         -- in the order in which they are asked
    kind          text not null constraint question_kind_check check (kind in ('text', 'choice', 'yes-no')),
    text_nl       text not null,
    text_en       text not null,
    needed        boolean not null default false,
    constraint question_text_check check (text_nl <> '' or text_en <> ''),
    constraint question_place_key unique (gathering_id, place) deferrable
);

-- Its number stays the same whatever becomes of its words
create table question_choice (
    question_id  bigint not null constraint question_choice_question_fkey references question on delete cascade,
    number       integer not null,
    text_nl      text not null,
    text_en      text not null,
    constraint question_choice_pkey primary key (question_id, number),
    constraint question_choice_text_check check (text_nl <> '' or text_en <> '')
);

create table question_answer (
    registration_id  bigint not null constraint question_answer_registration_fkey references registration on delete cascade,
    question_id      bigint not null constraint question_answer_question_fkey references question on delete cascade,
    text             text,
    choice           integer,
    yes              boolean,
    constraint question_answer_pkey primary key (registration_id, question_id),
    constraint question_answer_one_check check (num_nonnulls(text, choice, yes) = 1),
    constraint question_answer_choice_fkey foreign key (question_id, choice) references question_choice on delete cascade
);
create index question_answer_question_idx on question_answer (question_id);

-- What those who were there thought of it, from 1 to 10; shown only together with others'
create table rating (
    id               bigint generated always as identity constraint rating_pkey primary key,
    gathering_id     bigint not null constraint rating_gathering_fkey references gathering,
    -- whose it is, so that nobody rates twice; let go of once it cannot be changed any more
    registration_id  bigint constraint rating_registration_key unique
                     constraint rating_registration_fkey references registration on delete cascade,
    score            integer not null constraint rating_score_check check (score between 1 and 10),
    comment          text not null default '',
    rated_at         timestamptz not null
);
create index rating_gathering_idx on rating (gathering_id);

-- Looking for a date together: moments are proposed, people tick, a facilitator picks -------------------------------------

create table poll (
    gathering_id  bigint constraint poll_pkey primary key constraint poll_gathering_fkey references gathering,
    created_at    timestamptz not null,
    asked_at      timestamptz,                              -- null: nobody has been asked yet
    closed_at     timestamptz
);

create table poll_moment (
    id            bigint generated always as identity constraint poll_moment_pkey primary key,
    gathering_id  bigint not null constraint poll_moment_poll_fkey references poll on delete cascade,
    starts_local  timestamp not null,                       -- in the zone of the gathering
    ends_local    timestamp not null,
    starts_at     timestamptz not null,
    constraint poll_moment_starts_key unique (gathering_id, starts_local)
);

-- Who is asked; the handle of the link in the mail names this row
create table poll_voter (
    id            bigint generated always as identity constraint poll_voter_pkey primary key,
    gathering_id  bigint not null constraint poll_voter_poll_fkey references poll on delete cascade,
    person_id     bigint not null constraint poll_voter_person_fkey references person on delete cascade,
    voted_at      timestamptz,
    constraint poll_voter_person_key unique (gathering_id, person_id)
);
create index poll_voter_person_idx on poll_voter (person_id);

create table poll_vote (
    voter_id   bigint not null constraint poll_vote_voter_fkey references poll_voter on delete cascade,
    moment_id  bigint not null constraint poll_vote_moment_fkey references poll_moment on delete cascade,
    vote       text not null constraint poll_vote_check check (vote in ('yes', 'if-need-be', 'no')),
    constraint poll_vote_pkey primary key (voter_id, moment_id)
);
create index poll_vote_moment_idx on poll_vote (moment_id);

-- The outbox ----------------------------------------------------------------------------------------------------------

create table notice (
    id               bigint generated always as identity constraint notice_pkey primary key,
    dedupe_key       text not null constraint notice_dedupe_key unique,
    purpose          text not null,
    person_id        bigint constraint notice_person_fkey references person on delete cascade,
    gathering_id     bigint constraint notice_gathering_fkey references gathering,
    registration_id  bigint constraint notice_registration_fkey references registration on delete cascade,
    channel          text,                                  -- the only one it may take, then the one it took; null: as the person likes
    conversation     text,                                  -- to a conversation on the lane's channel, instead of to the person
    lane             text not null default 'mail',          -- the channel whose workers hand it over
    -- what somebody sits and waits for goes first, then what is told to one alone, then what many have to know, then the rest
    priority         smallint not null generated always as (case
                         when purpose in ('answer', 'sign-in', 'visitor', 'check-in', 'link-code') then 0
                         when purpose in ('reminder', 'cancellation', 'withdrawal', 'update') then 2
                         when purpose in ('invitation', 'broadcast', 'rating', 'poll', 'circle-closed') then 3
                         else 1 end) stored,
    facts            jsonb not null default '{}',           -- what must not change between two attempts
    due_at           timestamptz not null,
    expires_at       timestamptz,                           -- no longer useful after this
    -- planned -> claimed -> sent | failed | expired | unknown; planned -> cancelled; claimed -> planned (try again)
    state            text not null default 'planned' constraint notice_state_check
                     check (state in ('planned', 'claimed', 'sent', 'failed', 'cancelled', 'expired', 'unknown')),
    owner            integer,                               -- the worker that claimed it: the key of its advisory lock
    attempts         integer not null default 0,
    -- before a hand-over that cannot be repeated without doubling: nobody knows whether it succeeded until it is marked
    attempted_at     timestamptz,
    created_at       timestamptz not null,
    sent_at          timestamptz,
    error            text,
    -- what indexes know of the state: a claim changes neither, so that it enters nothing into any index
    waits            boolean not null generated always as (state in ('planned', 'claimed')) stored,
    lost             boolean not null generated always as (state in ('failed', 'unknown')) stored,
    constraint notice_to_check check (person_id is not null or conversation is not null)
) with (fillfactor = 50);                                   -- the other half is for a claim, on the same page
create index notice_due_idx on notice (lane, priority, due_at, id) where waits;
create index notice_lost_idx on notice (id) where lost;     -- few, and counted every few seconds
-- answers are forgotten after a few days
create index notice_answer_idx on notice (created_at) where purpose = 'answer';
create index notice_gathering_idx on notice (gathering_id, id);
-- not null, so that no claim can take it for the index of what is due, of which the statistics know as little
create index notice_registration_idx on notice (registration_id) where waits and registration_id is not null;
create index notice_person_idx on notice (person_id);

-- Written for every message, by nothing but statements that have just changed its notice: foreign keys would look up both
-- of them once more each time. The rows go with their notice; the id of an address that is gone is never used again.
create table delivery (
    id          bigint generated always as identity,
    notice_id   bigint not null,
    channel     text not null,
    address_id  bigint,                                     -- of an address that may be gone
    at          timestamptz not null,
    outcome     text not null constraint delivery_outcome_check check (outcome in ('sent', 'deferred', 'refused', 'unknown')),
    detail      text not null default '',
    constraint delivery_pkey primary key (notice_id, id)
);

create function remove_deliveries() returns trigger language plpgsql as $$
begin
    delete from delivery where notice_id in (select id from gone);
    return null;
end $$;

create trigger notice_gone after delete on notice
    referencing old table as gone for each statement execute function remove_deliveries();

-- What somebody who leads a gathering tells its people: each of them gets it once, as a notice --------------------------

create table broadcast (
    id             bigint generated always as identity constraint broadcast_pkey primary key,
    gathering_id   bigint not null constraint broadcast_gathering_fkey references gathering,
    audience       text not null constraint broadcast_audience_check check (audience in ('coming', 'waiting', 'unanswered', 'everyone', 'present', 'absent')),
    text           text not null constraint broadcast_text_check check (text <> ''),
    person_id      bigint constraint broadcast_person_fkey references person on delete set null,   -- who wrote it
    actor          text not null,                           -- person:12, api:3
    key            text constraint broadcast_key_key unique, -- what makes a repeat the same command
    created_at     timestamptz not null,
    called_off_at  timestamptz
);
create index broadcast_gathering_idx on broadcast (gathering_id, id);
create index broadcast_person_idx on broadcast (person_id);

-- What is kept of a gathering for its people: a short report, links and small files
create table report (
    gathering_id  bigint constraint report_pkey primary key constraint report_gathering_fkey references gathering,
    text          text not null constraint report_text_check check (text <> ''),
    changed_at    timestamptz not null,
    -- with which it was told; told once, and once more only where that was called off
    broadcast_id  bigint constraint report_broadcast_fkey references broadcast on delete set null
);

create table material (
    id            bigint generated always as identity constraint material_pkey primary key,
    gathering_id  bigint not null constraint material_gathering_fkey references gathering,
    title         text not null constraint material_title_check check (title <> ''),
    url           text not null default '',                 -- a link, or
    name          text not null default '',                 -- a file with its name,
    media_type    text not null default '',                 -- what it was found to be,
    content       bytea,                                    -- and its bytes
    added_at      timestamptz not null,
    constraint material_one_check check ((url <> '') <> (content is not null))
);
create index material_gathering_idx on material (gathering_id, id);

-- A question that waits for a typed answer: one per person and conversation, with what was answered before -------------

create table pending_prompt (
    id            bigint generated always as identity constraint pending_prompt_pkey primary key,
    person_id     bigint not null constraint pending_prompt_person_fkey references person on delete cascade,
    channel       text not null,
    conversation  text not null,
    topic         text not null,                            -- what all this is for
    asked         text not null,                            -- the question at hand
    collected     jsonb not null default '{}',
    expires_at    timestamptz not null,
    shown         jsonb,                                    -- how it was put, to put it again
    constraint pending_prompt_conversation_key unique (person_id, channel, conversation)
);
create index pending_prompt_expires_idx on pending_prompt (expires_at);

-- Cards of gatherings in groups of a chat: what a card shows follows every change --------------------------------------

create table group_card (
    id            bigint generated always as identity constraint group_card_pkey primary key,
    channel       text not null,
    conversation  text not null,                            -- the group
    gathering_id  bigint not null constraint group_card_gathering_fkey references gathering,
    person_id     bigint constraint group_card_person_fkey references person on delete set null,   -- who put it there
    revision      bigint not null default 1,                -- raised with every change of what it may show, by the triggers below
    told          bigint not null default 0,                -- the revision that was looked at last
    written       bigint not null default 0,                -- the revision that the last message about it was written for
    digest        bytea,                                    -- of what that message says
    replaced      boolean not null default false,           -- a newer card of the same gathering stands in the same group
    created_at    timestamptz not null,
    closed_at     timestamptz                               -- follows no more
);
create unique index group_card_open_key on group_card (channel, conversation, gathering_id)
    where closed_at is null and not replaced;
create index group_card_gathering_idx on group_card (gathering_id) where closed_at is null;
create index group_card_marked_idx on group_card (id) where revision > told and closed_at is null;

-- Whoever writes need not know that there are cards: one look into an empty index where there are none. Always after the
-- gathering is locked, and in the order of gatherings, so that two changes cannot block each other.
create function mark_group_cards() returns trigger language plpgsql as $$
declare
    touched bigint[];
begin
    if not exists (select from group_card where closed_at is null) then
        return null;
    end if;
    case tg_table_name
        when 'registration' then select array_agg(distinct gathering_id) into touched from changed;
        when 'gathering' then  -- of every lock that somebody takes, too, which shows on no card
            select array_agg(c.id) into touched from changed c join former f using (id)
            where (c.revision, c.status) is distinct from (f.revision, f.status);
        when 'circle' then
            select array_agg(g.id) into touched from gathering g where g.circle_id in (select id from changed);
        when 'person' then
            select array_agg(r.gathering_id) into touched from registration r where r.person_id in (select id from changed);
    end case;
    with marked as (
        select id from group_card where gathering_id = any(touched) and closed_at is null
        order by gathering_id, id for update
    )
    update group_card set revision = revision + 1 where id in (select id from marked);
    return null;
end $$;

create trigger registration_added after insert on registration
    referencing new table as changed for each statement execute function mark_group_cards();
create trigger registration_changed after update on registration
    referencing new table as changed for each statement execute function mark_group_cards();
create trigger registration_gone after delete on registration
    referencing old table as changed for each statement execute function mark_group_cards();
create trigger gathering_changed after update on gathering
    referencing old table as former new table as changed for each statement execute function mark_group_cards();
create trigger circle_changed after update on circle
    referencing new table as changed for each statement execute function mark_group_cards();
create trigger person_changed after update on person
    referencing new table as changed for each statement execute function mark_group_cards();

-- Foreign messages, stored as they came before anything is done with them ----------------------------------------------

create table inbox (
    id             bigint generated always as identity constraint inbox_pkey primary key,
    channel        text not null,
    external_id    text not null,                           -- what makes a repeat the same message
    conversation   text not null,                           -- messages of one conversation are worked on in order
    envelope_from  text not null default '',                -- empty: the null sender
    recipient      text not null default '',
    raw            bytea not null,
    received_at    timestamptz not null,
    -- new -> applied | no-op | parked (needs a human) | dead (kept, replayable); parked, dead -> new (replayed)
    state          text not null default 'new' constraint inbox_state_check
                   check (state in ('new', 'applied', 'no-op', 'parked', 'dead')),
    attempts       integer not null default 0,
    not_before     timestamptz not null,
    reason         text not null default '',                -- why it is where it is: a stable word
    facts          jsonb not null default '{}',             -- what was read in it, for whoever decides
    gathering_id   bigint constraint inbox_gathering_fkey references gathering,
    person_id      bigint constraint inbox_person_fkey references person on delete set null,
    done_at        timestamptz,
    constraint inbox_external_key unique (channel, external_id)
);
create index inbox_new_idx on inbox (conversation, id) where state = 'new';
create index inbox_parked_idx on inbox (received_at) where state in ('parked', 'dead');
create index inbox_done_idx on inbox (done_at) where done_at is not null;

-- How far a mailbox that is polled has been read
create table mailbox_cursor (
    mailbox     text constraint mailbox_cursor_pkey primary key,  -- user@host/folder
    validity    bigint not null,                        -- UIDVALIDITY: with another one, every UID means another mail
    uid         bigint not null,
    changed_at  timestamptz not null
);

-- Addresses no longer used; survives erasure because only a peppered hash is kept
create table suppression (
    address_hash  bytea constraint suppression_pkey primary key,
    reason        text not null constraint suppression_reason_check check (reason in ('unsubscribed', 'bounced', 'complained', 'erased')),
    since         timestamptz not null
);

-- One row stops all sending: `kring outbox pause`
create table outbox_pause (
    only_row   boolean constraint outbox_pause_pkey primary key default true constraint outbox_pause_one check (only_row),
    paused_at  timestamptz not null
);

-- Conversations -------------------------------------------------------------------------------------------------------

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

-- Sign-in, links, feeds, keys: only SHA-256 of what the holder has ----------------------------------------------------

create table sign_in (
    token_hash    bytea constraint sign_in_pkey primary key,
    person_id     bigint not null constraint sign_in_person_fkey references person on delete cascade,
    browser_hash  bytea,                                    -- the cookie of the browser that asked; null: printed on the console
    code_hash     bytea,
    tries         integer not null default 0,
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    used_at       timestamptz,
    address_id    bigint constraint sign_in_address_fkey references address on delete cascade  -- null: on the console
);
create index sign_in_address_idx on sign_in (address_id);
create index sign_in_browser_idx on sign_in (browser_hash);
create index sign_in_expires_idx on sign_in (expires_at);
create index sign_in_person_idx on sign_in (person_id);

create table web_session (
    token_hash    bytea constraint web_session_pkey primary key,
    person_id     bigint not null constraint web_session_person_fkey references person on delete cascade,
    form_key      bytea not null,                           -- signs the forms of this browser
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    last_used_at  timestamptz not null,
    id            bigint generated always as identity constraint web_session_id_key unique,  -- its name in a list
    agent         text not null default '',                 -- which browser, in two words
    awaits_code   boolean not null default false,           -- proved by mail only: no session yet
    -- by which address it began: the session is worth what that is worth, and ends with it
    address_id    bigint constraint web_session_address_fkey references address on delete cascade
);
create index web_session_address_idx on web_session (address_id);
create index web_session_person_idx on web_session (person_id);
create index web_session_expires_idx on web_session (expires_at);

-- An authenticator app: its secret is derived from a key of ours and the nonce (RFC 6238)
create table second_factor (
    person_id     bigint constraint second_factor_pkey primary key
                  constraint second_factor_person_fkey references person on delete cascade,
    key_id        text not null,                            -- which of KRING_SECRET_KEYS
    nonce         bytea not null,
    confirmed_at  timestamptz,                              -- null: the app was not proved to work yet
    last_step     bigint not null default 0,                -- the step of the last code: none is taken twice
    created_at    timestamptz not null
);

create table recovery_code (
    person_id  bigint not null constraint recovery_code_factor_fkey references second_factor on delete cascade,
    code_hash  bytea not null,
    constraint recovery_code_pkey primary key (person_id, code_hash)
);

create table api_key (
    id            bigint generated always as identity constraint api_key_pkey primary key,
    key_hash      bytea not null constraint api_key_hash_key unique,
    name          text not null,
    role          text not null constraint api_key_role_check check (role in ('facilitator', 'staff', 'admin')),
    circle_id     bigint constraint api_key_circle_fkey references circle,
    created_at    timestamptz not null,
    last_used_at  timestamptz,
    revoked_at    timestamptz,
    constraint api_key_circle_check check ((role = 'facilitator') = (circle_id is not null))
);

create table feed (
    id            bigint generated always as identity constraint feed_pkey primary key,
    kind          text not null constraint feed_kind_check check (kind in ('public', 'circle', 'person')),
    token_hash    bytea constraint feed_token_key unique,   -- null: the public feed
    person_id     bigint constraint feed_person_fkey references person on delete cascade,
    circle_id     bigint constraint feed_circle_fkey references circle,
    revision      bigint not null default 1,                -- raised by every change of what the feed shows, removal included
    changed_at    timestamptz not null,                     -- when it was raised last
    created_at    timestamptz not null,
    last_used_at  timestamptz,
    revoked_at    timestamptz,
    constraint feed_owner_check check ((kind = 'public') = (person_id is null) and (kind = 'circle') = (circle_id is not null)
                                       and (kind = 'public') = (token_hash is null))
);
create unique index feed_public_key on feed (kind) where kind = 'public';
-- one living feed of each sort; also finds the feeds of a person
create unique index feed_living_key on feed (person_id, kind, circle_id) nulls not distinct
    where revoked_at is null and kind <> 'public';
create index feed_circle_idx on feed (circle_id) where revoked_at is null;

-- What a repeated command answers, and how often a visitor may try ----------------------------------------------------

create table command_result (
    key          text constraint command_result_pkey primary key,
    fingerprint  bytea not null,
    result       jsonb not null,
    created_at   timestamptz not null
);
create index command_result_created_idx on command_result (created_at);

create table allowance (
    key        text not null,
    starts_at  timestamptz not null,
    used       integer not null,
    constraint allowance_pkey primary key (key, starts_at)
);
create index allowance_starts_idx on allowance (starts_at);

-- The annual plan -----------------------------------------------------------------------------------------------------

create table plan_year (
    year       integer constraint plan_year_pkey primary key,
    starts_on  date not null                                -- a plan year lasts twelve months from here
);

create table target (
    id          bigint generated always as identity constraint target_pkey primary key,
    year        integer not null constraint target_year_fkey references plan_year,
    programme   text not null,
    title       text not null,
    kind        text not null,                              -- a circle kind, or a kind of mailing
    output      text not null constraint target_output_check check (output in ('gathering', 'group', 'mailing')),
    min_count   integer not null constraint target_min_check check (min_count >= 0),
    max_count   integer,
    period      text not null,
    months      integer[] not null default '{}',
    language    text not null,
    audience    text not null default '',
    source      text not null default '',
    circle_id   bigint constraint target_circle_fkey references circle,
    position    integer not null,
    constraint target_title_key unique (year, programme, title),
    constraint target_max_check check (max_count >= min_count)
);

-- Policy rows that exist from the first start -------------------------------------------------------------------------

insert into circle_kind (name, label_nl, label_en, visibility, confidential, joining, capacity, reminders) values
    ('community_of_practice', 'Community of Practice', 'Community of practice', 'public', false, 'open', null, '{P7D,P1D}'),
    ('intervision_group', 'Intervisiegroep', 'Peer group', 'circle', true, 'invited', null, '{P7D,P1D}'),
    ('ceo_meetup', 'CEO-ontmoeting', 'CEO meet-up', 'members', false, 'request', 30, '{P7D,P1D}'),
    ('lobby_cafe', 'Lobbycafé', 'Lobby café', 'members', false, 'open', 40, '{P7D,P1D}'),
    ('knowledge_cafe', 'Kenniscafé', 'Knowledge café', 'public', false, 'open', 80, '{P7D,P1D}'),
    ('general_assembly', 'Algemene Ledenvergadering', 'General assembly', 'members', false, 'invited', null, '{P14D,P1D}'),
    ('board_meeting', 'Bestuursvergadering', 'Board meeting', 'circle', false, 'invited', null, '{P7D,P1D}'),
    ('dinner', 'Diner pensant', 'Dinner', 'circle', false, 'invited', 24, '{P7D,P1D}'),
    ('training', 'Training', 'Training', 'members', false, 'open', 20, '{P7D,P1D}'),
    ('integrity_meeting', 'Integriteitsbijeenkomst', 'Integrity meeting', 'members', false, 'open', 40, '{P7D,P1D}'),
    ('working_group', 'Werkgroep', 'Working group', 'members', false, 'request', null, '{P7D,P1D}'),
    ('masterclass', 'Masterclass', 'Masterclass', 'circle', false, 'invited', 30, '{P7D,P1D}'),
    ('reception', 'Ontvangst', 'Reception', 'members', false, 'open', null, '{P7D,P1D}'),
    ('network_event', 'Netwerkbijeenkomst', 'Network gathering', 'public', false, 'open', 150, '{P7D,P1D}');

update circle_kind set minimum = 4, most_members = 8 where name = 'intervision_group';

insert into feed (kind, changed_at, created_at)
    values ('public', '2024-01-01 00:00:00+00', '2024-01-01 00:00:00+00');
