"""What is left of a gathering, in the API: its report, links and files."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from handlers.web.api import messages
from handlers.web.api.fields import Id, Items, Line
from handlers.web.api.messages import Sent
from handlers.web.api.typed import Answer, Call, File, Given, Operation
from service.actions import broadcasting, materials
from service.errors import Invalid
from service.formats import attachments
from service.store.materials import Material as Kept

Base64 = Annotated[str, StringConstraints(max_length=attachments.LARGEST * 4 // 3 + 4, pattern="^[A-Za-z0-9+/=]*$")]
LARGEST_BODY: Final = attachments.LARGEST * 4 // 3 + 64 * 1024


class GivenMaterial(Given):
    """A link (`url`), or a file (`name` and `content`)."""

    title: Line | None = Field(None, description="What it is; the address or the name where it is not given")
    url: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    name: Line | None = Field(None, description="Of a PDF, PNG, JPEG, Word, PowerPoint, Excel or OpenDocument file")
    content: Base64 | None = Field(None, description="The file in base64, at most 5 MB of it")


class Material(Answer):
    """A link, or a file of so many bytes."""

    id: int
    title: str
    url: str | None
    name: str | None
    media_type: str | None
    size: int
    added_at: datetime


class GivenReport(Given):
    """What came of a gathering; empty throws the report away."""

    text: Annotated[str, StringConstraints(max_length=broadcasting.LONGEST)]


class Report(Answer):
    """What came of a gathering."""

    text: str | None
    changed_at: datetime | None
    told: bool = Field(description="Whether it is on its way to those who were there, or with them")


async def every(call: Call, *, id_: Id) -> Items[Material]:
    """List the links and files of a gathering."""
    found = await materials.read(call.db, call.actor, id_)
    return Items[Material](items=[_answer(each) for each in found.materials])


async def add(call: Call, *, id_: Id, body: GivenMaterial) -> Material:
    """Keep a link or a file."""
    title = body.title or ""
    if (body.url is None) == (body.content is None):
        raise Invalid("url", "give a url, or a name and a content")
    if body.url is not None:
        return _answer(await materials.add_link(call.db, call.actor, id_, title=title, url=body.url, now=call.now))
    name, content = body.name or "", _decoded(body.content or "")
    made = await materials.add_file(call.db, call.actor, id_, title=title, name=name, content=content, now=call.now)
    return _answer(made)


async def take(call: Call, *, id_: Id, material_id: Id) -> File:
    """Take a file along."""
    found = await materials.file(call.db, call.actor, id_, material_id)
    return File(found.content, found.name)


async def remove(call: Call, *, id_: Id, material_id: Id) -> None:
    """Throw away a link or a file."""
    await materials.remove(call.db, call.actor, id_, material_id)


async def report(call: Call, *, id_: Id) -> Report:
    """Read the report of a gathering."""
    return await _report(call, id_)


async def write_report(call: Call, *, id_: Id, body: GivenReport) -> Report:
    """Write the report of a gathering; tells nobody."""
    await materials.write_report(call.db, call.actor, id_, body.text, now=call.now)
    return await _report(call, id_)


async def tell_report(call: Call, *, id_: Id) -> Sent:
    """Tell the report to those who were there, once."""
    return messages.sent(await materials.tell_report(call.db, call.actor, id_, now=call.now, pause=call.coalesce))


async def _report(call: Call, gathering_id: int) -> Report:
    found = (await materials.read(call.db, call.actor, gathering_id)).report
    if found is None:
        return Report(text=None, changed_at=None, told=False)
    return Report(text=found.text, changed_at=found.changed_at, told=found.told)


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error:
        raise Invalid("content", "This is no base64.") from None


def _answer(kept: Kept) -> Material:
    return Material(
        id=kept.id,
        title=kept.title,
        url=kept.url or None,
        name=kept.name or None,
        media_type=kept.media_type or None,
        size=kept.size,
        added_at=kept.added_at,
    )


OPERATIONS = (
    Operation("GET", "/gatherings/{id}/materials", every),
    Operation("POST", "/gatherings/{id}/materials", add, status=201, largest=LARGEST_BODY),
    Operation("GET", "/gatherings/{id}/materials/{material_id}", take, media="application/octet-stream"),
    Operation("DELETE", "/gatherings/{id}/materials/{material_id}", remove, status=204),
    Operation("GET", "/gatherings/{id}/report", report),
    Operation("PUT", "/gatherings/{id}/report", write_report),
    Operation("POST", "/gatherings/{id}/report/tell", tell_report),
)
