"""A circle as full as circles get, and every page about it: for what a page costs in time, bytes and statements.

Lea leads it, Sanne belongs to the team, and Mia is in everything. `found` makes what is there once; `grow` makes, in
SQL, whatever a page can list: people, who asks to join, gatherings before and after now, who comes and who waits,
    votes,
ratings, messages, mails, files, feeds and devices. With more members than rows only the members grow on.
"""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from service.formats import tokens
from service.formats.tokens import Keys, handle, hashed
from service.rules.checking_in import slot

LEA, STAFF, MIA = 1, 2, 3
COMING, HELD, DRAFT, POLLED, IN_SERIES, OPEN = range(1, 7)
"""The gatherings: one to come, one that ended an hour ago, a draft, one that looks for its date, the first of a
series, and one that is going on."""
SESSIONS = {LEA: "l" * 43, STAFF: "s" * 43, MIA: "m" * 43}

MOMENT = "create temp table moment (at timestamptz); create temp table number (n integer, row boolean, tenth boolean)"
NUMBER = "insert into number select n, n <= $3, n <= $3 and n % 10 = 0 from generate_series($1::int, $2::int) n"
FOUND = """
    insert into organisation (name, created_at) select 'Stichting Wereldwijs', at from moment;
    insert into person (name, language, role, created_at)
        select name, 'nl', role, at from moment,
            (values ('Lea Leidt', 'member'), ('Sanne Staf', 'staff'), ('Mia Midden', 'member')) v (name, role);
    insert into address (person_id, channel, value, is_primary, verified_at, created_at)
        select id, 'mail', 'first' || id || '@example.org', true, at, at from person, moment;
    insert into affiliation (person_id, organisation_id, title, since)
        select id, 1, 'Adviseur', at::date from person, moment;
    insert into circle (slug, kind, title_nl, title_en, description_nl, language, created_at)
        select 'kring', 'community_of_practice', 'De volle kring', 'The full circle', repeat('Wat we doen. ', 40),
            'nl', at
        from moment;
    insert into membership (circle_id, person_id, role, state, since)
        select 1, id, case id when 1 then 'facilitator' else 'participant' end, 'active', at
        from person, moment where id <> 2;
    insert into series (circle_id, title_nl, created_at) select 1, 'De reeks', at from moment;
    insert into gathering (uid, circle_id, series_id, status, title_nl, title_en, description_nl, description_en,
        starts_local, ends_local, timezone, starts_at, ends_at, location, online_url, capacity, reminders, visibility,
        created_at, changed_at, published_at)
    select 'g' || n, 1, case n when 5 then 1 end, case when n in (3, 4) then 'draft' else 'published' end,
        'Wat er speelt ' || n, 'What matters ' || n, repeat('Wat we lezen. ', 60), '', starts, starts + interval '1
            hour',
        'UTC', starts at time zone 'UTC', starts at time zone 'UTC' + interval '1 hour', 'Domplein 4, Utrecht',
        case n when 3 then 'https://meet.example.org/kamer' else '' end, case n when 1 then 5000 end, '{P7D,P1D}',
        'public', at, at, case when n not in (3, 4) then at end
    from moment, generate_series(1, 6) n, lateral (
        select date_trunc('hour', at at time zone 'UTC') +
            case n when 2 then interval '-2 hours' when 6 then interval '0' else n * interval '5 days' end
    ) as t (starts);
    insert into registration (gathering_id, person_id, organisation_id, facilitator, partstat, seat, uid, dtstamp,
        calendar_status, invited_at, created_at, attendance)
    select g.id, p.id, 1, p.id = 1, case p.id when 1 then 'needs-action' else 'accepted' end,
        case p.id when 1 then 'none' else 'seated' end, 'f' || g.id || '.' || p.id, at, 'confirmed', at, at,
        case when g.id = 2 and p.id = 3 then 'present' end
    from gathering g, person p, moment where g.status = 'published' and p.id <> 2;
    insert into report (gathering_id, text, changed_at) select 2, repeat('Wat eruit kwam. ', 60), at from moment;
    insert into poll (gathering_id, created_at, asked_at) select 4, at, at from moment;
    insert into poll_moment (gathering_id, starts_local, ends_local, starts_at)
    select 4, starts, starts + interval '2 hours', starts at time zone 'UTC'
    from moment, generate_series(1, 10) n, lateral (select date_trunc('hour', at at time zone 'UTC') + n * interval
    '3 days') as t (starts);
    insert into poll_voter (gathering_id, person_id, voted_at) select 4, 3, at from moment;
    insert into question (gathering_id, place, kind, text_nl, text_en)
        values (1, 1, 'text', 'Wat eet je niet?', '');
    insert into second_factor (person_id, key_id, nonce, created_at) select 2, 'a', 'nonce', at from moment;
    insert into plan_year (year, starts_on) values (2026, '2026-01-01');
"""
GROW = """
    insert into organisation (name, created_at) select 'Lid ' || n, at from number, moment where row;
    insert into person (id, name, language, created_at) overriding system value
        select 1000 + n, 'Persoon ' || n || ' van der Voorbeeld', 'nl', at from number, moment;
    insert into address (person_id, channel, value, is_primary, verified_at, created_at)
        select 1000 + n, 'mail', 'persoon' || n || '@voorbeeld.example.org', true, at, at from number, moment;
    insert into affiliation (person_id, organisation_id, title, since)
        select 1000 + n, (select id from organisation where name = 'Lid ' || n % 100 + 1), 'Adviseur', at::date
        from number, moment where exists (select from organisation where name = 'Lid ' || n % 100 + 1);
    insert into membership (circle_id, person_id, role, state, since)
        select 1, 1000 + n, 'participant', 'active', at from number, moment;
    insert into person (id, name, language, created_at) overriding system value
        select 100000 + n, 'Vraagt ' || n, 'nl', at from number, moment where row;
    insert into membership (circle_id, person_id, role, state, since)
        select 1, 100000 + n, 'participant', 'requested', at from number, moment where row;
    insert into circle (slug, kind, title_nl, title_en, description_nl, language, created_at)
        select 'kring-' || n, 'knowledge_cafe', 'Kring ' || n, 'Circle ' || n, repeat('Wat we doen. ', 20), 'nl', at
        from number, moment where tenth;
    insert into membership (circle_id, person_id, role, state, since)
        select c.id, p.id, case p.id when 1 then 'facilitator' else 'participant' end, 'active', at
        from number, circle c, person p, moment where tenth and c.slug = 'kring-' || n and p.id in (1, 3);
    insert into gathering (uid, circle_id, series_id, status, title_nl, title_en, description_nl, description_en,
        starts_local, ends_local, timezone, starts_at, ends_at, location, reminders, visibility, created_at,
            changed_at,
        published_at)
    select 'n' || n || way, 1, case when way = 1 and n <= 50 then 1 end, 'published', 'Bijeenkomst ' || n, 'Gathering
        ' || n, '', '', starts,
        starts + interval '1 hour', 'UTC', starts at time zone 'UTC', starts at time zone 'UTC' + interval '1 hour',
        'Domplein 4, Utrecht', '{P7D,P1D}', 'public', at, at, at
    from number, moment, (values (1), (-1)) w (way),
        lateral (select date_trunc('hour', at at time zone 'UTC') + way * (interval '26 days' + n * interval '12
            hours')) as t (starts)
    where row;
    insert into registration (gathering_id, person_id, organisation_id, partstat, seat, uid, dtstamp, calendar_status,
        invited_at, created_at)
    select g.id, 3, 1, 'accepted', 'seated', 'm' || g.uid, at, 'confirmed', at, at
    from number, gathering g, moment where row and g.uid in ('n' || n || 1, 'n' || n || -1);
    insert into registration (gathering_id, person_id, organisation_id, partstat, seat, waiting_reason, queue_number,
        via,
        answered_at, uid, dtstamp, calendar_status, invited_at, created_at, attendance)
    select g.id, 1000 + n, f.organisation_id, 'accepted', case when waits then 'waiting' else 'seated' end,
        case when waits then 'full' end, case when waits then n end, 'link', at, 'r' || g.id || '.' || n, at,
            'confirmed', at, at,
        case when g.id = 2 then 'present' end
    from gathering g, moment, number left join affiliation f on f.person_id = 1000 + n,
        lateral (select g.id = 1 and n % 2 = 0) as s (waits)
    where row and g.id in (1, 2, 5, 6);
    insert into question_answer (registration_id, question_id, text)
        select r.id, 1, 'Geen noten, en liever geen vis' from registration r, number
        where row and r.gathering_id = 1 and r.person_id = 1000 + n;
    insert into registration_history (registration_id, at, actor, via, partstat, seat)
        select r.id, at, 'person:' || r.person_id, 'link', r.partstat, r.seat
        from registration r, number, moment where row and r.person_id = 1000 + n;
    insert into rating (gathering_id, registration_id, score, comment, rated_at)
        select 2, r.id, 8, 'Wat een goed gesprek was dit, dank aan iedereen.', at
        from registration r, number, moment where row and r.gathering_id = 2 and r.person_id = 1000 + n;
    insert into poll_voter (gathering_id, person_id, voted_at) select 4, 1000 + n, at from number, moment where row;
    insert into poll_vote (voter_id, moment_id, vote)
        select v.id, m.id, (array['yes', 'if-need-be', 'no'])[1 + (v.id + m.id) % 3] from poll_voter v, poll_moment m
        on conflict do nothing;
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, channel, facts, due_at, state,
        attempts, created_at, sent_at)
    select 'told:' || r.id, 'invitation', person_id, gathering_id, r.id, 'mail', '{"method": "REQUEST"}', at, 'sent',
        1, at, at
    from registration r, number, moment where row and r.person_id = 1000 + n;
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, facts, due_at, created_at)
    select 'reminder:' || r.id, 'reminder', person_id, gathering_id, r.id, '{"kind": "P1D"}', at + interval '4 days',
        at
    from registration r, number, moment where row and r.gathering_id = 1 and r.person_id = 1000 + n;
    insert into broadcast (gathering_id, audience, text, person_id, actor, created_at)
        select 1, 'everyone', 'Neem allemaal je jaarrekening mee. ' || n, 1, 'person:1', at from number, moment
            where row;
    insert into material (gathering_id, title, url, added_at)
        select 2, 'Stuk ' || n, 'https://example.org/stuk/' || n, at from number, moment where row and n <= 20;
    insert into inbox (channel, external_id, conversation, raw, received_at, not_before, state, reason, gathering_id,
        person_id)
        select 'mail', 'in' || n, 'in' || n, 'From: persoon@example.org', at, at, 'parked', 'unchecked', 1, 1000 + n
        from number, moment where row;
    insert into feed (kind, token_hash, person_id, circle_id, changed_at, created_at)
        select 'circle', decode(md5('feed' || n), 'hex'), 3, c.id, at, at from number, circle c, moment
        where tenth and c.slug = 'kring-' || n;
    insert into web_session (token_hash, person_id, form_key, agent, created_at, expires_at, last_used_at)
        select decode(md5('session' || n), 'hex'), 3, '\\x00', 'Firefox, Linux', at, at + interval '1 year', at
            from number, moment
        where tenth;
    insert into target (year, programme, title, kind, output, min_count, period, language, circle_id, position)
        select 2026, 'Programma ' || n % 9, 'Regel ' || n, 'knowledge_cafe', 'gathering', 2, 'year', 'nl',
            (select id from circle where slug = 'kring-' || n), n
        from number where row and n <= 40;
    delete from number;
"""
SIGN_IN = """
    insert into web_session (token_hash, person_id, form_key, created_at, expires_at, last_used_at)
    values ($1, $2, '\\x00', $3, $3::timestamptz + interval '1 hour', $3)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page: who asks for it and, for what a form leads to, what is typed."""

    path: str
    who: int | None = LEA
    typed: tuple[tuple[str, str], ...] | None = None


