"""Connecting a chat to a person: by a link from their own page, or by a code mailed to an address of theirs.

Nothing else connects: no name, no telephone number, no address that somebody merely typed. A chat is one person's, and
whoever had it or is given another one is told. Connecting makes the chat the preferred channel.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from service.actions.allowances import Limit, spend
from service.channels import MAIL
from service.database import Database
from service.errors import Expired, NotAllowed
from service.formats.addresses import normalised
from service.formats.cleaning import clean_line
from service.formats.tokens import Keys, hashed
from service.model import Person, Purpose
from service.rules import access
from service.rules.access import Actor, Object, Verb
from service.rules.notices import NewNotice
from service.store import addresses, links, outbox, people, second_factors, sign_ins
from service.store.links import Connected

if TYPE_CHECKING:
    from service.database import Connection

log = structlog.get_logger()

LINK_LASTS: Final = timedelta(hours=48)
CODE_LASTS: Final = timedelta(minutes=15)
TRIES: Final = 5
KEPT: Final = timedelta(days=7)

PER_CHAT: Final = Limit("link-chat", 5, timedelta(days=1))
PER_ADDRESS: Final = Limit("link-address", 3, timedelta(days=1))

_ACCOUNT: Final = 80


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link would connect, shown so that its owner knows it and nobody else learns much."""

    request_id: int
    name: str
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a code: `open` False where none was expected, `person` None where it was wrong."""

    open: bool
    person: Person | None = None


async def begin(db: Database, actor: Actor, channel: str, *, now: datetime) -> str:
    """Make a link for whoever is signed in and return its token; an older one that is still open ends."""
    access.require(actor, Verb.CONNECT, Object(person_id=actor.person_id))
    assert actor.person_id is not None
    token = secrets.token_urlsafe(16)
    async with db.transaction() as conn:
        await links.end_links(conn, actor.person_id, now)
        await links.insert_link(
            conn, channel, actor.person_id, token_hash=hashed(token), expires_at=now + LINK_LASTS, now=now
        )
    return token


async def look(db: Database, channel: str, token: str, address: str, *, now: datetime) -> Offer:
    """Open a link in a chat and show what it would connect; raises Expired for one that is used, old or not ours."""
    async with db.transaction() as conn:
        found = await links.open_link(conn, channel, hashed(token), address, now)
        person = found and found.person_id and await people.select_person(conn, found.person_id)
    if not found or not person:
        raise Expired
    return Offer(found.id, _masked_name(person.name), _masked(person.email or ""), person.language)


async def accept(db: Database, channel: str, request_id: int, address: str, *, account: str, now: datetime) -> Person:
    """Connect the chat that opened a link; raises Expired for any other chat, and the second time."""
    async with db.transaction() as conn:
        found = await links.use_link(conn, request_id, channel, address, now)
        if found is None or found.person_id is None:
            raise Expired
        return await _connect(conn, found.person_id, channel, address, account=account, now=now)


async def refuse(db: Database, channel: str, request_id: int, address: str, *, now: datetime) -> None:
    """Use a link up without connecting anything; raises Expired as `accept` does."""
    async with db.transaction() as conn:
        if await links.use_link(conn, request_id, channel, address, now) is None:
            raise Expired


async def ask_code(db: Database, channel: str, address: str, email: str, *, keys: Keys, now: datetime) -> None:
    """Mail a code for a chat to an address, if it is known and has not had too many.

    Whoever signs in with a second factor gets none: their mail alone connects nothing, only their own page does.
    Nothing tells whether it is known. Raises NotAllowed when this chat asked too often, Invalid for no mail address.
    """
    value = normalised(email)
    async with db.transaction() as conn:
        if not await spend(conn, PER_CHAT, f"{channel}:{address}", keys=keys, now=now):
            raise NotAllowed
        within_limit = await spend(conn, PER_ADDRESS, value, keys=keys, now=now)
        person_id = await sign_ins.select_person_by_mail(conn, value) if within_limit else None
        if person_id is not None and await second_factors.select_state(conn, person_id):
            person_id = None
        code = f"{secrets.randbelow(10**6):06}"
        await links.end_codes(conn, channel, address, now)
        request_id = await links.insert_link(
            conn,
            channel,
            person_id,
            address=address,
            code_hash=_code_hash(channel, address, code),
            expires_at=now + CODE_LASTS,
            now=now,
        )
        if person_id is not None:
            facts = {"code": code, "to": value}
            await _mail(conn, Purpose.LINK_CODE, person_id, f"{request_id}", facts, now, expires_at=now + CODE_LASTS)


async def try_code(db: Database, channel: str, address: str, code: str, *, account: str, now: datetime) -> Tried:
    """Connect a chat with the code that was mailed for it; a wrong one counts, and the fifth was the last."""
    given = _code_hash(channel, address, code)
    async with db.transaction() as conn:
        found = await links.count_code(conn, channel, address, limit=TRIES, now=now)
        if found is None:
            return Tried(open=False)
        right = hmac.compare_digest(found.code_hash, given)
        if not right or found.person_id is None or await links.use_code(conn, found.id, now) is None:
            return Tried(open=True)
        if await second_factors.select_state(conn, found.person_id):  # set up since the code was mailed
            return Tried(open=True)
        return Tried(True, await _connect(conn, found.person_id, channel, address, account=account, now=now))


async def disconnect(db: Database, actor: Actor, channel: str, *, now: datetime) -> list[str]:
    """Part a person from their chats on a channel, and return which those were; what waits for them goes by mail."""
    access.require(actor, Verb.CONNECT, Object(person_id=actor.person_id))
    assert actor.person_id is not None
    async with db.transaction() as conn:
        gone = await links.take_away(conn, channel, "", actor.person_id)
        await parted(conn, actor.person_id, now=now)
    if gone:
        log.info("disconnected", channel=channel, person=actor.person_id)
    return [one.value for one in gone]


async def parted(conn: "Connection", person_id: int, *, now: datetime) -> None:
    """Do what follows when a person has a chat no more: links that are open end, and what waits goes by mail."""
    await links.end_links(conn, person_id, now)
    await _back_to_mail(conn, person_id)


async def connected(db: Database, actor: Actor, channel: str) -> bool:
    """Tell whether whoever is signed in has a chat on a channel."""
    access.require(actor, Verb.CONNECT, Object(person_id=actor.person_id))
    assert actor.person_id is not None
    async with db.reading() as conn:
        return bool(await links.select_chats(conn, actor.person_id, channel))


async def reach(db: Database, channel: str, address: str, *, reachable: bool, now: datetime) -> None:
    """Note that somebody has blocked Kring in their chat, or takes messages again; meanwhile they are told by mail."""
    async with db.transaction() as conn:
        person_id = await links.set_reachable(conn, channel, address, reachable=reachable, now=now)
        if person_id is not None:
            person = await people.select_person(conn, person_id)
            wanted = person.preferred_channel if person is not None else MAIL
            await outbox.reroute(conn, person_id, wanted if reachable else MAIL)


async def forget_old(db: Database, *, now: datetime) -> None:
    """Remove the requests that are long over."""
    async with db.transaction() as conn:
        await links.delete_old(conn, now - KEPT)


async def _connect(
    conn: "Connection", person_id: int, channel: str, address: str, *, account: str, now: datetime
) -> Person:
    """Give a chat to a person: from whoever had it, in the place of what they had, with a word to every side."""
    before = await links.take_away(conn, channel, address, person_id)
    await addresses.trust_primary(conn, person_id, channel, address, now)
    await links.prefer(conn, person_id, channel)
    await outbox.reroute(conn, person_id, channel)
    await links.end_links(conn, person_id, now)
    await links.end_codes(conn, channel, address, now)
    for one in before:
        await _tell_old_side(conn, one, person_id, channel, address, now)
    person = await people.select_person(conn, person_id)
    assert person is not None
    key, facts = f"{channel}:{address}:{now.isoformat()}", {"account": clean_line(account, _ACCOUNT)}
    await _mail(conn, Purpose.LINKED, person_id, f"{person_id}:{key}", facts, now)
    log.info("connected", channel=channel, person=person_id)
    return person


async def _tell_old_side(
    conn: "Connection", old: Connected, person_id: int, channel: str, address: str, now: datetime
) -> None:
    if old.person_id != person_id:
        await _back_to_mail(conn, old.person_id)
        await _mail(conn, Purpose.UNLINKED, old.person_id, f"{old.person_id}:{address}:{now.isoformat()}", {}, now)
    elif old.value != address:
        person = await people.select_person(conn, person_id)
        notice = NewNotice(
            dedupe_key=f"{Purpose.UNLINKED}:{old.value}:{now.isoformat()}",
            purpose=Purpose.UNLINKED,
            person_id=None,
            due_at=now,
            channel=channel,
            conversation=old.value,
            facts={"language": person.language if person else "nl"},
        )
        await outbox.insert_notices(conn, [notice], now)


async def _back_to_mail(conn: "Connection", person_id: int) -> None:
    await links.prefer(conn, person_id, MAIL)
    await outbox.reroute(conn, person_id, MAIL)


async def _mail(
    conn: "Connection",
    purpose: Purpose,
    person_id: int,
    key: str,
    facts: dict[str, str],
    now: datetime,
    *,
    expires_at: datetime | None = None,
) -> None:
    notice = NewNotice(f"{purpose}:{key}", purpose, person_id, now, channel=MAIL, facts=facts, expires_at=expires_at)
    await outbox.insert_notices(conn, [notice], now)


def _code_hash(channel: str, address: str, code: str) -> bytes:
    """Hash a code together with the chat that asked: it is good nowhere else."""
    return hashed(f"{channel}|{address}|{code}")


def _masked_name(name: str) -> str:
    """Show of a name the first letters, and the small words as they are."""
    words = name.split()
    return " ".join(word if word.islower() and len(words) > 1 else f"{word[:1]}…" for word in words)


def _masked(email: str) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}" if local else ""
