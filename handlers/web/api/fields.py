"""The kinds of field that the nouns of the API share: ids, texts in two languages, local times, pages of a list."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema

from handlers.web.api.typed import Answer, Given

T = TypeVar("T")

NOT_GIVEN: Any = None
"""The default of a field that may be left out but is never null."""

_DAY: Final = "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
_DAY_OR_TIME: Final = f"{_DAY}(T{_TIME})?"
_EXAMPLE: Final = "2026-12-01T16:00"


def _moment(pattern: str, example: str, *, whole_day: bool = False) -> BeforeValidator:
    """Read a wall time written as the pattern says, and no number; `whole_day` takes a day alone for its end."""

    def read(value: object) -> datetime:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"Write this as {example}, without an offset")
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("There is no such day") from None
        return moment + timedelta(days=1) if whole_day and "T" not in value else moment

    return BeforeValidator(read)


def _written(value: datetime) -> str:
    return value.isoformat(timespec="seconds" if value.second else "minutes")


def whole(value: object) -> object:
    """Take 12.0 for the 12 that it is (JSON Schema, validation, section 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _schema(pattern: str, example: str, **more: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "examples": [example], **more})


Id = Annotated[int, Field(ge=1, le=2**63 - 1), BeforeValidator(whole)]
Limit = Annotated[int, Field(ge=1, le=1_000)]
Seats = Annotated[int, Field(ge=1, le=100_000), BeforeValidator(whole)]
Slug = Annotated[str, StringConstraints(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Line = Annotated[str, StringConstraints(max_length=200)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Email = Annotated[str, Field(max_length=320, json_schema_extra={"format": "email"})]
Long = Annotated[str, StringConstraints(max_length=10_000)]

_LOCAL: Final = _schema(f"{_DAY}T{_TIME}", _EXAMPLE, description="Local wall time in `timezone`")
LocalTime = Annotated[datetime, _moment(f"{_DAY}T{_TIME}", _EXAMPLE), _LOCAL]
"""Wall time in the gathering's own zone, as given; seconds may be left out."""

WrittenTime = Annotated[datetime, PlainSerializer(_written, return_type=str), _LOCAL]
"""The same, as answered."""

From = Annotated[datetime, _moment(_DAY_OR_TIME, "2026-12-01"), _schema(_DAY_OR_TIME, "2026-12-01")]
To = Annotated[datetime, _moment(_DAY_OR_TIME, "2026-12-01", whole_day=True), _schema(_DAY_OR_TIME, "2026-12-31")]
"""The ends of a span: days, or wall times, in the association's zone."""


class GivenTexts(Given):
    """A text in Dutch, English or both."""

    nl: Line | None = None
    en: Line | None = None


class GivenLongTexts(Given):
    """A longer text in Dutch, English or both; line breaks are kept."""

    nl: Long | None = None
    en: Long | None = None


class Texts(Answer):
    """A text in Dutch and English; null where there is none."""

    nl: str | None
    en: str | None


class Paging(Given):
    """Where a page of a list begins, and how long it is."""

    after: Annotated[str, StringConstraints(pattern="^[0-9]{1,18}$")] | None = Field(
        None, description="`next` of the page before"
    )
    limit: Limit = 100

    @property
    def after_id(self) -> int:
        """Return the number after which the page begins."""
        return int(self.after or 0)


class Page(Answer, Generic[T]):
    """A page of a list; `next` goes into `after` for the next page, null on the last."""

    items: list[T]
    next: str | None


class Items(Answer, Generic[T]):
    """A list that comes whole."""

    items: list[T]


def texts(nl: str, en: str) -> Texts:
    """Pair a text's two languages."""
    return Texts(nl=nl or None, en=en or None)


def facts(body: Given) -> dict[str, Any]:
    """Spread what was given over the names that actions use: `title` becomes `title_nl` and `title_en`.

    What was not given is left out; a text of null becomes an empty one.
    """
    given = body.model_dump(exclude_unset=True)
    for name in ("title", "description"):
        if name in given:
            both = given.pop(name) or {"nl": None, "en": None}
            given |= {f"{name}_{language}": text or "" for language, text in both.items()}
    return given
