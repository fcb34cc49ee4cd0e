"""Ask the API and look at what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp.test_utils import TestClient


@dataclass(frozen=True)
class Said:
    """An answer: its status, headers, and its body as JSON or bytes."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def items(self) -> list[Any]:
        return self.body["items"]


@dataclass(frozen=True)
class Asking:
    """Somebody with a key."""

    client: TestClient
    key: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def with_key(self, key: str | None) -> "Asking":
        return Asking(self.client, key, self.headers)

    def with_headers(self, **headers: str) -> "Asking":
        return Asking(self.client, self.key, {name.replace("_", "-"): value for name, value in headers.items()})

    async def get(self, path: str, **query: Any) -> Said:
        return await self("GET", path, params=query)

    async def post(self, path: str, body: Any = None) -> Said:
        return await self("POST", path, json=body)

    async def put(self, path: str, body: Any) -> Said:
        return await self("PUT", path, json=body)

    async def patch(self, path: str, body: Any) -> Said:
        return await self("PATCH", path, json=body)

    async def delete(self, path: str) -> Said:
        return await self("DELETE", path)

    async def __call__(self, method: str, path: str, **more: Any) -> Said:
        headers = self.headers | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        headers |= more.pop("headers", {})
        if more.get("json", ...) is None:
            del more["json"]
        path = path if path.startswith("/api") else f"/api/v1{path}"
        async with self.client.request(method, path, headers=headers, allow_redirects=False, **more) as response:
            speaks_json = method != "HEAD" and response.content_type in ("application/json", "application/problem+json")
            body = await (response.json(content_type=None) if speaks_json else response.read())
            return Said(response.status, dict(response.headers), body)


async def organisation(ask: Asking, name: str = "Acme Zorg") -> int:
    said = await ask.post("/organisations", {"name": name})
    assert said.status == 201, said
    return said.body["id"]


async def person(ask: Asking, name: str, **more: Any) -> int:
    said = await ask.post("/people", {"name": name, "email": f"{name.lower()}@example.org", "language": "nl", **more})
    assert said.status == 201, said
    return said.body["id"]


async def circle(
    ask: Asking, slug: str = "data", kind: str = "community_of_practice", members: tuple[int, ...] = ()
) -> str:
    said = await ask.post("/circles", {"slug": slug, "kind": kind, "title": {"nl": "Datakring", "en": "Data circle"}})
    assert said.status == 201, said
    for each in members:
        assert (await ask.put(f"/circles/{slug}/members/{each}", {"role": "participant"})).status == 200
    return slug


async def gathering(ask: Asking, slug: str = "data", *, publish: bool = True, **more: Any) -> int:
    facts = {
        "circle": slug,
        "title": {"nl": "Kickoff", "en": "Kick-off"},
        "starts_at": "2026-12-01T16:00",
        "ends_at": "2026-12-01T17:30",
    }
    said = await ask.post("/gatherings", facts | more)
    assert said.status == 201, said
    if publish:
        assert (await ask.post(f"/gatherings/{said.body['id']}/publish")).status == 200
    return said.body["id"]