async def found(conn: asyncpg.Connection, now: datetime) -> None:
    """Make the circle and those who are in everything, each signed in."""
    await conn.execute(MOMENT)
    await conn.execute("insert into moment values ($1)", now)
    await conn.execute(FOUND)
    for person, token in SESSIONS.items():
        await conn.execute(SIGN_IN, hashed(token), person, now)


async def grow(conn: asyncpg.Connection, first: int, last: int, rows: int) -> None:
    """Make members `first` to `last`, and whatever else can be listed as far as it is not beyond `rows`.

    Of what one person has, such as circles, devices and feeds, there is a tenth of it.
    """
    await conn.execute(NUMBER, first, last, rows)
    await conn.execute(GROW)


# What the pages are --------------------------------------------------------------------------------------------------

CHANGED = (
    ("title_nl", "Wat er speelt"),
    ("location", "Janskerkhof 3, Utrecht"),
    ("day", "{day}"),
    ("starts", "10:00"),
    ("ends", "11:00"),
    ("timezone", "UTC"),
    ("visibility", "public"),
    ("reminders", "P1D"),
)
MESSAGE = (("audience", "everyone"), ("text", "Neem je jaarrekening mee."))
RULE = (("unit", "week"), ("every", "1"), ("times", "60"), ("skip", "yes"))
FOLLOWING = (("scope", "following"),)

