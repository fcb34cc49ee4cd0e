"""Pages from templates: one environment per language, everything escaped, no script anywhere.

Writes responses; what stands on a page is gathered by the page modules.
"""

from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import FileSystemLoader
from markupsafe import Markup

from handlers.web import forms, language
from handlers.web.assets import Assets
from handlers.web.filling import Faults
from handlers.web.site import Site, route, site, visitor
from service.model import Language
from service.texts.catalogue import Texts, translator
from service.texts.templates import environment

TEMPLATES: Final = Path(__file__).parent / "templates"


class Pages:
    """The templates of all pages, compiled once, in every language."""

    def __init__(self, assets: Assets, about: Site) -> None:
        loader = FileSystemLoader(TEMPLATES)
        self._environments = {str(name): environment(name, loader) for name in Language}
        for made in self._environments.values():
            made.globals |= {"site": about, "asset": assets.address, "paragraphs": paragraphs}

    def write(self, template: str, spoken: str, facts: dict[str, Any]) -> str:
        """Write a page in a language."""
        return self._environments[spoken].get_template(template).render(facts)


PAGES: web.AppKey[Pages] = web.AppKey("pages", Pages)


def page(
    request: web.Request,
    template: str,
    /,
    *,
    status: int | None = None,
    reader: str | None = None,
    faults: Faults | None = None,
    **facts: Any,
) -> web.Response:
    """Make the response that shows a template; `reader` is the language of the person whom the page is for.

    With `faults` it is a form that was refused: its status is 400 where no other is given.
    """
    spoken = language.choose(request, reader)
    said = translator(spoken)
    facts |= {
        "faults": {name: said.gettext(fault) for name, fault in (faults or {}).items()},
        "visitor": visitor(request),
        "form": _hidden(forms.token(request)),
        "open_form": _hidden(forms.open_token(request)),
        "here": request.path,
        "tongues": _tongues(request),
    }
    body = request.app[PAGES].write(template, spoken, facts)
    response = web.Response(
        text=body, status=status or (400 if faults else 200), content_type="text/html", charset="utf-8"
    )
    response.headers["Content-Language"] = spoken
    language.remember(request, response)
    return response


def texts(request: web.Request, reader: str | None = None) -> Texts:
    """Return the words in the language that a page will be in."""
    return translator(language.choose(request, reader))


def go(path: str) -> web.Response:
    """Send the browser on to a page of ours with GET (RFC 9110 section 15.4.4)."""
    return web.Response(status=303, headers={"Location": path})


def link(request: web.Request, path: str) -> str:
    """Return the full address of a page, as people reach it."""
    return site(request).base_url + path


def paragraphs(text: str) -> list[list[str]]:
    """Split text that people typed into paragraphs of lines."""
    return [part.split("\n") for part in text.split("\n\n") if part.strip()]


def _hidden(token: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(forms.FIELD, token)


def _tongues(request: web.Request) -> dict[str, str]:
    """Give the address of this page in each language; an unknown one, or one that answers a POST, has none."""
    if route(request) is None or request.method not in ("GET", "HEAD"):
        return {}
    return {str(name): str(request.rel_url.update_query({language.FIELD: str(name)})) for name in Language}
