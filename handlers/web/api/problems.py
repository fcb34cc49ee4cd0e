"""Say in JSON why something was refused: RFC 9457 problems with Kring's stable codes.

The one place where the API turns errors into answers; what the errors mean is in `service/errors.py`.
"""

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel, Field

from handlers.web.routes import Handler
from handlers.web.site import site
from service.errors import Invalid, KringError
from service.model import Language

CONTENT_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = "5"
STATUS: Final = {
    "invalid": HTTPStatus.BAD_REQUEST,
    "not_allowed": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "expired": HTTPStatus.GONE,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each code."""

MEANING: Final = {
    "invalid": "Something in the request cannot be right",
    "not_allowed": "You may not do this",
    "not_found": "There is nothing here that is yours to see",
    "conflict": "This does not go together with what is there now",
    "expired": "This no longer works",
    "internal": "Something broke on our side",
    "unavailable": "Kring cannot do this just now",
}
"""The title of each code."""

_REFUSED: Final = {
    HTTPStatus.UNAUTHORIZED: ("not_allowed", None, "Give a key that is valid: Authorization: Bearer KEY."),
    HTTPStatus.NOT_FOUND: ("not_found", None, "There is no such address in the API."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("invalid", "method", "This address does not take this method."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("invalid", "body", "The body is too large."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("invalid", "Content-Type", "Send the body as application/json."),
}
"""Code, field and words for what HTTP itself refuses; every other status counts as invalid."""

_SHOWN: Final = {
    f"{text}_{language}": f"{text}.{language}" for text in ("title", "description") for language in Language
}
"""What a field of the actions is called here."""

_log = structlog.get_logger()


class Problem(BaseModel):
    """Why something was refused (RFC 9457)."""

    type: str = Field(description="Address of the explanation of the code")
    title: str
    status: int
    detail: str
    code: str = Field(json_schema_extra={"enum": [*STATUS]})
    field: str | None = Field(None, description="Where in the request: a field (title.nl), parameter or header")
    reference: str | None = Field(None, description="With code internal: the number under which our log has it")


class Refused(web.HTTPException):
    """A refusal in the words of HTTP."""

    def __init__(self, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> None:
        self.status_code = status
        super().__init__(headers=headers)


def translated(handler: Handler) -> Handler:
    """Let a handler's every error become a problem, so that nothing leaves the API as a page."""

    async def answering(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except KringError as error:
            return _known(request, error)
        except web.HTTPException as error:
            return _http(request, error)
        except Exception:
            reference = secrets.token_hex(4)
            _log.exception("request failed", reference=reference, method=request.method)
            return _response(request, "internal", f"{MEANING['internal']}.", reference=reference)

    return answering


def _known(request: web.Request, error: KringError) -> web.Response:
    code = error.code if error.code in STATUS else "internal"
    field = _SHOWN.get(error.field, error.field) if isinstance(error, Invalid) else None
    # RFC 9110 section 10.2.3
    headers = {"Retry-After": RETRY_SECONDS} if code == "unavailable" else {}
    return _response(request, code, str(error), field=field, headers=headers)


def _http(request: web.Request, error: web.HTTPException) -> web.Response:
    code, field, words = _REFUSED.get(HTTPStatus(error.status), ("invalid", None, f"{error.reason}."))
    if "Accept-Encoding" in error.headers:
        field, words = "Content-Encoding", "Send the body as it is, not packed."
    headers = {
        name: error.headers[name] for name in ("Allow", "WWW-Authenticate", "Accept-Encoding") if name in error.headers
    }
    return _response(request, code, words, status=error.status, field=field, headers=headers)


def _response(
    request: web.Request,
    code: str,
    detail: str,
    *,
    status: int | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> web.Response:
    problem = Problem(
        type=f"{site(request).base_url}/api#{code}",
        title=MEANING[code],
        status=status or STATUS[code],
        detail=detail,
        code=code,
        **more,
    )
    return web.Response(
        status=problem.status,
        body=json.dumps(problem.model_dump(exclude_none=True), ensure_ascii=False).encode(),
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
