"""Typed operations: what a handler's annotations promise is checked before it runs, and written into the document.

A handler is `async def verb(call, *, id: Id, query: Query, body: Given) -> Answer`; of these it names what it needs.
Which operations there are stands in the modules named after nouns; the document is made in `spec`.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, TypeVar, get_type_hints

from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from handlers.web import forms
from handlers.web.api.problems import Refused
from handlers.web.last_used import KEYS_USED
from handlers.web.site import KEYS, SHOW, Site, database, now, site
from service.actions import commands, keys
from service.channels import Show
from service.database import Database
from service.errors import Invalid, NotFound
from service.formats import attachments
from service.formats.tokens import Keys
from service.rules.access import Actor

PREFIX: Final = "/api/v1"
BODY_LIMIT: Final = 64 * 1024

_OWN_WORDS: Final = {"missing": "This is needed.", "extra_forbidden": "There is no such field."}
_MEMBER: Final = re.compile(r"<\w+\.\w+: ('[^']*')>")
"""How pydantic writes a choice that is a member of an enum, with the value that a client sends for it."""

M = TypeVar("M", bound=BaseModel)


class Given(BaseModel):
    """What a client sends: nothing is guessed, and an unknown field is an error."""

    # Built with the first request that needs it: of all of them, that takes a tenth of a second.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True, hide_input_in_errors=True)


class Answer(BaseModel):
    """What a client gets."""

    # An answer that cannot be written is a fault of ours, which the log tells: without what stood in it.
    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is a file."""

    content: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request as its handler sees it: who asks, when, and the database to ask."""

    db: Database
    actor: Actor
    now: datetime
    site: Site
    coalesce: timedelta
    keys: Keys
    show: Show | None = None  # writes the letter of a preview


class Operation:
    """A method and a path, answered by a handler whose annotations say what goes in and comes out.

    `media` is the type of a file; `located` names the field of the answer under which what was made is found again.
    `largest` is how many bytes a body may have. A `pure` POST changes nothing, so that no answer to it is kept.
    """

    def __init__(
        self,
        method: str,
        path: str,
        handler: Callable[..., Awaitable[Any]],
        *,
        status: int = 200,
        media: str = "",
        located: str = "",
        largest: int = BODY_LIMIT,
        pure: bool = False,
    ) -> None:
        hints = get_type_hints(handler, include_extras=True)
        del hints["call"]
        self.method, self.path, self.handler = method, path, handler
        self.status, self.media, self.located, self.largest = status, media, located, largest
        self.pure = pure
        self.answer: Any = hints.pop("return")
        self.body: type[BaseModel] | None = hints.pop("body", None)
        self.query: type[BaseModel] | None = hints.pop("query", None)
        later = ConfigDict(defer_build=True)
        self.places = {name: TypeAdapter[Any](hint, config=later) for name, hint in hints.items()}

    @property
    def body_needed(self) -> bool:
        """Tell whether a request without a body cannot be right."""
        body = self.body
        return body is not None and any(field.is_required() for field in body.model_fields.values())

    async def perform(self, request: web.Request, coalesce: timedelta) -> web.Response:
        """Check, do and answer one request; a POST with an Idempotency-Key is done once."""
        db, at = database(request), now(request)
        actor = await _actor(request, db, at)
        given = {**self._places(request), **self._query(request), **await self._body(request)}

        async def work(db: Database) -> Any:
            call = Call(db, actor, at, site(request), coalesce, request.app[KEYS], request.app.get(SHOW))
            answer = await self.handler(call, **given)
            return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer

        key = _repeat_key(request) if self.method == "POST" else None
        if key is None or self.pure:
            return self._response(await work(db))
        mark = _fingerprint(request, given.get("body"))
        return self._response(await commands.once(db, f"{actor.name} {key}", mark, work, now=at))

    def _places(self, request: web.Request) -> Mapping[str, Any]:
        """Read the parts of the path; what cannot be the name or number of anything is simply not there."""
        written = {name: request.match_info[place(name)] for name in self.places}
        try:
            read = {name: of.validate_strings(written[name]) for name, of in self.places.items()}
        except ValidationError:
            raise NotFound from None
        if not all(_is_spelled(read[name], text) for name, text in written.items()):
            raise NotFound
        return read

    def _query(self, request: web.Request) -> Mapping[str, BaseModel]:
        asked = dict(request.query)
        if repeated := next((name for name in asked if len(request.query.getall(name)) > 1), None):
            raise Invalid(repeated, "Give this once.")
        given = _checked(lambda of: of.model_validate_strings(asked), self.query or Given, "query")
        for name, value in given.model_dump(by_alias=True, exclude_unset=True).items():
            if not _is_spelled(value, asked[name]):
                raise Invalid(name, "Write a whole number, in digits alone.")
        return {"query": given} if self.query else {}

    async def _body(self, request: web.Request) -> Mapping[str, BaseModel]:
        """Read what is sent; to whoever sends something where nothing is asked, it would seem to have been heeded."""
        if self.method == "GET":
            return {}
        if forms.packed(request):
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, forms.UNPACKED)
        if (request.content_length or 0) > self.largest or len(content := await request.read()) > self.largest:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if content and request.content_type != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if not content and self.body_needed:
            raise Invalid("body", "This is needed.")
        given = _checked(lambda of: of.model_validate_json(content or b"{}"), self.body or Given, "body")
        return {"body": given} if self.body else {}

    def _response(self, answer: Any) -> web.Response:
        headers = {"Cache-Control": "no-store"}
        if answer is None:
            return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)
        if isinstance(answer, File):
            headers["Content-Disposition"] = attachments.disposition(answer.name)
            charset = "utf-8" if self.media.startswith("text/") else None
            return web.Response(body=answer.content, content_type=self.media, charset=charset, headers=headers)
        if self.located:
            headers["Location"] = f"{PREFIX}{self.path}/{answer[self.located]}"
        # RFC 8259 section 11: JSON is UTF-8 and its media type has no charset.
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        return web.Response(status=self.status, body=body, content_type="application/json", headers=headers)


def place(parameter: str) -> str:
    """Return what the path calls a parameter: `id` is `id_` where it would hide a word of Python."""
    return parameter.rstrip("_")


def _is_spelled(value: object, text: str) -> bool:
    """Tell whether a number is written as we write it: /people/12 has no second address /people/012 or /people/12.0."""
    return type(value) is not int or str(value) == text


async def _actor(request: web.Request, db: Database, at: datetime) -> Actor:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": 'Bearer realm="kring"'})
    if key.isascii() and (actor := await keys.actor_for_key(db, key.strip(), now=at)):
        request.app[KEYS_USED].note(key.strip(), at)
        return actor
    # RFC 6750 section 3.1
    raise Refused(HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": 'Bearer realm="kring", error="invalid_token"'})


def _checked(read: Callable[[type[M]], M], of: type[M], whole: str) -> M:
    try:
        return read(of)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"] if part != "[key]") or whole
        said = _MEMBER.sub(r"\1", first["msg"].removeprefix("Value error, ")).rstrip(".")
        words = _OWN_WORDS.get(first["type"]) or f"{said}."
        raise Invalid(field, words) from None


def _repeat_key(request: web.Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch("[!-~]{1,255}", key):
        raise Invalid("Idempotency-Key", "Give 1 to 255 ASCII characters without spaces.")
    return key


def _fingerprint(request: web.Request, body: BaseModel | None) -> bytes:
    """Make what two requests have in common when they ask for the same; white space and order do not count."""
    asked = body.model_dump_json(exclude_unset=True) if body else ""
    return hashlib.sha256(f"{request.method} {request.path}\n{asked}".encode()).digest()
