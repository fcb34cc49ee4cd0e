"""Everything that is held about one person, section by section, in one statement and so of one moment."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from service.database import Connection

_ABOUT: Final = "g.title_nl, g.title_en, c.title_nl as circle_nl, c.title_en as circle_en, g.starts_at, k.confidential"
_OF_GATHERING: Final = """
    left join gathering g on g.id = x.gathering_id
    left join circle c on c.id = g.circle_id left join circle_kind k on k.name = c.kind
"""
_OF_CIRCLE: Final = "left join circle c on c.id = x.circle_id left join circle_kind k on k.name = c.kind"

# Whoever else did something is not named; what others wrote, and secrets, stay out of the facts of a notice.
_SECTIONS: Final = {
    "person": """
        select id, name, language, role, preferred_channel, quiet_from, quiet_until, provisional_until, created_at
        from person where id = $1
    """,
    "addresses": """
        select channel, value, is_primary, verified_at, undeliverable_at, bounce_score, bounced_at, created_at
        from address where person_id = $1 order by channel, id
    """,
    "proposed_addresses": "select value, proposed_at from alias_proposal where person_id = $1 order by value",
    "affiliations": """
        select o.name as organisation, x.title, x.since, x.until
        from affiliation x join organisation o on o.id = x.organisation_id where x.person_id = $1 order by x.id
    """,
    "memberships": f"""
        select c.slug as circle, c.title_nl as circle_nl, c.title_en as circle_en, k.confidential, x.role, x.state,
            x.mails, x.reminders, x.since, x.until
        from membership x {_OF_CIRCLE} where x.person_id = $1 order by x.circle_id
    """,
    "registrations": f"""
        select {_ABOUT}, o.name as organisation, x.facilitator, x.partstat, x.seat, x.waiting_reason, x.mode, x.via,
            x.answered_at, x.invited_at, x.withdrawn_at, x.attendance, x.attendance_at, x.created_at, x.uid,
            x.calendar_status, x.sequence, x.dtstamp,
            (select coalesce(jsonb_agg(jsonb_build_object('at', h.at, 'via', h.via, 'partstat', h.partstat,
                    'seat', h.seat, 'note', h.note, 'by', case h.actor when 'person:' || $1 then 'themselves'
                    when 'kring' then 'Kring' else 'the association' end) order by h.id), '[]')
             from registration_history h where h.registration_id = x.id) as history
        from registration x {_OF_GATHERING} left join organisation o on o.id = x.organisation_id
        where x.person_id = $1 order by g.starts_at, x.id
    """,
    "ratings": f"""
        select {_ABOUT}, x.score, x.comment, x.rated_at
        from rating x {_OF_GATHERING} join registration r on r.id = x.registration_id
        where r.person_id = $1 order by x.id
    """,
    "answers": f"""
        select {_ABOUT}, coalesce(nullif(q.text_nl, ''), q.text_en) as question,
            coalesce(x.text, nullif(o.text_nl, ''), o.text_en, case when x.yes then 'yes' else 'no' end) as answer
        from (select a.*, r.gathering_id from question_answer a join registration r on r.id = a.registration_id
              where r.person_id = $1) x {_OF_GATHERING}
        join question q on q.id = x.question_id
        left join question_choice o on o.question_id = x.question_id and o.number = x.choice
        order by x.registration_id, q.place
    """,
    "votes": f"""
        select {_ABOUT}, m.starts_local as moment, v.vote, x.voted_at
        from poll_voter x {_OF_GATHERING} left join poll_vote v on v.voter_id = x.id
        left join poll_moment m on m.id = v.moment_id where x.person_id = $1 order by x.id, m.starts_at
    """,
    "notices": f"""
        select x.purpose, {_ABOUT}, x.channel, x.state, x.created_at, x.due_at, x.sent_at, x.error,
            x.facts - array['token', 'code', 'author', 'circle', 'outbound'] as facts,
            (select coalesce(jsonb_agg(jsonb_build_object('at', d.at, 'channel', d.channel, 'address', a.value,
                    'outcome', d.outcome, 'detail', d.detail) order by d.id), '[]')
             from delivery d left join address a on a.id = d.address_id where d.notice_id = x.id) as deliveries
        from notice x {_OF_GATHERING} where x.person_id = $1 order by x.id
    """,
    "feeds": f"""
        select x.kind, c.slug as circle, k.confidential, x.created_at, x.last_used_at, x.revoked_at
        from feed x {_OF_CIRCLE} where x.person_id = $1 order by x.id
    """,
    "sessions": """
        select agent, created_at, last_used_at, expires_at from web_session
        where person_id = $1 and not awaits_code order by id
    """,
    "sign_ins": "select created_at, expires_at, used_at from sign_in where person_id = $1 order by created_at",
    "second_factor": """
        select created_at, confirmed_at,
            (select count(*) from recovery_code c where c.person_id = x.person_id) as recovery_codes
        from second_factor x where person_id = $1
    """,
    "link_requests": """
        select channel, created_at, expires_at, used_at from link_request where person_id = $1 order by id
    """,
    "questions": """
        select channel, topic, asked, collected, expires_at from pending_prompt where person_id = $1 order by id
    """,
    "messages": f"""
        select x.channel, {_ABOUT}, x.envelope_from, x.received_at, x.state, x.reason, x.facts, x.done_at,
            encode(x.raw, 'base64') as raw
        from inbox x {_OF_GATHERING} where x.person_id = $1 order by x.id
    """,
    "broadcasts": f"""
        select {_ABOUT}, x.audience, x.text, x.created_at, x.called_off_at
        from broadcast x {_OF_GATHERING} where x.person_id = $1 order by x.id
    """,
    "group_cards": f"""
        select x.channel, {_ABOUT}, x.created_at, x.closed_at
        from group_card x {_OF_GATHERING} where x.person_id = $1 order by x.id
    """,
}
"""What is held, by the name of the section; a row that is about a confidential circle says so."""

SELECT_HELD = "select " + ", ".join(
    f"(select coalesce(jsonb_agg(to_jsonb(s)), '[]') from ({sql}) s) as {section}" for section, sql in _SECTIONS.items()
)


async def select_held(conn: "Connection", person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Read everything about a person."""
    found = await conn.fetchrow(SELECT_HELD, person_id)
    assert found is not None
    return {section: found[section] for section in _SECTIONS}
