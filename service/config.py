"""The settings, read once from the environment; a wrong one stops the start with one clear line that names it.

Each secret may also be given as NAME_FILE, a file that holds it. Nothing else reads the environment.
"""

import base64
import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from service.model import Language

PREFIX = "KRING_"
SECRETS = ("DATABASE_URL", "SECRET_KEYS", "SMTP_URL", "IMAP_URL", "TELEGRAM_TOKEN", "TELEGRAM_SECRET")
"""May also be given as NAME_FILE."""


SECRET_CHARACTERS = 32
"""What keeps strangers from bringing updates has so many characters at least."""


class WrongSetting(Exception):
    """Settings that cannot be used; the message has a line for each, which names it and says what it should be."""


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("is not a time zone, such as Europe/Amsterdam")
    return value


def _host_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError("must be host:port, such as 127.0.0.1:8080")
    return value


def _place(value: str) -> str:
    return value if value.startswith("/") else _host_port(value)


def _readable(value: str) -> bool:
    """Tell whether an address can be taken apart, down to its port."""
    try:
        return urlsplit(value).port != 0
    except ValueError:
        return False


def _base_url(value: str) -> str:
    parts = urlsplit(value if _readable(value) else "")
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an http(s) address without query, such as https://kring.example.org")
    return value.rstrip("/")


def _folder(value: Any) -> Any:
    if value == "":
        raise ValueError("must be a folder, such as ./data")
    return value


def _database(value: str) -> str:
    if value != "embedded" and not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("must be postgresql://… or embedded")
    return value


def _smtp(value: str) -> str:
    parts = urlsplit(value if _readable(value) else "")
    if parts.scheme not in ("smtp", "smtps", "starttls") or not parts.hostname:
        raise ValueError("must be smtp://, smtps:// or starttls://[user:password@]host[:port]")
    return value


def _imap(value: str) -> str:
    parts = urlsplit(value if _readable(value) else "")
    if parts.scheme != "imaps" or not parts.hostname or not parts.username or not parts.path.isascii():
        raise ValueError("must be imaps://user[:password]@host[:port]/INBOX")
    return value


def _keys(value: str) -> str:
    for part in value.split(","):
        key_id, colon, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not colon or len(key_id) != 1 or key_id not in "abcdefghijklmnopqrstuvwxyz234567" or len(key) < 32:
            raise ValueError("must be id:base64[,id:base64…], each id one of a-z2-7 and each key of 32 bytes or more")
    return value


def _address(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or any(c.isspace() or c in "<>" for c in value):
        raise ValueError("must be a mail address")
    return value


def _token(value: str) -> str:
    if not re.fullmatch(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}", value):
        raise ValueError("is not the token of a bot, such as 123456789:AA… from BotFather")
    return value


def _secret(value: str | None, info: ValidationInfo) -> str | None:
    if info.data.get("telegram_mode") == "webhook" and len(value or "") < SECRET_CHARACTERS:
        raise ValueError(f"must have {SECRET_CHARACTERS} characters or more where KRING_TELEGRAM_MODE is webhook")
    if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value):
        raise ValueError("may have letters, digits, _ and - only, 256 of them at most")
    return value


def _given(check: Callable[[str], str]) -> AfterValidator:
    """Check a value only where there is one."""
    return AfterValidator(lambda value: value and check(value))


EmptyIsNone = BeforeValidator(lambda value: value or None)


