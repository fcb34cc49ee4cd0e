import gzip
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from handlers.web.feeds import KEPT
from service.actions import feeds, joining, people, scheduling
from service.clock import MovableClock
from service.model import Partstat, Person
from service.rules.access import KRING
from tests.formats.reading import vevents
from tests.handlers.web.house import House


@dataclass(frozen=True)
class Fetched:
    """What a calendar program got, with the bytes as they came over the wire."""

    status: int
    headers: Any
    body: bytes

    @property
    def titles(self) -> list[str]:
        plain = gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body
        return [str(event["SUMMARY"]) for event in vevents(plain)]


async def fetch(served: TestServer, path: str, *, method: str = "GET", **headers: str) -> Fetched:
    """Ask as a calendar program does: no cookies, and nothing that was not told to be sent."""
    sent = {"Accept-Encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.request(method, served.make_url(path), headers=sent, allow_redirects=False) as response,
    ):
        return Fetched(response.status, response.headers, await response.read())


async def subscribe(house: House, person: Person, circle: str | None = None) -> str:
    actor = await people.actor_for(house.db, person.id)
    kind = "circle" if circle else "person"
    return f"/feeds/{await feeds.create_feed(house.db, actor, kind, circle, now=house.now)}.ics"


async def test_the_public_feed_is_a_calendar_for_everybody(served: TestServer, house: House) -> None:
    answer = await fetch(served, "/feeds/public.ics")
    assert (answer.status, answer.titles) == (200, ["Gegevens delen", "Kleine zaal"])
    assert {name: answer.headers.get(name) for name in SHOWN} == {
        "Content-Type": "text/calendar; charset=utf-8",
        "Cache-Control": "public, max-age=60",
        "Vary": "Accept-Encoding",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": None,
        "Set-Cookie": None,
        "Content-Length": str(len(answer.body)),
        "Last-Modified": "Mon, 23 Nov 2026 09:00:00 GMT",
    }


SHOWN = (
    "Content-Type",
    "Cache-Control",
    "Vary",
    "X-Robots-Tag",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "Content-Disposition",
    "Set-Cookie",
    "Content-Length",
    "Last-Modified",
)


async def test_a_feed_of_a_token_is_for_its_holder_alone(served: TestServer, house: House) -> None:
    await house.answer(house.open, house.ben, Partstat.TENTATIVE)
    own, circle = await subscribe(house, house.ben), await subscribe(house, house.ben, "data")
    for path, titles in ((own, ["Sharing data", "Small room"]), (circle, ["Sharing data", "Small room"])):
        answer = await fetch(served, path)
        assert (answer.status, answer.titles) == (200, titles)
        assert (answer.headers["Cache-Control"], "Set-Cookie" in answer.headers) == ("private, no-cache", False)


async def test_an_unchanged_feed_is_not_sent_again(served: TestServer, house: House) -> None:
    for path in ("/feeds/public.ics", await subscribe(house, house.anna)):
        first = await fetch(served, path)
        tag = first.headers["ETag"]
        assert (tag[0], tag[-1]) == ('"', '"')
        for seen in (tag, f"W/{tag}", f'"something else", {tag}', "*"):
            again = await fetch(served, path, If_None_Match=seen)
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
            assert again.headers["Vary"] == "Accept-Encoding"
        assert (await fetch(served, path, If_None_Match='"something else"')).status == 200


async def test_a_feed_is_not_dated_ahead_of_its_answer(served: TestServer, house: House) -> None:
    facts, later = {"visibility": "members"}, house.now + timedelta(milliseconds=1_400)
    await scheduling.change(house.db, KRING, house.open.id, facts, now=later, coalesce=timedelta(0))
    answer = await fetch(served, "/feeds/public.ics")
    assert answer.headers["Last-Modified"] == "Mon, 23 Nov 2026 09:00:01 GMT"


async def test_a_date_alone_never_says_that_nothing_changed(served: TestServer, house: House) -> None:
    first = await fetch(served, "/feeds/public.ics")
    facts = {"visibility": "members"}
    await scheduling.change(house.db, KRING, house.open.id, facts, now=house.now, coalesce=timedelta(0))
    later = await fetch(served, "/feeds/public.ics", If_Modified_Since=first.headers["Last-Modified"])
    assert (later.status, later.titles) == (200, ["Kleine zaal"])


async def test_a_change_is_in_the_next_fetch_and_a_removal_too(
    served: TestServer, house: House, clock: MovableClock
) -> None:
    path, tag = "/feeds/public.ics", ""
    for facts, titles in (
        ({"title_nl": "Gegevens ruilen"}, ["Gegevens ruilen", "Kleine zaal"]),
        ({"visibility": "members"}, ["Kleine zaal"]),
        ({"visibility": "public"}, ["Gegevens ruilen", "Kleine zaal"]),
    ):
        now = clock.move(timedelta(seconds=5))
        await scheduling.change(house.db, KRING, house.open.id, facts, now=now, coalesce=timedelta(0))
        answer = await fetch(served, path, If_None_Match=tag)
        assert (answer.status, answer.titles) == (200, titles)
        tag = answer.headers["ETag"]
    await scheduling.cancel(house.db, KRING, house.open.id, "", now=clock.move(timedelta(seconds=5)))
    answer = await fetch(served, path, If_None_Match=tag)
    assert answer.titles == ["Afgelast: Gegevens ruilen", "Kleine zaal"]
    clock.move(timedelta(days=9))
    answer = await fetch(served, path, If_None_Match=answer.headers["ETag"])
    assert (answer.status, answer.titles) == (200, ["Kleine zaal"])


