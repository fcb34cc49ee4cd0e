"""Answers, bounces and robots as mail programs send them, written by ourselves; load one and fill in who it is about.

Each `.eml` is a mail with `${…}` for what differs, a first line with its envelope, and blocks from `%%base64`,
`%%quoted-printable` or `%%8bit` to `%%end` that are encoded when it is loaded: `charset=`, `newline=cr` or `lf` go
behind those words. Lines end in CRLF.
"""

import base64
import quopri
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from bots.mail.envelope import Arrived
from bots.mail.headers import phrase

HERE = Path(__file__).parent
_NEWLINES = {"cr": "\r", "lf": "\n", "crlf": "\r\n"}
_BLOCK = re.compile(r"^%%(base64|quoted-printable|8bit)([^\n]*)\n(.*?)^%%end\n", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Filling:
    """Whom a mail is from and what it answers."""

    handle: str = "a" * 39 + "7"
    uid: str = "mfrggzdfmztwq2lknnwg23tp@kring"
    invited: str = "zoe@lid.example.org"
    name: str = "Zoë de Vries"
    domain: str = "in.kring.example.org"
    sequence: int = 0
    dtstamp: str = "20261123T083000Z"
    start: str = "20261201T150000Z"
    end: str = "20261201T163000Z"


def names(start: str = "") -> list[str]:
    """List the mails whose names begin like this."""
    return sorted(path.stem for path in HERE.glob(f"{start}*.eml"))


def load(name: str, filling: Filling | None = None) -> Arrived:
    """Return a mail with its envelope, about whom the filling says."""
    filling = filling or Filling()
    given = {key: str(value) for key, value in asdict(filling).items()}
    given["shown"] = " ".join(phrase(filling.name))
    given["HANDLE"] = filling.handle.upper()
    given["local"] = filling.uid.partition("@")[0]
    text = Template((HERE / f"{name}.eml").read_text("utf-8")).substitute(given)
    envelope, _, mail = text.partition("\n")
    sender, recipient = re.fullmatch(r"%%envelope from=<(.*)> to=<(.*)>", envelope).groups()
    return Arrived(recipient=recipient, envelope_from=sender, raw=_encoded(mail))


def _encoded(mail: str) -> bytes:
    pieces, at = [], 0
    for block in _BLOCK.finditer(mail):
        pieces += [_wire(mail[at : block.start()]), _block(block[1], block[2], block[3])]
        at = block.end()
    return b"".join([*pieces, _wire(mail[at:])])


def _block(encoding: str, options: str, text: str) -> bytes:
    given = dict(option.split("=") for option in options.split())
    data = text.replace("\n", _NEWLINES[given.get("newline", "crlf")]).encode(given.get("charset", "utf-8"))
    if encoding == "base64":
        return base64.encodebytes(data).replace(b"\n", b"\r\n")
    if encoding == "quoted-printable":
        return quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return data


def _wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
