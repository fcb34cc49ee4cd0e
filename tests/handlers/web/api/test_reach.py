"""Where a person is reached and read along, with keys of the team: chats and calendar subscriptions, and their end."""

from service.actions import feeds, linking, people
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking, circle, person


async def test_subscriptions_are_listed_without_an_address_and_ended(
    ask: Asking, db: Database, clock: MovableClock
) -> None:
    ada, bea = await person(ask, "Ada"), await person(ask, "Bea")
    await circle(ask, members=(ada,))
    who = await people.actor_for(db, ada)
    tokens = [
        await feeds.create_feed(db, who, kind, slug, now=clock.now())
        for kind, slug in (("person", None), ("circle", "data"))
    ]
    said = await ask.get(f"/people/{ada}/feeds")
    assert [(one["kind"], one["circle"], one["last_used_at"]) for one in said.items] == [
        ("person", None, None),
        ("circle", "data", None),
    ]
    assert not [token for token in tokens if token in str(said.body)]
    first, second = (one["id"] for one in said.items)
    assert (await ask.delete(f"/people/{bea}/feeds/{first}")).status == 404
    assert [(await ask.delete(f"/people/{ada}/feeds/{first}")).status for _ in range(2)] == [204, 204]
    assert [one["id"] for one in (await ask.get(f"/people/{ada}/feeds")).items] == [second]
    assert [(await ask.client.get(f"/feeds/{token}.ics")).status for token in tokens] == [410, 200]
    assert (await ask.get("/people/1000000/feeds")).status == 404


async def test_the_feed_of_a_circle_that_has_become_confidential_is_not_told_of(
    ask: Asking, db: Database, clock: MovableClock
) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    who = await people.actor_for(db, ada)
    await feeds.create_feed(db, who, "circle", "data", now=clock.now())
    (feed,) = (await ask.get(f"/people/{ada}/feeds")).items
    assert (await ask.patch("/circles/data", {"kind": "intervision_group"})).status == 200
    assert (await ask.get(f"/people/{ada}/feeds")).items == []
    assert (await ask.delete(f"/people/{ada}/feeds/{feed['id']}")).status == 404
    assert [one.id for one in await feeds.feeds(db, who, ada)] == [feed["id"]]


async def test_of_an_admin_nothing_is_ended_with_a_key_of_staff(ask: Asking, db: Database, clock: MovableClock) -> None:
    ada = await person(ask, "Ada")
    await feeds.create_feed(db, await people.actor_for(db, ada), "person", now=clock.now())
    await connect(db, clock, ada)
    await people.change_person(db, KRING, ada, {"role": "admin"}, now=clock.now())
    (feed,) = (await ask.get(f"/people/{ada}/feeds")).items
    chat = (await ask.get(f"/people/{ada}/addresses")).items[-1]
    assert (await ask.delete(f"/people/{ada}/feeds/{feed['id']}")).status == 403
    assert (await ask.delete(f"/people/{ada}/addresses/{chat['id']}")).status == 403


async def test_a_chat_is_parted_from_its_person_and_mail_takes_its_place(
    ask: Asking, db: Database, clock: MovableClock
) -> None:
    ada = await person(ask, "Ada")
    await connect(db, clock, ada)
    mail, chat = (await ask.get(f"/people/{ada}/addresses")).items
    assert (mail["channel"], chat["channel"]) == ("mail", "telegram")
    assert (await ask.get(f"/people/{ada}/preferences")).body["preferred_channel"] == "telegram"
    assert (await ask.delete(f"/people/{ada}/addresses/{mail['id']}")).status == 404
    assert [(await ask.delete(f"/people/{ada}/addresses/{chat['id']}")).status for _ in range(2)] == [204, 404]
    kept = (await ask.get(f"/people/{ada}/preferences")).body
    assert (kept["preferred_channel"], kept["channels"]) == ("mail", ["mail"])


async def connect(db: Database, clock: MovableClock, person_id: int) -> None:
    token = await linking.begin(db, await people.actor_for(db, person_id), "telegram", now=clock.now())
    offer = await linking.look(db, "telegram", token, "7", now=clock.now())
    await linking.accept(db, "telegram", offer.request_id, "7", account="", now=clock.now())
