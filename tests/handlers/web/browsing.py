"""A browser without JavaScript: follows links and presses buttons of the pages it is shown, and keeps its cookies."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession
from aiohttp.test_utils import TestClient

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Form:
    """A form as it stands on a page, with what is in its fields before anybody types."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What came back, with its links and forms."""

    status: int
    headers: Any
    text: str
    body: bytes
    path: str
    forms: list[Form]
    words: str

    def form(self, action: str) -> Form:
        found = [form for form in self.forms if form.action.partition("#")[0] == action]
        assert len(found) == 1, (action, [form.action for form in self.forms])
        return found[0]

    @property
    def location(self) -> str:
        return self.headers["Location"]


class Browser:
    """Somebody who looks at Kring; `client` holds the cookies."""

    def __init__(self, client: TestClient | ClientSession, language: str = "nl") -> None:
        self.client = client
        self.headers = {"Accept-Language": language}

    async def get(self, path: str, **headers: str) -> Page:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, data: Any = None, headers: dict[str, str] | None = None) -> Page:
        return await self.ask("POST", path, data=data or {}, headers=FROM_OUR_PAGE if headers is None else headers)

    async def press(self, page: Page, action: str, **typed: str) -> Page:
        """Fill in a form of a page and send it, as the browser would."""
        form = page.form(action)
        assert form.method == "post"
        return await self.post(form.action.partition("#")[0], {**form.fields, **typed})

    async def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, data: Any = None) -> Page:
        sent = {name.replace("_", "-"): value for name, value in {**self.headers, **(headers or {})}.items()}
        async with self.client.request(method, path, headers=sent, data=data, allow_redirects=False) as response:
            body = await response.read()
            html = response.content_type == "text/html"
            text = body.decode() if response.content_type.startswith("text/") else ""
            reader = _Reader()
            if html:
                reader.feed(text)
            return Page(
                response.status,
                response.headers,
                text,
                body,
                urlsplit(path).path,
                reader.forms,
                " ".join(" ".join(reader.words).split()),
            )

    def cookie(self, name: str) -> str | None:
        session = self.client.session if isinstance(self.client, TestClient) else self.client
        return next((cookie.value for cookie in session.cookie_jar if cookie.key == name), None)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("method", "get"), given["action"]))
        elif tag == "input" and self.forms and "name" in given:
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append(given)

    def handle_data(self, data: str) -> None:
        self.words.append(data.replace("\u2060", "").replace("\u00a0", " "))
