"""Read a mail the way strangers do: the old parser, the new one, and one that breaks lines wherever anyone might."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from typing import cast


def old(raw: bytes) -> Message:
    return message_from_bytes(raw, policy=policy.compat32)


def new(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw, policy=policy.default))


def names(raw: bytes) -> list[str]:
    """Return the header names; all readers must agree on them."""
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    lines = head.decode("latin-1").rstrip("\r\n").splitlines()
    seen = [line.partition(":")[0] for line in lines if line[:1] not in (" ", "\t")]
    assert seen == [str(name) for name in old(head)] == [str(name) for name in new(head)]
    return seen


def decoded(raw: bytes, name: str) -> str:
    return str(make_header(decode_header(unfolded(raw, name))))


def unfolded(raw: bytes, name: str) -> str:
    return "".join(str(old(raw)[name]).splitlines())