PUBLIC = (
    Asked("/", None),
    Asked("/", MIA),
    Asked("/circles", MIA),
    Asked("/circles/kring", MIA),
    Asked("/gatherings/{coming}", MIA),
    Asked("/gatherings/{held}", MIA),
    Asked("/gatherings/{held}/rate", MIA),
    Asked("/login", None),
    Asked("/login/code", None),
    Asked("/login/app", None),
    Asked("/r/{answer}", None),
    Asked("/r/{rated}/rate", None),
    Asked("/u/{stop}", None),
    Asked("/p/{voter}", None),
    Asked("/polls/{polled}", MIA),
    Asked("/here/{sign}", MIA),
    Asked("/present/{present}", None),
)
OWN = (
    Asked("/me", MIA),
    Asked("/me/preferences", MIA),
    Asked("/me/sign-in", MIA),
    Asked("/me/data", MIA),
    Asked("/me/sign-in/app", STAFF),
)
CIRCLE = (
    Asked("/manage"),
    Asked("/manage/past"),
    Asked("/manage/circles"),
    Asked("/manage/circles/kring"),
    Asked("/manage/circles/kring/edit"),
    Asked("/manage/circles/kring/close", STAFF),
    Asked("/manage/circles/kring/members"),
    Asked("/manage/circles/kring/members?q=9"),
    Asked("/manage/circles/kring/members?show=requests"),
    Asked("/manage/circles/kring/members/add"),
    Asked("/manage/circles/kring/members/add?q=voor"),
    Asked("/manage/circles/kring/members/{member}"),
    Asked("/manage/circles/kring/gatherings/new"),
    Asked("/manage/circles/kring/gatherings/new", LEA, CHANGED + RULE),
    Asked("/manage/new"),
    Asked("/manage/inbox"),
    Asked("/manage/inbox/{mail}"),
)
GATHERING = (
    Asked("/manage/gatherings/{coming}"),
    Asked("/manage/gatherings/{held}"),
    Asked("/manage/gatherings/{draft}/publish"),
    Asked("/manage/gatherings/{coming}/cancel"),
    Asked("/manage/gatherings/{coming}/cancel", LEA, (("reason", "De spreker is ziek."),)),
    Asked("/manage/gatherings/{series}/cancel", LEA, (("reason", "De zaal is dicht."), *FOLLOWING)),
    Asked("/manage/gatherings/{coming}/edit"),
    Asked("/manage/gatherings/{coming}/edit", LEA, CHANGED),
    Asked("/manage/gatherings/{series}/edit", LEA, CHANGED + FOLLOWING),
    Asked("/manage/gatherings/{coming}/duplicate"),
    Asked("/manage/gatherings/{coming}/seats"),
    Asked("/manage/gatherings/{coming}/seats", LEA, (("seat", "{member}:demote"),)),
    Asked("/manage/gatherings/{polled}/poll"),
    Asked("/manage/gatherings/{polled}/poll?of={moment}"),
    Asked("/manage/gatherings/{polled}/poll", LEA, (("moment", "{moment}"),)),
    Asked("/manage/gatherings/{coming}/guests"),
    Asked("/manage/gatherings/{coming}/questions"),
    Asked("/manage/gatherings/{coming}/questions/new"),
    Asked("/manage/gatherings/{coming}/questions/1"),
    Asked("/manage/gatherings/{coming}/answers"),
    Asked("/manage/gatherings/{open}/roster"),
    Asked("/manage/gatherings/{open}/roster?show=all"),
    Asked("/manage/gatherings/{open}/roster/find?q=voor"),
    Asked("/manage/gatherings/{open}/roster/sheet"),
    Asked("/manage/gatherings/{open}/check-in"),
    Asked("/manage/gatherings/{held}/report"),
    Asked("/manage/gatherings/{held}/report/tell"),
    Asked("/manage/gatherings/{coming}/messages"),
    Asked("/manage/gatherings/{coming}/messages", LEA, MESSAGE),
    Asked("/manage/gatherings/{coming}/notices"),
    Asked("/manage/series/1"),
    Asked("/manage/series/1/publish"),
)
TEAM = (
    Asked("/manage/kinds", STAFF),
    Asked("/manage/new-kind", STAFF),
    Asked("/manage/kinds/knowledge_cafe", STAFF),
    Asked("/manage/new-circle", STAFF),
    Asked("/manage/people", STAFF),
    Asked("/manage/people?q=voor", STAFF),
    Asked("/manage/new-person", STAFF),
    Asked("/manage/people/{person}", STAFF),
    Asked("/manage/people/{person}/data", STAFF),
    Asked("/manage/organisations", STAFF),
    Asked("/manage/new-organisation", STAFF),
    Asked("/manage/organisations/1", STAFF),
    Asked("/manage/plan", STAFF),
    Asked("/manage/plan/2026", STAFF),
)
PAGES = (*PUBLIC, *OWN, *CIRCLE, *GATHERING, *TEAM)