async def test_a_feed_is_packed_for_whoever_takes_gzip_under_a_tag_of_its_own(served: TestServer, house: House) -> None:
    plain = await fetch(served, "/feeds/public.ics")
    packed = await fetch(served, "/feeds/public.ics", Accept_Encoding="br, gzip;q=0.8")
    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.body)) == ("gzip", plain.body)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    for tag in (plain.headers["ETag"], packed.headers["ETag"]):
        again = await fetch(served, "/feeds/public.ics", Accept_Encoding="gzip", If_None_Match=tag)
        assert (again.status, again.headers["ETag"]) == (304, packed.headers["ETag"])
        assert "Content-Encoding" not in again.headers
    for refused in ("gzip;q=0", "identity", "br, gzip; q=0.000"):
        answer = await fetch(served, "/feeds/public.ics", Accept_Encoding=refused)
        assert ("Content-Encoding" in answer.headers, answer.body) == (False, plain.body)


async def test_head_tells_what_get_would_send(served: TestServer, house: House) -> None:
    for path in ("/feeds/public.ics", await subscribe(house, house.anna)):
        for encoding in ("identity", "gzip"):
            got = await fetch(served, path, Accept_Encoding=encoding)
            head = await fetch(served, path, method="HEAD", Accept_Encoding=encoding)
            assert (head.status, head.body) == (200, b"")
            assert _undated(head.headers) == _undated(got.headers)
        assert (await fetch(served, path, method="HEAD", If_None_Match=got.headers["ETag"])).status == 304


async def test_the_public_feed_speaks_the_language_that_its_address_asks_for(served: TestServer, house: House) -> None:
    nl, en, odd = [await fetch(served, f"/feeds/public.ics{wish}") for wish in ("", "?lang=en", "?lang=fr")]
    assert (nl.titles, en.titles, odd.body) == (
        ["Gegevens delen", "Kleine zaal"],
        ["Sharing data", "Small room"],
        nl.body,
    )
    assert len({nl.headers["ETag"], en.headers["ETag"]}) == 2
    assert "Set-Cookie" not in en.headers
    english = await fetch(served, "/feeds/public.ics", Accept_Language="en", Accept="text/html", Cookie="kring-lang=en")
    assert english.body == nl.body


async def test_an_ended_feed_is_gone_and_an_unknown_one_is_not_found(served: TestServer, house: House) -> None:
    old = await subscribe(house, house.anna)
    new = await subscribe(house, house.anna)
    statuses = {path: await fetch(served, path) for path in (old, new, "/feeds/abc.ics", f"/feeds/{'x' * 43}.ics")}
    assert [answer.status for answer in statuses.values()] == [410, 200, 404, 404]
    for answer in statuses.values():
        assert (answer.headers["X-Robots-Tag"], "Set-Cookie" in answer.headers) == ("noindex", False)
    actor = await people.actor_for(house.db, house.anna.id)
    (feed,) = await feeds.feeds(house.db, actor, house.anna.id)
    tag = (await fetch(served, new)).headers["ETag"]
    await feeds.revoke_feed(house.db, actor, house.anna.id, feed.id, now=house.now)
    assert (await fetch(served, new, If_None_Match=tag)).status == 410


async def test_leaving_a_circle_empties_its_feed_at_the_next_fetch(served: TestServer, house: House) -> None:
    path = await subscribe(house, house.anna, "lobby")
    first = await fetch(served, path)
    assert first.titles == ["De nieuwe Kamer"]
    await scheduling.change(
        house.db, KRING, house.members.id, {"visibility": "circle"}, now=house.now, coalesce=timedelta(0)
    )
    second = await fetch(served, path, If_None_Match=first.headers["ETag"])
    assert second.titles == ["De nieuwe Kamer"]
    await joining.leave(house.db, await people.actor_for(house.db, house.anna.id), "lobby", now=house.now)
    third = await fetch(served, path, If_None_Match=second.headers["ETag"])
    assert (third.status, third.titles) == (200, [])


async def test_fetching_writes_nothing_and_its_use_is_noted_when_the_minute_is_over(
    served: TestServer, house: House
) -> None:
    path = await subscribe(house, house.anna)
    before = await house.digest()
    for _ in range(2):
        await fetch(served, path)
        await fetch(served, "/feeds/public.ics")
    assert await house.digest() == before
    await feeds.flush_usage(house.db, served.app[KEPT])
    (feed,) = await feeds.feeds(house.db, await people.actor_for(house.db, house.anna.id), house.anna.id)
    assert feed.last_used_at == house.now


@pytest.mark.parametrize("path", ["/feeds/public.ics/", "/feeds/", "/feeds/public", "/feeds/a/b.ics"])
async def test_no_address_beside_a_feed_leads_anywhere(served: TestServer, path: str) -> None:
    assert (await fetch(served, path)).status == 404


async def test_a_gathering_can_be_downloaded_as_the_public_feed_shows_it(served: TestServer, house: House) -> None:
    await scheduling.cancel(house.db, KRING, house.open.id, "", now=house.now)
    answer = await fetch(served, f"/gatherings/{house.open.id}.ics")
    assert (answer.status, answer.titles) == (200, ["Afgelast: Gegevens delen"])
    block = answer.body[answer.body.index(b"BEGIN:VEVENT") : answer.body.index(b"END:VCALENDAR")]
    assert block in (await fetch(served, "/feeds/public.ics")).body
    for hidden in (house.secret, house.draft, house.members):
        assert (await fetch(served, f"/gatherings/{hidden.id}.ics")).status == 404


def _undated(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "Date"}
