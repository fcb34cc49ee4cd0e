"""Poll a mailbox over IMAP: what is new goes into the inbox, and only then it is put aside in the mailbox.

For an association whose mail server cannot hand over by LMTP. One process at a time polls, elected by advisory lock;
how far it has come is kept beside what it took in: nothing is lost or taken twice, whatever breaks in between.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

import structlog

from bots.mail.account import MailboxFault, Refused
from bots.mail.envelope import Arrived, taken_out
from bots.mail.imap import LARGEST, Mailbox
from bots.mail.recipients import Ours
from service.actions import mailboxes
from service.actions.mailboxes import Message
from service.clock import Clock
from service.database import Database, Election
from service.errors import Unavailable
from service.store.mailboxes import Cursor
from service.waking import wait

log = structlog.get_logger()

OFFICE: Final = "poller of the mailbox"
PAUSE_SECONDS: Final = 15.0
LONGEST_PAUSE_SECONDS: Final = 600.0
TALK_SECONDS: Final = 150.0
"""How long one errand to the server may take, whatever it sends meanwhile."""

STOP_SECONDS: Final = 1.0

AT_ONCE: Final = 20
BYTES_AT_ONCE: Final = 2 * LARGEST
TRIES: Final = 3
"""How often a mail that the server does not give is asked for before the next ones are taken."""

T = TypeVar("T")


@dataclass(slots=True)
class Poller:
    """Takes in what comes to one mailbox."""

    db: Database
    clock: Clock
    channel: str
    mailbox: Mailbox
    ours: Ours
    pause: float = PAUSE_SECONDS
    _refused: dict[int, int] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set; stand by while another process does."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hang_up_after(stop))
            while not stop.is_set():
                try:
                    async with self.db.elected(OFFICE, stop=stop) as election:
                        await self._poll(election, stop)
                except Unavailable as fault:
                    log.warning("mailbox_waits", reason=str(fault))
                    await wait(stop, self.pause)
            await self._errand(self.mailbox.close)

    async def _poll(self, election: Election, stop: asyncio.Event) -> None:
        """Look again and again; after a fault later each time."""
        faults = 0
        while not stop.is_set():
            await election.holds()
            try:
                await self.take_in()
                faults = 0
            except MailboxFault as fault:
                if stop.is_set():
                    return
                faults += 1
                log.warning(
                    "mailbox_fault",
                    mailbox=self.mailbox.account.name,
                    reason=str(fault),
                    times=faults,
                    again_in=patience(self.pause, faults),
                )
            await wait(stop, patience(self.pause, faults))

    async def take_in(self) -> int:
        """Take in everything that is new, and return how many mails that were; raises MailboxFault, Unavailable."""
        name, box, taken = self.mailbox.account.name, self.mailbox, 0
        validity = await self._errand(box.open)
        cursor = await mailboxes.cursor(self.db, name)
        if cursor is None or cursor.validity != validity:
            # The numbers mean something else than before (RFC 3501 section 2.3.1.1): everything counts as new, and what
            # is in the inbox already is not put there twice.
            log.info("mailbox_from_its_beginning", mailbox=name)
            cursor = Cursor(validity, 0)
        while new := await self._errand(partial(box.newer, cursor.uid)):
            for uids in _portions(new):
                cursor = Cursor(validity, uids[-1])
                taken += await self._portion(uids, cursor)
        return taken

    async def _portion(self, uids: Sequence[int], cursor: Cursor) -> int:
        """Fetch some mails, store them together with how far that is, and only then put them aside."""
        mails = await self._fetched(uids)
        messages = await asyncio.to_thread(self._messages, mails.values())
        await mailboxes.take_in(self.db, self.mailbox.account.name, cursor, messages, now=self.clock.now())
        if mails:
            try:
                await self._errand(partial(self.mailbox.put_aside, list(mails)))
            except Refused as refusal:
                log.warning("mail_not_put_aside", mailbox=self.mailbox.account.name, reason=str(refusal))
        return len(mails)

    def _messages(self, raws: Iterable[bytes]) -> list[Message]:
        """Work out whom mails are for; hashing some megabytes is nothing for the loop."""
        return [_message(self.channel, taken_out(raw, self.ours)) for raw in raws]

    async def _fetched(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Fetch mails together, or one by one where the server refuses one of them."""
        try:
            return await self._errand(partial(self.mailbox.fetch, uids))
        except Refused:
            found: dict[int, bytes] = {}
            for uid in uids:
                found |= await self._alone(uid)
            return found

    async def _alone(self, uid: int) -> dict[int, bytes]:
        """Fetch one mail; one that the server does not give is left where it is after some tries, and told."""
        try:
            return await self._errand(partial(self.mailbox.fetch, [uid]))
        except Refused as refusal:
            self._refused[uid] = self._refused.get(uid, 0) + 1
            if self._refused[uid] < TRIES:
                raise MailboxFault(str(refusal)) from None
            log.error("mail_left_in_mailbox", mailbox=self.mailbox.account.name, uid=uid, reason=str(refusal))
            return {}

    async def _errand(self, work: Callable[[], T]) -> T:
        """Do something with the mailbox in a thread, and hang up where it takes too long."""
        timer = asyncio.get_running_loop().call_later(TALK_SECONDS, self.mailbox.hang_up)
        try:
            return await asyncio.to_thread(work)
        finally:
            timer.cancel()

    async def _hang_up_after(self, stop: asyncio.Event) -> None:
        """Give an errand that is under way at a stop a moment; what it does not finish is done after the next start."""
        await stop.wait()
        asyncio.get_running_loop().call_later(STOP_SECONDS, self.mailbox.hang_up)


def _portions(new: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Divide mails, of which the sizes are known, so that a portion fits into memory."""
    portion: list[int] = []
    total = 0
    for uid, size in new:
        expected = min(size, LARGEST)
        if portion and (len(portion) == AT_ONCE or total + expected > BYTES_AT_ONCE):
            yield portion
            portion, total = [], 0
        portion.append(uid)
        total += expected
    if portion:
        yield portion


def _message(channel: str, mail: Arrived) -> Message:
    return Message(
        channel=channel,
        external_id=mail.external_id,
        conversation=mail.conversation,
        envelope_from=mail.envelope_from,
        recipient=mail.recipient,
        raw=mail.raw,
    )


def patience(pause: float, faults: int) -> float:
    """Tell how many seconds to rest before the next look, after so many faults in a row."""
    doubled = min(faults, 20)  # a server may be away for weeks, and floats end somewhere
    return min(pause * 2**doubled, LONGEST_PAUSE_SECONDS) if faults else pause