async def places(conn: asyncpg.Connection, keys: Keys, now: datetime) -> dict[str, str]:
    """Return what stands in the paths for what was found."""

    async def registration(gathering: int, person: int) -> int:
        sql = "select id from registration where gathering_id = $1 and person_id = $2"
        return int(await conn.fetchval(sql, gathering, person))

    voter = await conn.fetchval("select id from poll_voter where person_id = $1", MIA)
    return {
        "coming": str(COMING),
        "held": str(HELD),
        "open": str(OPEN),
        "draft": str(DRAFT),
        "polled": str(POLLED),
        "series": str(IN_SERIES),
        "member": "1001",
        "person": str(MIA),
        "mail": str(await conn.fetchval("select min(id) from inbox")),
        "moment": str(await conn.fetchval("select min(id) from poll_moment")),
        "day": (await conn.fetchval("select starts_local from gathering where id = $1", COMING)).date().isoformat(),
        "answer": handle(keys, tokens.ANSWER, await registration(COMING, MIA)),
        "stop": handle(keys, "u", await registration(COMING, MIA)),
        "rated": handle(keys, tokens.ANSWER, await registration(HELD, MIA)),
        "present": handle(keys, tokens.PRESENT, await registration(OPEN, MIA)),
        "voter": tokens.handle(keys, tokens.POLL, voter),
        "sign": handle(keys, tokens.SIGN, OPEN, slot(now)),
    }
