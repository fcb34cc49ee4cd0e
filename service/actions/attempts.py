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

from service.channels import DueNotice, Sender
from service.clock import Clock
from service.database import Database
from service.errors import DeliveryFailed
from service.formats.tokens import Keys, peppered
from service.model import NoticeState
from service.rules import quiet, retries, usefulness
from service.store import notices
from service.store.notices import Outcome

log = structlog.get_logger()

STALE_AFTER: Final = timedelta(seconds=30)
"""What was read longer ago than this is read again before it is sent."""

MOST_FAULTS: Final = 3
"""How often a notice may be attempted that cannot be written."""


class Outage(Exception):
    """A channel as a whole does not answer: nobody's message failed, all of them wait."""


@dataclass(frozen=True, slots=True)
class Job:
    """A notice to deliver; `suppressed` is why its address is no longer used."""

    due: DueNotice
    suppressed: str | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts notices on behalf of one owner, the worker that claimed them; `zone` is the association's."""

    db: Database
    senders: Mapping[str, Sender]
    keys: Keys
    clock: Clock
    owner: int
    zone: str = "UTC"

    async def read(self, ids: Sequence[int]) -> list[Job]:
        """Read what is needed to deliver claimed notices, what somebody waits for first."""
        now = self.clock.now()
        async with self.db.reading() as conn:
            found = await notices.select_due(conn, ids, list(self.senders))
            hashes = {due.id: self._hashes(due.address) for due in found if due.address is not None}
            suppressed = await notices.select_suppressed(conn, [one for many in hashes.values() for one in many])
        return [Job(due, _first(hashes.get(due.id, ()), suppressed), now) for due in found]

    async def attempt(self, job: Job) -> Outcome | None:
        """Deliver a notice if it should be, and return what came of it; None when it is no longer there.

        Raises Outage when the fault lies with the channel and not with this notice.
        """
        if self.clock.now() - job.read_at > STALE_AFTER:
            again = await self.read([job.due.id])
            if not again:
                return None
            job = again[0]
        try:
            return self._unsent(job) or self._postponed(job.due) or await self._deliver(job.due)
        except Outage:
            raise
        except Exception as error:
            return self._faulty(job.due, error)

    def _hashes(self, address: str) -> list[bytes]:
        """Hash an address with every key: what an older one suppressed stays suppressed."""
        return [peppered({name: key}, address) for name, key in self.keys.items()]

    def _unsent(self, job: Job) -> Outcome | None:
        now = self.clock.now()
        reason = usefulness.reason_against(job.due, now)
        if reason is not None:
            return Outcome(job.due.id, self.owner, NoticeState.EXPIRED, now, detail=reason)
        if job.due.address is None:
            return Outcome(job.due.id, self.owner, NoticeState.FAILED, now, detail="no deliverable address")
        if job.suppressed is not None and (job.suppressed == "bounced" or usefulness.is_list_mail(job.due)):
            return Outcome(job.due.id, self.owner, NoticeState.FAILED, now, detail=f"suppressed: {job.suppressed}")
        return None

    def _postponed(self, due: DueNotice) -> Outcome | None:
        """Let what can wait, wait until the person's quiet hours are over; then it is looked at anew."""
        if due.purpose not in quiet.CAN_WAIT:
            return None
        zone = due.gathering.timezone if due.gathering is not None else self.zone
        ends_at = quiet.ends_at(due.quiet_from, due.quiet_until, zone, self.clock.now())
        if ends_at is None:
            return None
        waits = NoticeState.PLANNED
        return Outcome(due.id, self.owner, waits, self.clock.now(), retry_at=ends_at, postponed=True)

    async def _deliver(self, due: DueNotice) -> Outcome:
        assert due.channel is not None
        sender = self.senders[due.channel]
        try:
            receipt = await sender.deliver(due)
        except DeliveryFailed as failure:
            return self._refused(due, failure) if failure.permanent else await self._deferred(due, failure)
        return self._handed(due, NoticeState.SENT, "sent", receipt.detail)

    def _refused(self, due: DueNotice, failure: DeliveryFailed) -> Outcome:
        """Give up, or go on to the person's next address where this one is gone."""
        if failure.address_at_fault and due.others:
            again = self.clock.now()
            return self._handed(due, NoticeState.PLANNED, "refused", failure.detail, retry_at=again, undeliverable=True)
        gone = failure.address_at_fault
        return self._handed(due, NoticeState.FAILED, "refused", failure.detail, undeliverable=gone)

    async def _deferred(self, due: DueNotice, failure: DeliveryFailed) -> Outcome:
        assert due.channel is not None
        try:
            await self.senders[due.channel].check()
        except DeliveryFailed as outage:
            raise Outage(outage.detail) from failure
        failures = due.retries + 1
        spread = retries.jitter(due.id, failures)
        retry_at = retries.next_try(failures, due.due_at, self.clock.now(), spread)
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
        )


def _first(hashes: Sequence[bytes], suppressed: Mapping[bytes, str]) -> str | None:
    return next((suppressed[one] for one in hashes if one in suppressed), None)