class Settings(BaseSettings):
    """The environment of Kring, each name with the prefix KRING_."""

    model_config = SettingsConfigDict(env_prefix="KRING_", frozen=True, extra="ignore")

    database_url: Annotated[str, AfterValidator(_database)] = "embedded"
    data: Annotated[Path, BeforeValidator(_folder), AfterValidator(Path.absolute)] = Path("data")
    pg_bin: Annotated[Path | None, EmptyIsNone] = None
    http: Annotated[str, AfterValidator(_host_port)] = "127.0.0.1:8080"
    base_url: Annotated[str, AfterValidator(_base_url)] = "http://127.0.0.1:8080"
    name: Annotated[str, Field(min_length=1, max_length=80)] = "Kring"
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Amsterdam"
    language: Annotated[Language, EmptyIsNone] = Language.DUTCH
    secret_keys: Annotated[str | None, EmptyIsNone, _given(_keys)] = None
    smtp_url: Annotated[str | None, EmptyIsNone, _given(_smtp)] = None
    smtp_connections: Annotated[int, Field(ge=1, le=64)] = 4
    mail_from: Annotated[str, AfterValidator(_address)] = "kring@localhost"
    mail_domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$")] = "in.localhost"
    lmtp: Annotated[str | None, EmptyIsNone, _given(_place)] = "127.0.0.1:8024"
    imap_url: Annotated[str | None, EmptyIsNone, _given(_imap)] = None
    imap_token_file: Annotated[Path | None, EmptyIsNone] = None
    authserv_id: Annotated[str | None, EmptyIsNone] = None
    coalesce: Annotated[int, Field(ge=0, le=3600)] = 20
    answers_days: Annotated[int, Field(ge=1, le=90)] = 14
    telegram_token: Annotated[str | None, EmptyIsNone, _given(_token)] = None
    telegram_api: Annotated[str, AfterValidator(_base_url)] = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_secret: Annotated[str | None, Field(validate_default=True), EmptyIsNone, AfterValidator(_secret)] = None
    admin: Annotated[str | None, EmptyIsNone, _given(_address)] = None
    log: Annotated[Literal["console", "json"] | None, EmptyIsNone] = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from `read` alone, which has already looked at the environment and the files."""
        return (init_settings,)

    @property
    def listen(self) -> tuple[str, int]:
        """Return the host and port where the web listens."""
        host, _, port = self.http.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def secure(self) -> bool:
        """Tell whether people reach Kring over https."""
        return self.base_url.startswith("https://")

    @property
    def mail_folder(self) -> Path:
        """Return where mail is caught when there is no SMTP server."""
        return self.data / "mail"


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises WrongSetting with one line for each that is faulty."""
    given: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if _known(name)
    }
    faults = []
    for name in SECRETS:
        if path := environment.get(f"{PREFIX}{name}_FILE"):
            try:
                given[name.lower()] = _content(f"{PREFIX}{name}_FILE", Path(path))
            except WrongSetting as fault:
                faults.append(str(fault))
    try:
        found = Settings(**given)
    except ValidationError as error:
        wrong = error.errors(include_input=False)
        faults += [f"{PREFIX}{str(each['loc'][0]).upper()} {_words(each)}" for each in wrong]
    if faults:
        raise WrongSetting("\n".join(faults))
    return found


def unknown(environment: Mapping[str, str] = os.environ) -> list[str]:
    """List the variables that look like settings but are none, so that a slip of the pen is seen."""
    files = {f"{PREFIX}{name}_FILE" for name in SECRETS}
    return sorted(n for n in environment if n.startswith(PREFIX) and not _known(n) and n not in files)


def secret_keys(settings: Settings) -> dict[str, bytes]:
    """Return the signing keys by id, the one that signs first; makes and keeps one in KRING_DATA on the first start.

    Raises WrongSetting when that cannot be written or read.
    """
    text = settings.secret_keys or _kept_key(settings.data / "secret-keys")
    pairs = (part.strip().split(":", 1) for part in text.split(","))
    return {key_id: base64.b64decode(encoded) for key_id, encoded in pairs}


def _known(name: str) -> bool:
    return name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() in Settings.model_fields


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise WrongSetting(f"{name} cannot be read: {error.strerror}") from None
    except ValueError:
        raise WrongSetting(f"{name} cannot be read: {path} is no text in UTF-8") from None


def _words(fault: Any) -> str:
    """Say what is wrong in words for the person who sets it; our own sentences as they are."""
    own = fault.get("ctx", {}).get("error")
    return str(own) if isinstance(own, ValueError) else f"is not right: {fault['msg']}"


def _kept_key(path: Path) -> str:
    """Read the key of a data folder, made by the first process to come there."""
    try:
        if not path.exists():
            _make_key(path)
        return _keys(path.read_text("ascii").strip())
    except OSError as error:
        raise WrongSetting(f"{PREFIX}DATA: {error.filename}: {error.strerror}") from None
    except ValueError:
        raise WrongSetting(f"{PREFIX}DATA: {path} holds no keys; links in mails sent before need them") from None


def _make_key(path: Path) -> None:
    """Make a key, whole or not at all; of two processes that start together the first is right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".secret-keys-") as part:
        part.write(b"a:" + base64.b64encode(secrets.token_bytes(32)))
        part.flush()
        os.fsync(part.fileno())
        with suppress(FileExistsError):
            os.link(part.name, path)
