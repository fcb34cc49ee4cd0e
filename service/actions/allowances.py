"""How often a visitor may make Kring do something: steps that count inside the transaction of an action.

Keys hold no more than a peppered hash: the table tells nobody which address or network tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

from service.database import Database
from service.formats.tokens import Keys, peppered
from service.store import allowances

if TYPE_CHECKING:
    from service.database import Connection

_EPOCH: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
_KEPT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` times per `span`, counted in whole spans."""

    name: str
    count: int
    span: timedelta


SIGN_IN_ADDRESS: Final = Limit("sign-in-address", 5, timedelta(hours=1))
SIGN_IN_NETWORK: Final = Limit("sign-in-network", 30, timedelta(hours=1))
VISITOR_ADDRESS: Final = Limit("visitor-address", 3, timedelta(days=1))
VISITOR_NETWORK: Final = Limit("visitor-network", 10, timedelta(hours=1))


async def spend(conn: "Connection", limit: Limit, who: str, *, keys: Keys, now: datetime) -> bool:
    """Count one more by this address or network; False when that is too many."""
    key = peppered(keys, f"{limit.name}|{who}").hex()
    return await allowances.take(conn, key, now - (now - _EPOCH) % limit.span, limit.count)


async def spend_each(conn: "Connection", limits: Sequence[tuple[Limit, str]], *, keys: Keys, now: datetime) -> bool:
    """Count one more against each limit; what one of them refuses does not count for the next."""
    for limit, who in limits:
        if not await spend(conn, limit, who, keys=keys, now=now):
            return False
    return True


async def spend_several(conn: "Connection", limit: Limit, who: str, count: int, *, now: datetime) -> bool:
    """Count several more by an actor, whose name is a number and needs no hash; False, none counted, for too many."""
    return await allowances.take(conn, f"{limit.name}|{who}", now - (now - _EPOCH) % limit.span, limit.count, count)


async def allow(db: Database, limit: Limit, who: str, *, keys: Keys, now: datetime) -> bool:
    """Count one more, in a transaction of its own; False when that is too many."""
    async with db.transaction() as conn:
        return await spend(conn, limit, who, keys=keys, now=now)


def network(address: str | None) -> str:
    """Return what counts as one visitor: the address itself, of IPv6 the /64 that a household gets."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else str(found)


async def forget_old(db: Database, *, now: datetime) -> None:
    """Forget the counts of spans that are over."""
    async with db.transaction() as conn:
        await allowances.delete_old_allowances(conn, now - _KEPT)
