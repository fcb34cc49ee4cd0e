"""Keeps the cards of groups up: looks a few times a second for marks, and has what they changed written anew.

Any number of processes may; what a card says and what becomes of its message is decided elsewhere.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from service.actions import group_cards
from service.actions.group_cards import Card
from service.channels import Outbound
from service.clock import Clock
from service.database import Database
from service.errors import Unavailable
from service.waking import Bell, wait

log = structlog.get_logger()

LOOK_SECONDS: Final = 0.25
"""How long a change may lie before it is seen."""

FAULT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Keeps cards up with what `compose` writes, `names` of them at most; `bell` wakes who sends."""

    db: Database
    clock: Clock
    compose: Callable[[Card, datetime], Outbound]
    names: int
    bell: Bell

    async def run(self, stop: asyncio.Event) -> None:
        """Keep cards up until `stop` is set; a fault ends nothing and is tried again later."""
        pause = LOOK_SECONDS
        while not await wait(stop, pause):
            try:
                await self._keep_up()
                pause = LOOK_SECONDS
            except Unavailable as fault:
                log.warning("cards_wait", reason=str(fault))
                pause = FAULT_SECONDS
            except Exception:
                log.exception("cards_not_written")
                pause = FAULT_SECONDS

    async def _keep_up(self) -> None:
        now = self.clock.now()
        compose = partial(_at, self.compose, now)
        while await group_cards.refresh(self.db, compose, names=self.names, now=now):
            self.bell.ring()


def _at(compose: Callable[[Card, datetime], Outbound], now: datetime, card: Card) -> Outbound:
    return compose(card, now)
