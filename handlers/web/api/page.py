"""The document of the API, as a file for programs and as pages for people.

Shows what `spec` wrote and nothing else.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from aiohttp import web
from markupsafe import Markup

from handlers.web.api import spec
from handlers.web.api.problems import MEANING, STATUS
from handlers.web.api.spec import Json
from handlers.web.api.typed import Operation
from handlers.web.render import page
from handlers.web.site import site
from service.errors import NotFound


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a table: a parameter, or a field of a body or an answer."""

    name: str
    kind: Markup
    required: bool
    meaning: Markup


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation as the page shows it."""

    ident: str
    noun: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: Markup | None
    status: str
    answer: Markup | None


@dataclass(frozen=True, slots=True)
class Model:
    """A body or an answer, or a part of one: an object with fields, a choice among words, or a map."""

    name: str
    description: str
    fields: list[Field]
    choices: Markup | None


class Described:
    """What the operations look like from outside."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._written: Json | None = None

    async def document(self, request: web.Request) -> web.Response:
        """Serve the OpenAPI document."""
        body = json.dumps(self._document(request), ensure_ascii=False).encode()
        return web.Response(
            body=body, content_type="application/json", headers={"Cache-Control": "public, max-age=300"}
        )

    async def readable(self, request: web.Request) -> web.Response:
        """Show what there is, noun by noun, as a page."""
        return page(
            request,
            "api.html",
            about=[(heading, prose(text)) for heading, text in spec.ABOUT],
            nouns=_nouns(self._document(request)),
            problems=[(code, int(status), MEANING[code]) for code, status in STATUS.items()],
        )

    async def noun(self, request: web.Request) -> web.Response:
        """Show the operations of one noun, and every model that they lead to; raises NotFound."""
        document, noun = self._document(request), request.match_info["noun"]
        entries = _nouns(document).get(noun)
        if entries is None:
            raise NotFound
        schemas = document["components"]["schemas"]
        operations = [each for methods in document["paths"].values() for each in methods.values()]
        reached = _reached([each for each in operations if noun in each["tags"]], schemas)
        models = [_model(name, schema) for name, schema in schemas.items() if name in reached]
        return page(request, "api_noun.html", noun=noun, entries=entries, models=models)

    def _document(self, request: web.Request) -> Json:
        """Write the document at the first request that wants it: a start need not wait for it."""
        if self._written is None:
            self._written = spec.document(self._operations, site(request))
        return self._written


def prose(text: str) -> Markup:
    """Escape a text and set what stands between backticks as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else Markup("{}").format(part)
        for number, part in enumerate(parts)
    )


def _nouns(document: Json) -> dict[str, list[Entry]]:
    return {noun: list(entries) for noun, entries in groupby(_entries(document), lambda each: each.noun)}


def _reached(part: Any, schemas: Json) -> set[str]:
    """Name the models that a part of the document refers to, and those that they refer to in turn."""
    found: set[str] = set()
    ahead = _references(part)
    while ahead:
        found |= ahead
        ahead = {name for model in ahead for name in _references(schemas[model])} - found
    return found


def _references(part: Any) -> set[str]:
    if isinstance(part, list):
        return {name for each in part for name in _references(each)}
    if not isinstance(part, dict):
        return set()
    inner = {name for each in part.values() for name in _references(each)}
    place, _, name = part.get("$ref", "").rpartition("/")
    return inner | {name} if place == "#/components/schemas" else inner


def _entries(document: Json) -> Iterator[Entry]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            status, success = next(iter(operation["responses"].items()))
            body = operation.get("requestBody")
            yield Entry(
                ident=operation["operationId"],
                noun=operation["tags"][0],
                method=method.upper(),
                path=path,
                summary=operation["summary"],
                description=operation.get("description", ""),
                parameters=[_field(each, each["schema"]) for each in operation["parameters"] if each["in"] == "query"],
                body=_content(body) if body else None,
                status=f"{status} {success['description']}",
                answer=_content(success) if "content" in success else None,
            )


def _content(described: Json) -> Markup:
    [(media, content)] = described["content"].items()
    return _kind(content["schema"]) if "schema" in content else Markup("<code>{}</code>").format(media)


def _model(name: str, schema: Json) -> Model:
    required = schema.get("required", ())
    properties = schema.get("properties") or schema.get("patternProperties", {})
    fields = [
        _field({**each, "name": field, "required": field in required}, each) for field, each in properties.items()
    ]
    choices = _choices(schema["enum"]) if "enum" in schema else None
    return Model(name, schema.get("description", ""), fields, choices)


def _field(described: Json, schema: Json) -> Field:
    return Field(
        name=described["name"],
        kind=_kind(schema),
        required=described.get("required", False),
        meaning=prose(described.get("description", "")),
    )


def _kind(schema: Json) -> Markup:
    """Say in few words what a value is, with a link where it is a model."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#model-{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return _choices(schema["enum"])
    if schema.get("type") == "array":
        return Markup("list of ") + _kind(schema["items"])
    if "examples" in schema:
        return Markup("text, as <code>{}</code>").format(schema["examples"][0])
    return prose(_PLAIN.get(schema.get("type", ""), "object"))


def _choices(values: Iterable[Any]) -> Markup:
    return Markup(", ").join(Markup("<code>{}</code>").format(value) for value in values)


_PLAIN = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}
