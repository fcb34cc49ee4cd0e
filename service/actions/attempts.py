"""One attempt to deliver one notice: is it still of use, where does it go, and what does a failure mean for it.

Which notices, when and how many at once is decided in `service/actions/delivery.py`, which also keeps what came of it.
"""

import secrets
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from service.channels import MAIL, DueNotice, Sender
from service.clock import Clock
from service.database import Database
from service.errors import DeliveryFailed, Unavailable
from service.formats.tokens import Keys, peppered_by_each
from service.model import NoticeState, Purpose
from service.rules import quiet, retries, usefulness
from service.store import notices
from service.store.notices import Outcome

log = structlog.get_logger()

STALE_AFTER: Final = timedelta(seconds=30)
"""What was read longer ago than this is read again before it is sent."""

MOST_FAULTS: Final = 3
"""How often a notice may be attempted that cannot be written."""


class Outage(Exception):
    """A channel as a whole does not answer: nobody's message failed, all of them wait, `pause` seconds at least."""

    def __init__(self, detail: str, pause: float = 0.0) -> None:
        super().__init__(detail)
        self.pause = pause


class Closed(Exception):
    """A channel lets us in no more until somebody changes a setting."""


def through(failure: DeliveryFailed) -> Outage | Closed:
    """Tell what a failure of the channel as a whole means for everything that waits for it."""
    return Closed(failure.detail) if failure.closed else Outage(failure.detail, failure.pause or 0.0)


