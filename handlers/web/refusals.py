"""What a visitor reads when something was refused or broke: one page, a sentence per situation.

The codes are those of `service/errors.py`; the API has its own answers.
"""

from typing import Final

from aiohttp import web

from handlers.web import forms
from handlers.web.render import page
from service.errors import Conflict, Expired, Invalid, KringError, NotAllowed, NotFound, Unavailable
from service.texts.catalogue import marked

AGAIN: Final = 5
"""Seconds after which it is worth trying again."""

_STATUS: Final[dict[type[KringError], int]] = {
    NotFound: 404,
    NotAllowed: 403,
    Invalid: 400,
    Expired: 410,
    Conflict: 409,
    Unavailable: 503,
}
_WORDS: Final = {
    400: (marked("We could not read that"), marked("Please go back and check what you filled in.")),
    403: (
        marked("This is not open to you"),
        marked("Perhaps you are signed in with another address, or not signed in any more."),
    ),
    404: (
        marked("This page is not here"),
        marked("Perhaps the address has a typing error, or it is something you can see only after signing in."),
    ),
    409: (marked("That does not go together"), marked("Something changed in the meantime. Please look once more.")),
    410: (marked("This is over"), marked("The address you followed no longer works.")),
    413: (marked("That is too much at once"), marked("What you sent is too large.")),
    429: (marked("Just a moment"), marked("This was tried very often in a short time. Please try again in an hour.")),
    500: (
        marked("Something broke on our side"),
        marked("It is not your fault, and we have made a note of it. Please try again later."),
    ),
    503: (
        marked("We will be right back"),
        marked("Kring cannot reach its records just now. Nothing is lost. Please try again in a moment."),
    ),
}
_STALE: Final = (
    marked("This form is no longer valid"),
    marked("You signed in or out since you opened it. Go back, reload the page and try once more."),
)
_MORE: Final = {405: 404, 415: 400}


def refusal(request: web.Request, error: Exception, *, reference: str = "") -> web.StreamResponse:
    """Make the page for an error; a redirect goes through as it is."""
    if isinstance(error, web.HTTPException) and error.status < 400:
        raise error
    status = _status(error)
    title, text = _STALE if isinstance(error, forms.StaleForm) else _words(status)
    response = page(request, "refusal.html", status=status, title=title, text=text, reference=reference, code=status)
    if isinstance(error, web.HTTPException):
        kept = {
            name: value for name, value in error.headers.items() if name in ("Allow", "Retry-After", "Accept-Encoding")
        }
        response.headers.update(kept)
    if status == 503:
        response.headers["Retry-After"] = str(AGAIN)
    return response


def _status(error: Exception) -> int:
    if isinstance(error, web.HTTPException):
        return error.status
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def _words(status: int) -> tuple[str, str]:
    status = _MORE.get(status, status)
    return _WORDS.get(status, _WORDS[400 if status < 500 else 500])
