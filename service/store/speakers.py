"""Those who say something on a channel: who they are, what they may do, and the question that waits for them there."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

from service.model import Person
from service.store.people import PERSON, Standing
from service.store.prompts import Prompt

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Spoken:
    """A person who says something; `guarded`: by an address that is older than their second factor.

    `reachable`: what is sent to that address is believed to arrive.
    """

    person: Person
    standing: Standing
    guarded: bool
    prompt: Prompt | None
    reachable: bool


_PERSON = tuple(field.name for field in fields(Person))
_PROMPT = tuple(field.name for field in fields(Prompt))

SELECT_SPEAKERS = f"""
    select heard.position, p.*, s.member_of, s.facilitates,
        exists (select from second_factor f where f.person_id = p.id and f.confirmed_at is not null
                and (a.channel = 'mail' or not coalesce(a.verified_at > f.confirmed_at, false))) as guarded,
        a.undeliverable_at is null as reachable,
        {", ".join(f"q.{name} as prompt_{name}" for name in _PROMPT)}
    from unnest($3::text[], $4::text[]) with ordinality as heard (address, conversation, position)
    join address a on a.channel = $1 and a.value = heard.address
    cross join lateral ({PERSON} where p.id = a.person_id and p.erased_at is null) p
    cross join lateral (
        select coalesce(array_agg(m.circle_id), '{{}}') as member_of,
            coalesce(array_agg(m.circle_id) filter (where m.role = 'facilitator'), '{{}}') as facilitates
        from membership m where m.person_id = p.id and m.state = 'active'
    ) s
    left join pending_prompt q
        on q.person_id = p.id and q.channel = $2 and q.conversation = heard.conversation and q.expires_at > $5
"""


async def select_speakers(
    conn: "Connection", heard: Sequence[tuple[str, str]], *, channel: str, known_on: str, now: datetime
) -> list[Spoken | None]:
    """Read who speaks, each by an address (as it is kept, on the channel `known_on`) and in a conversation."""
    addresses, conversations = [address for address, _ in heard], [conversation for _, conversation in heard]
    spoken: list[Spoken | None] = [None] * len(heard)
    for row in await conn.fetch(SELECT_SPEAKERS, known_on, channel, addresses, conversations, now):
        prompt = None if row["prompt_id"] is None else Prompt(*(row[f"prompt_{name}"] for name in _PROMPT))
        spoken[row["position"] - 1] = Spoken(
            Person(*(row[name] for name in _PERSON)),
            Standing(row["role"], row["member_of"], row["facilitates"]),
            row["guarded"],
            prompt,
            row["reachable"],
        )
    return spoken