@dataclass(frozen=True, slots=True)
class Job:
    """A notice to deliver; `suppressed` is why its address is no longer used."""

    due: DueNotice
    suppressed: str | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts notices over one channel on behalf of one owner, the worker that claimed them."""

    db: Database
    sender: Sender
    keys: Keys
    clock: Clock
    owner: int

    async def read(self, ids: Sequence[int]) -> list[Job]:
        """Read what is needed to deliver claimed notices, what somebody waits for first."""
        now = self.clock.now()
        async with self.db.reading() as conn:
            found = await notices.select_due(conn, ids, now)
            hashes = {due.id: peppered_by_each(self.keys, due.address) for due in found if due.address is not None}
            suppressed = await notices.select_suppressed(conn, [one for many in hashes.values() for one in many])
        return [Job(due, _first(hashes.get(due.id, ()), suppressed), now) for due in found]

    async def attempt(self, job: Job) -> Outcome | None:
        """Deliver a notice if it should be, and return what came of it; None when it is no longer there.

        Raises Outage or Closed when the fault lies with the channel and not with this notice.
        """
        if self.clock.now() - job.read_at > STALE_AFTER:
            again = await self.read([job.due.id])
            if not again:
                return None
            job = again[0]
        try:
            return self._unsent(job) or self._postponed(job.due) or await self._deliver(job.due)
        except (Outage, Closed, Unavailable):
            raise
        except Exception as error:
            return self._faulty(job.due, error)

    def _unsent(self, job: Job) -> Outcome | None:
        now, due = self.clock.now(), job.due
        reason = usefulness.reason_against(due, now)
        if reason is not None:
            return Outcome(due.id, self.owner, NoticeState.EXPIRED, now, detail=reason)
        if due.attempted_at is not None and self._doubles(due):
            return self._unknown(due, "the worker ended while handing it over")
        if due.address is None:
            return self._elsewhere(due, "no deliverable address")
        if job.suppressed is not None and usefulness.is_suppressed(due, job.suppressed):
            return Outcome(due.id, self.owner, NoticeState.FAILED, now, detail=f"suppressed: {job.suppressed}")
        return None

    def _postponed(self, due: DueNotice) -> Outcome | None:
        """Let what can wait, wait until the person's quiet hours are over; then it is looked at anew."""
        if due.gathering is None or due.purpose not in quiet.CAN_WAIT:
            return None
        now = self.clock.now()
        ends_at = quiet.ends_at(due.quiet_from, due.quiet_until, due.gathering.timezone, now)
        if ends_at is None:
            return None
        return Outcome(due.id, self.owner, NoticeState.PLANNED, now, retry_at=ends_at, postponed=True)

    async def _deliver(self, due: DueNotice) -> Outcome | None:
        if self._doubles(due):
            async with self.db.transaction() as conn:
                if not await notices.begin(conn, due.id, self.owner, self.clock.now()):
                    return None
        try:
            receipt = await self.sender.deliver(due)
        except DeliveryFailed as failure:
            if failure.closed or failure.pause is not None:
                raise through(failure) from failure
            if failure.permanent:
                return self._refused(due, failure)
            if failure.uncertain and self._doubles(due):
                return self._unknown(due, failure.detail)
            return await self._deferred(due, failure)
        return self._handed(due, NoticeState.SENT, "sent", receipt.detail)

    def _doubles(self, due: DueNotice) -> bool:
        """Tell whether a second hand-over would be a second message that nobody needs.

        The answer to what somebody asked is worth more twice than not at all.
        """
        return not self.sender.capabilities.idempotent_send and due.purpose != Purpose.ANSWER

    def _unknown(self, due: DueNotice, detail: str) -> Outcome:
        """Leave open what became of it, and tell the same once more by mail, which can be repeated."""
        return self._handed(due, NoticeState.UNKNOWN, "unknown", detail, repeated="mailed" not in due.facts)

    def _elsewhere(self, due: DueNotice, detail: str) -> Outcome:
        """Go on by mail, where that is not what just failed and has not told it already; else give up."""
        now = self.clock.now()
        if due.channel == MAIL or due.person_id is None or due.purpose == Purpose.ANSWER:
            return Outcome(due.id, self.owner, NoticeState.FAILED, now, detail=detail)
        if "mailed" in due.facts:
            return Outcome(due.id, self.owner, NoticeState.EXPIRED, now, detail="told by mail")
        return Outcome(due.id, self.owner, NoticeState.PLANNED, now, detail=detail, retry_at=now, lane=MAIL)

    def _refused(self, due: DueNotice, failure: DeliveryFailed) -> Outcome:
        """Give up, or go on to the person's next address where this one is gone, or by mail."""
        gone = failure.address_at_fault and due.address_id is not None
        if gone and due.others:
            again = self.clock.now()
            return self._handed(due, NoticeState.PLANNED, "refused", failure.detail, retry_at=again, undeliverable=True)
        onward = self._elsewhere(due, failure.detail)
        return onward._replace(handed="refused", channel=due.channel, address_id=due.address_id, undeliverable=gone)

    async def _deferred(self, due: DueNotice, failure: DeliveryFailed) -> Outcome:
        try:
            await self.sender.check()
        except DeliveryFailed as outage:
            raise through(outage) from failure
        failures = due.retries + 1
        spread = retries.jitter(due.id, failures)
        first = retries.PROMPT_PAUSE if due.purpose == Purpose.ANSWER else retries.FIRST_PAUSE
        retry_at = retries.next_try(failures, due.due_at, self.clock.now(), spread, first=first)
        state = NoticeState.FAILED if retry_at is None else NoticeState.PLANNED
        return self._handed(due, state, "deferred", failure.detail, retry_at=retry_at)

    def _faulty(self, due: DueNotice, error: Exception) -> Outcome:
        """Count a notice that cannot be written against itself; the log gets the place and never the words."""
        reference = secrets.token_hex(4)
        where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        log.error("notice_faulty", notice=due.id, reference=reference, error=type(error).__name__, where=where[-5:])
        now, detail = self.clock.now(), f"a fault of Kring, reference {reference}"
        if due.attempts >= MOST_FAULTS:
            return Outcome(due.id, self.owner, NoticeState.FAILED, now, detail=detail)
        retry_at = retries.next_try(due.attempts, now, now, retries.jitter(due.id, due.attempts))
        return Outcome(due.id, self.owner, NoticeState.PLANNED, now, detail=detail, retry_at=retry_at)

    def _handed(
        self,
        due: DueNotice,
        state: NoticeState,
        handed: str,
        detail: str,
        *,
        retry_at: datetime | None = None,
        undeliverable: bool = False,
        repeated: bool = False,
    ) -> Outcome:
        return Outcome(
            due.id,
            self.owner,
            state,
            self.clock.now(),
            handed,
            due.channel,
            due.address_id,
            detail,
            retry_at,
            undeliverable,
            repeated=repeated,
        )


def _first(hashes: Sequence[bytes], suppressed: Mapping[bytes, str]) -> str | None:
    return next((suppressed[one] for one in hashes if one in suppressed), None)
