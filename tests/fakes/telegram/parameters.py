"""How a call arrives: query string, form, multipart with files, or JSON; here it becomes one kind of parameters."""

import json
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.fakes.telegram.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart body."""

    name: str
    media_type: str
    content: bytes


class Parameters(dict[str, Any]):
    """The parameters of one call; what holds a structure is decoded where it is asked for."""

    def __init__(self, values: dict[str, Any], uploads: dict[str, Upload]) -> None:
        super().__init__(values)
        self.uploads = uploads
        if "chat_id" in values and isinstance(values["chat_id"], str) and values["chat_id"].lstrip("-").isdigit():
            self["chat_id"] = int(values["chat_id"])

    @classmethod
    async def of(cls, request: web.Request) -> Self:
        values: dict[str, Any] = dict(request.query)
        uploads: dict[str, Upload] = {}
        if request.content_type == "application/json" and request.can_read_body:
            try:
                values |= await request.json()
            except ValueError:
                raise Refusal.bad("can't parse JSON object") from None
        elif request.method == "POST":
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    uploads[name] = Upload(value.filename, value.content_type, value.file.read())
                elif isinstance(value, str):
                    values[name] = value
        return cls(values, uploads)

    def text(self, name: str) -> str:
        return str(self.get(name, ""))

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Return a number within bounds: what lies outside is moved to the bound, as the Bot API does."""
        try:
            return min(max(int(self.get(name, default)), low), high)
        except (TypeError, ValueError):
            raise Refusal.bad(f"can't parse {name} as an integer") from None

    def flag(self, name: str) -> bool:
        return str(self.get(name, "")).lower() in ("true", "1")

    def structure(self, name: str) -> Any:
        """Return what is written as JSON in a form, or stands as it is in a JSON body; None if it is not there."""
        value = self.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal.bad(f"can't parse {name} JSON object") from None

    def file(self, name: str) -> Upload | str:
        """Return an upload (its own part, or attach://part) or the file_id that stands in its place."""
        if name in self.uploads:
            return self.uploads[name]
        value = self.text(name)
        if value.startswith("attach://"):
            try:
                return self.uploads[value.removeprefix("attach://")]
            except KeyError:
                raise Refusal.bad("there is no attached file with that name") from None
        if not value:
            raise Refusal.bad(f"there is no {name} in the request")
        return value
