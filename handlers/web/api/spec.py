"""The OpenAPI 3.1 document, made from the operations' annotations and docstrings: what runs is what it says.

Describes only; checking requests against the same models is done in `typed`.
"""

import inspect
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from handlers.web.api.problems import CONTENT_TYPE, MEANING, STATUS, Problem
from handlers.web.api.typed import PREFIX, File, Operation, place
from handlers.web.site import Site

Json = dict[str, Any]

_REF: Final = "#/components/schemas/{model}"
ABOUT: Final = (
    (
        "Keys",
        "Every request carries `Authorization: Bearer KEY`. An admin makes keys with `kring api-key create`; "
        "a key acts as staff, as admin, or as facilitator of one circle.",
    ),
    (
        "Repeats",
        "A POST may carry an `Idempotency-Key` of 1 to 255 ASCII characters without spaces. For 48 hours the same key "
        "with the same request gets the first answer again, and nothing is done twice; with another request it is a "
        "conflict. What failed may be tried again under the same key.",
    ),
    (
        "Times",
        "`starts_at` and `ends_at` are local wall times without an offset, in the gathering's `timezone`; the same "
        "moments in UTC stand beside them. All other times are in UTC.",
    ),
    ("Lists", "Lists come in pages of `limit`: give `next` as `after` to get the next page. It is null on the last."),
    ("Changes", "PATCH changes what it names and leaves the rest; null empties a field that may be empty."),
    (
        "Errors",
        "What is refused is answered with a problem as in RFC 9457, whose `code` stays the same. A full gathering is "
        "no error: the seat is `waiting`.",
    ),
)
"""What holds for every operation: a heading and a text, in which code stands between backticks."""

_IDEMPOTENCY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Do this once, however often it is sent",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_ALWAYS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)


class _Schemas(GenerateJsonSchema):
    """Names lists after what is in them; leaves out what says nothing: titles, and the None of what is not given."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def normalize_name(self, name: str) -> str:
        of = re.fullmatch(r"(\w+)\[(\w+)\]", name)  # Page[Person]
        return f"{of[2]}{of[1]}" if of else super().normalize_name(name)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made


def document(operations: Sequence[Operation], site: Site) -> Json:
    """Write the whole document."""
    schemas = _schemas(operations)
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{site.name}: API", "version": "1", "description": _about()},
        "servers": [{"url": site.base_url}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas.components,
            "responses": {_response_name(status): _problem(status) for status in _statuses()},
        },
    }


def _about() -> str:
    lines = (f"- **{heading}**: {text}" for heading, text in ABOUT)
    return "Members, circles and gatherings of an association, and who comes to them.\n\n" + "\n".join(lines)


class _Names:
    """The schemas of all models, and where each model's is found."""

    def __init__(self, given: Iterable[type[BaseModel]], answers: Iterable[type[BaseModel]]) -> None:
        wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [
            *((model, "validation") for model in given),
            *((model, "serialization") for model in answers),
        ]
        references, made = models_json_schema(wanted, ref_template=_REF, schema_generator=_Schemas)
        self.components: Json = made["$defs"]
        self._references = references

    def given(self, model: type[BaseModel]) -> JsonSchemaValue:
        return self._references[model, "validation"]

    def answer(self, model: type[BaseModel]) -> JsonSchemaValue:
        return self._references[model, "serialization"]


def _schemas(operations: Iterable[Operation]) -> _Names:
    given = {operation.body for operation in operations if operation.body}
    answers = {operation.answer for operation in operations if _is_model(operation.answer)}
    by_name = sorted(given, key=lambda model: model.__name__), sorted(answers, key=lambda model: model.__name__)
    return _Names(by_name[0], [*by_name[1], Problem])


def _is_model(answer: Any) -> bool:
    return inspect.isclass(answer) and issubclass(answer, BaseModel)


def _operation(operation: Operation, schemas: _Names) -> Json:
    summary, _, description = inspect.cleandoc(operation.handler.__doc__ or "").partition("\n\n")
    noun = operation.handler.__module__.rpartition(".")[2]
    made: Json = {
        "operationId": f"{noun}_{operation.handler.__name__}",
        "tags": [noun],
        "summary": summary,
        "parameters": [*_places(operation), *_query(operation)],
        "responses": {
            str(operation.status): _success(operation, schemas),
            **{str(int(status)): _reference(status) for status in sorted(_refusals(operation))},
        },
    }
    if description:
        made["description"] = description
    if operation.method == "POST":
        made["parameters"].append(_IDEMPOTENCY)
    if operation.body:
        content = {"application/json": {"schema": schemas.given(operation.body)}}
        made["requestBody"] = {"required": operation.body_needed, "content": content}
    return made


def _places(operation: Operation) -> list[Json]:
    return [
        {"name": place(name), "in": "path", "required": True, "schema": adapter.json_schema()}
        for name, adapter in operation.places.items()
    ]


def _query(operation: Operation) -> list[Json]:
    if operation.query is None:
        return []
    fields: Json = operation.query.model_json_schema(ref_template=_REF, schema_generator=_Schemas)["properties"]
    return [_parameter(name, schema) for name, schema in fields.items()]


def _parameter(name: str, schema: Json) -> Json:
    """Describe a part of the query; there is no null there, only absence."""
    description = {"description": schema.pop("description")} if "description" in schema else {}
    if "anyOf" in schema:
        schema = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
    return {"name": name, "in": "query", "schema": schema, **description}


def _success(operation: Operation, schemas: _Names) -> Json:
    words = HTTPStatus(operation.status).phrase
    if operation.answer is File:
        return {"description": words, "content": {operation.media: {}}}
    if not _is_model(operation.answer):
        return {"description": words}
    made: Json = {
        "description": words,
        "content": {"application/json": {"schema": schemas.answer(operation.answer)}},
    }
    if operation.located:
        made["headers"] = {"Location": {"description": "Where it is found from now on", "schema": {"type": "string"}}}
    return made


def _refusals(operation: Operation) -> set[HTTPStatus]:
    refusals = {*_ALWAYS, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST}
    if operation.places or operation.body:
        refusals.add(HTTPStatus.NOT_FOUND)
    if operation.places or operation.method != "GET":  # what is there may not be ready to be asked about
        refusals.add(HTTPStatus.CONFLICT)
    if operation.method != "GET":
        refusals |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
    return refusals


def _statuses() -> list[HTTPStatus]:
    return sorted({*STATUS.values(), *_ALWAYS, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE})


def _response_name(status: HTTPStatus) -> str:
    return status.phrase.replace(" ", "")


def _reference(status: HTTPStatus) -> Json:
    return {"$ref": f"#/components/responses/{_response_name(status)}"}


def _problem(status: HTTPStatus) -> Json:
    code = next((code for code, known in STATUS.items() if known == status), None)
    made: Json = {
        "description": MEANING[code] if code else status.phrase,
        "content": {CONTENT_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        made["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "string"}}}
    if status == HTTPStatus.UNAUTHORIZED:
        made["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return made
