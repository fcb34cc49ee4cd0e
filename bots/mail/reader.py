"""The process that reads mails, one after the other, within limits of memory and time that the system keeps.

Gets mails on its input and tells what it read on its output; knows no database, no network and no settings.
"""

import json
import resource
import signal
import sys
from datetime import datetime
from typing import Any, BinaryIO, Final

from bots.mail.carried import COUNT, LENGTHS, READY, packed
from bots.mail.parse import parse
from bots.mail.recipients import Envelope, Ours

MEMORY: Final = 256 * 1024 * 1024
ALARM_SECONDS: Final = 5.0
"""When this process ends itself: whoever started it does so sooner, unless it is gone."""


def main() -> None:
    """Read mails until the input ends; those that come together are answered together."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whoever stops Kring stops its main process, which lets this one finish.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(READY)
    answers.flush()
    while count := asked.read(COUNT.size):
        signal.setitimer(signal.ITIMER_REAL, ALARM_SECONDS)
        told = [_answer(asked) for _ in range(*COUNT.unpack(count))]
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(b"".join(told))
        answers.flush()


def _answer(asked: BinaryIO) -> bytes:
    lengths = LENGTHS.unpack(asked.read(LENGTHS.size))
    told: dict[str, Any] = json.loads(asked.read(lengths[0]))
    raw = asked.read(lengths[1])
    received_at = told["received_at"]
    envelope = Envelope(
        sender=told["sender"],
        recipient=told["recipient"],
        received_at=None if received_at is None else datetime.fromisoformat(received_at),
    )
    try:
        answer = packed(parse(raw, envelope, Ours(told["mail_domain"], told["authserv_id"])))
    except Exception:  # whatever one mail does, the next one is read: an empty answer tells that this one was not
        answer = b""
    return LENGTHS.pack(len(answer), 0) + answer


if __name__ == "__main__":
    main()
