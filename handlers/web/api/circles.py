"""Circles and their members in the API."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from handlers.web import paging
from handlers.web.api.fields import (
    NOT_GIVEN,
    Email,
    GivenLongTexts,
    GivenTexts,
    Id,
    Limit,
    Line,
    Name,
    Page,
    Paging,
    Slug,
    Texts,
    facts,
    texts,
)
from handlers.web.api.typed import Answer, Call, Given, Operation
from service import model
from service.actions import circles, closing, joining, members
from service.model import Joining, Language, MembershipRole, MembershipState, Visibility
from service.store import memberships

Kind = Annotated[str, StringConstraints(pattern="^[a-z_]+$", max_length=80)]


class NewCircle(Given):
    """A standing community; its kind decides who may see and join it."""

    slug: Slug = Field(description="Its name in addresses")
    kind: Kind
    title: GivenTexts
    description: GivenLongTexts | None = None
    language: Language | None = Field(
        None, description="Of its mails to people who chose none; without it that of the kind, else ours"
    )
    programme: Line | None = Field(None, description="Of the annual plan")


class CircleChanges(Given):
    """What is to change; the rest stays as it is."""

    kind: Kind = NOT_GIVEN
    title: GivenTexts = NOT_GIVEN
    description: GivenLongTexts | None = None
    language: Language = NOT_GIVEN
    programme: Line | None = None


class CirclesQuery(Given):
    """Which circles."""

    after: Slug | None = Field(None, description="`next` of the page before")
    limit: Limit = 100


class Circle(Answer):
    """A standing community."""

    id: int
    slug: str
    kind: str
    title: Texts
    description: Texts
    language: Language
    programme: str | None
    visibility: Visibility
    confidential: bool
    joining: Joining
    most_members: int | None = Field(description="It is one group, of no more than these; its kind decides")
    closed_at: datetime | None = Field(description="Nobody joins and nothing is planned any more since then")
    url: str


class MembersQuery(Paging):
    """Which members."""

    state: Literal["active", "requested"] = Field("active", description="requested: who asks to come in")
    q: Line | None = Field(None, description="Part of a name or of an organisation")


class ListedMember(Answer):
    """Somebody in a circle, or who asks to be."""

    person_id: int
    name: str
    organisation: str | None
    role: MembershipRole
    state: MembershipState
    since: datetime


class OneMember(ListedMember):
    """Somebody in a circle, with what taking them out would do."""

    invited: int = Field(description="Off how many gatherings to come they would be taken")


class Reason(Given):
    """Why; stands in the mail."""

    reason: Line | None = None


class NewMember(Given):
    """What a person is to the circle."""

    role: MembershipRole


class AddedMember(Given):
    """Somebody by the address that their invitations go to."""

    name: Name = Field(description="Of somebody new; the name of whom Kring knows stays what it is")
    email: Email
    language: Language | None = Field(None, description="Of somebody new; the circle's own where it is not given")
    role: MembershipRole = MembershipRole.PARTICIPANT


class Closing(Answer):
    """What closing a circle would do; nothing has been done."""

    people: int = Field(description="How many get the mail that says so")
    gatherings: int = Field(description="How many to come are cancelled, drafts too")
    calendars: int = Field(description="How many people have one of those in their calendar, and are told of it")


class Member(Answer):
    """A person in a circle."""

    circle: str
    person_id: int
    role: MembershipRole


async def create(call: Call, *, body: NewCircle) -> Circle:
    """Add a circle; a slug that is taken is a conflict."""
    given = {"title_nl": "", "title_en": ""} | facts(body)
    given |= {"language": body.language, "association": call.site.language}
    given["programme"] = body.programme or ""
    return _answer(call, await circles.create(call.db, call.actor, **given, now=call.now))


async def every(call: Call, *, query: CirclesQuery) -> Page[Circle]:
    """List the circles."""
    found = await circles.visible(call.db, call.actor, after=query.after, limit=query.limit + 1, closed=True)
    kept, after = paging.first(found, query.limit, lambda last: last.slug)
    return Page[Circle](items=[_answer(call, each) for each in kept], next=after)


async def one(call: Call, *, slug: Slug) -> Circle:
    """Read a circle."""
    return _answer(call, await circles.get(call.db, call.actor, slug))


async def change(call: Call, *, slug: Slug, body: CircleChanges) -> Circle:
    """Change a circle."""
    given = facts(body)
    if "programme" in given:
        given["programme"] = given["programme"] or ""
    return _answer(call, await circles.change(call.db, call.actor, slug, given, now=call.now))


async def close(call: Call, *, slug: Slug, body: Reason) -> Circle:
    """Close a circle: what is to come is cancelled, and everybody in it is told by one mail; history stays."""
    return _answer(call, await closing.close(call.db, call.actor, slug, body.reason or "", now=call.now))


async def would_close(call: Call, *, slug: Slug) -> Closing:
    """Count who would hear of it if the circle were closed, without doing it."""
    return Closing(**asdict(await closing.would_close(call.db, call.actor, slug, now=call.now)))


async def reopen(call: Call, *, slug: Slug) -> Circle:
    """Open a closed circle again, with the people it had; mails nobody."""
    return _answer(call, await closing.reopen(call.db, call.actor, slug, now=call.now))


async def every_member(call: Call, *, slug: Slug, query: MembersQuery) -> Page[ListedMember]:
    """List who is in a circle, facilitators first, then by name; of a confidential one only for its own people."""
    found = await members.page(
        call.db,
        call.actor,
        slug,
        state=query.state,
        words=query.q or "",
        after=query.after_id or None,
        limit=query.limit + 1,
    )
    kept, after = paging.first(found, query.limit, lambda last: str(last.person_id))
    return Page[ListedMember](items=[_listed(each) for each in kept], next=after)


async def one_member(call: Call, *, slug: Slug, person_id: Id) -> OneMember:
    """Read what one person is in a circle; of a confidential one only for its own people."""
    found = await members.leaving(call.db, call.actor, slug, person_id, now=call.now)
    return OneMember(**_listed(found.member).model_dump(), invited=found.invited)


async def set_member(call: Call, *, slug: Slug, person_id: Id, body: NewMember) -> Member:
    """Let a person be in a circle; who is new is invited to its published gatherings to come.

    A group that is complete takes nobody more: a conflict. Somebody of the team comes into a confidential circle that
    has had members only through who leads it: not_allowed.
    """
    await joining.set_member(call.db, call.actor, slug, person_id, body.role, now=call.now)
    return Member(circle=slug, person_id=person_id, role=body.role)


async def add_member(call: Call, *, slug: Slug, body: AddedMember) -> Member:
    """Let in the person of a mail address, who is added where nobody has it; otherwise as by number."""
    found = await circles.get(call.db, call.actor, slug)
    given = {"name": body.name, "email": body.email, "language": body.language or found.language, "role": body.role}
    person_id = await members.add_by_address(call.db, call.actor, slug, **given, now=call.now)
    return Member(circle=slug, person_id=person_id, role=body.role)


async def remove_member(call: Call, *, slug: Slug, person_id: Id) -> None:
    """Take a person out of a circle and off the lists of its gatherings to come."""
    await joining.remove_member(call.db, call.actor, slug, person_id, now=call.now)


def _answer(call: Call, circle: model.Circle) -> Circle:
    return Circle(
        id=circle.id,
        slug=circle.slug,
        kind=circle.kind,
        title=texts(circle.title_nl, circle.title_en),
        description=texts(circle.description_nl, circle.description_en),
        language=Language(circle.language),
        programme=circle.programme or None,
        visibility=Visibility(circle.visibility),
        confidential=circle.confidential,
        joining=Joining(circle.joining),
        most_members=circle.most_members,
        closed_at=circle.closed_at,
        url=f"{call.site.base_url}/circles/{circle.slug}",
    )


def _listed(member: memberships.Member) -> ListedMember:
    return ListedMember(
        person_id=member.person_id,
        name=member.name,
        organisation=member.organisation,
        role=MembershipRole(member.role),
        state=MembershipState(member.state),
        since=member.since,
    )


OPERATIONS = (
    Operation("POST", "/circles", create, status=201, located="slug"),
    Operation("GET", "/circles", every),
    Operation("GET", "/circles/{slug}", one),
    Operation("PATCH", "/circles/{slug}", change),
    Operation("GET", "/circles/{slug}/close", would_close),
    Operation("POST", "/circles/{slug}/close", close),
    Operation("POST", "/circles/{slug}/reopen", reopen),
    Operation("GET", "/circles/{slug}/members", every_member),
    Operation("POST", "/circles/{slug}/members", add_member),
    Operation("GET", "/circles/{slug}/members/{person_id}", one_member),
    Operation("PUT", "/circles/{slug}/members/{person_id}", set_member),
    Operation("DELETE", "/circles/{slug}/members/{person_id}", remove_member, status=204),
)
