"""Whose mailbox is polled, where it is, and how one signs in there; and what is said when it cannot be read."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

PORT: Final = 993
"""Where IMAP over TLS is served (RFC 8314 section 7.2)."""


class MailboxFault(Exception):
    """The mailbox cannot be read now; says why, without a secret."""


class Refused(MailboxFault):
    """The server answered, and said no."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose mailbox it is and where; the secrets are in no text that is ever shown."""

    host: str
    port: int
    user: str
    folder: str
    password: str = field(default="", repr=False)
    token_file: Path | None = None

    @classmethod
    def from_url(cls, url: str, token_file: Path | None = None) -> Self:
        """Read imaps://user[:password]@host[:port]/FOLDER; raises ValueError where no secret is given, or two."""
        found = urlsplit(url)
        account = cls(
            host=found.hostname or "",
            port=found.port or PORT,
            user=unquote(found.username or ""),
            folder=unquote(found.path.strip("/")) or "INBOX",
            password=unquote(found.password or ""),
            token_file=token_file,
        )
        if bool(account.password) == bool(token_file):
            raise ValueError("needs either a password in it or a token in KRING_IMAP_TOKEN_FILE")
        if not (account.user + account.password + account.folder).isprintable():
            raise ValueError("must not hold line breaks or other control characters")
        return account

    @property
    def name(self) -> str:
        """Return by what the mailbox is known: in the log, and to the cursor."""
        return f"{self.user}@{self.host}/{self.folder}"

    def token(self) -> str:
        """Read the token, which something else keeps fresh; raises MailboxFault."""
        assert self.token_file is not None
        try:
            return self.token_file.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is no text"
            raise MailboxFault(f"the token cannot be read: {reason}") from None
