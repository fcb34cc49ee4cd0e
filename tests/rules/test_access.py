"""Who may do what: the whole table by hand, every verb for every role on every kind of object."""

import itertools

import pytest

from service.errors import NotAllowed, NotFound
from service.model import Role, Visibility
from service.rules.access import ANONYMOUS, KRING, NOTHING, Actor, Object, Verb, can, require

CIRCLE, OTHER = 1, 2
ANNA, BERT = 11, 12
REGISTRATION = 21

ACTORS = {
    "anonymous": ANONYMOUS,
    "holder": Actor("link", registration_id=REGISTRATION),
    "unproved": Actor("typed", person_id=ANNA),  # says to be somebody, has not signed in
    "guest": Actor("person:11", person_id=ANNA, signed_in=True, member_of=frozenset({OTHER})),
    "member": Actor("person:11", person_id=ANNA, signed_in=True, member_of=frozenset({CIRCLE})),
    "facilitator": Actor(
        "person:11", person_id=ANNA, signed_in=True, member_of=frozenset({CIRCLE}), facilitates=frozenset({CIRCLE})
    ),
    "neighbour": Actor(
        "person:11", person_id=ANNA, signed_in=True, member_of=frozenset({OTHER}), facilitates=frozenset({OTHER})
    ),
    "staff": Actor("person:11", person_id=ANNA, signed_in=True, role=Role.STAFF),
    "admin": Actor("person:11", person_id=ANNA, signed_in=True, role=Role.ADMIN),
    "circle key": Actor("api:1", signed_in=True, facilitates=frozenset({CIRCLE})),
    "other key": Actor("api:2", signed_in=True, facilitates=frozenset({OTHER})),
    "staff key": Actor("api:3", signed_in=True, role=Role.STAFF),
    "kring": KRING,
}

NOBODY: set[str] = set()
TEAM = {"staff", "admin", "staff key", "kring"}
LEAD = {"facilitator", "circle key"}
RUN = LEAD | TEAM
OWN = {"member", "facilitator", "circle key"}
PEOPLE = {"guest", "member", "facilitator", "neighbour", "staff", "admin"}  # signed in as somebody
EVERYBODY = set(ACTORS)


def thing(visibility: Visibility = Visibility.PUBLIC, *, confidential: bool = False, published: bool = True) -> Object:
    return Object(CIRCLE, visibility, confidential, published)


OBJECTS = {
    "public": thing(),
    "members": thing(Visibility.MEMBERS),
    "circle": thing(Visibility.CIRCLE),
    "secret": thing(Visibility.CIRCLE, confidential=True),
    "secret, shown by mistake": thing(Visibility.PUBLIC, confidential=True),
    "draft": thing(published=False),
    "secret draft": thing(Visibility.CIRCLE, confidential=True, published=False),
}

SEEN = {
    "public": EVERYBODY,
    "members": PEOPLE | RUN,
    "circle": OWN | TEAM,
    "secret": OWN | TEAM,
    "secret, shown by mistake": OWN | TEAM,
    "draft": RUN,
    "secret draft": RUN,
}
NAMES = {
    "public": RUN,
    "members": RUN,
    "circle": RUN,
    "secret": OWN,
    "secret, shown by mistake": OWN,
    "draft": RUN,
    "secret draft": OWN,
}
PERSONAL = {
    "public": RUN,
    "members": RUN,
    "circle": RUN,
    "secret": LEAD,
    "secret, shown by mistake": LEAD,
    "draft": RUN,
    "secret draft": LEAD,
}
RUNNING = dict.fromkeys(OBJECTS, RUN)
SHARED = {name: NOBODY if "secret" in name else RUN for name in OBJECTS}
OPERATORS = {"admin", "kring"}
OF_THE_TEAM = dict.fromkeys(OBJECTS, TEAM)

EXPECTED: dict[Verb, dict[str, set[str]]] = {
    Verb.SEE_GATHERING: SEEN,
    Verb.READ_CONTENT: SEEN,
    Verb.SEE_CIRCLE: SEEN,
    Verb.JOIN_CIRCLE: {name: who & PEOPLE for name, who in SEEN.items()},
    Verb.SIGN_UP: {name: who & PEOPLE & (OWN if "secret" in name else EVERYBODY) for name, who in SEEN.items()},
    Verb.ANSWER: dict.fromkeys(OBJECTS, NOBODY),  # of no registration in particular
    Verb.ANSWER_FOR: PERSONAL,
    Verb.INVITE_GUEST: PERSONAL,
    Verb.SET_SEATS: PERSONAL,
    Verb.VOTE: dict.fromkeys(OBJECTS, PEOPLE & OWN),
    Verb.SEE_ROSTER: NAMES,
    Verb.MARK_ATTENDANCE: PERSONAL,
    Verb.ADD_WALK_IN: {name: NOBODY if "secret" in name else RUN for name in OBJECTS},
    Verb.RATE: dict.fromkeys(OBJECTS, NOBODY),  # of no registration in particular
    Verb.SEE_RATING: RUNNING,
    Verb.SEE_MATERIAL: {name: who & OWN if "secret" in name else who for name, who in SEEN.items()},
    Verb.EDIT_MATERIAL: PERSONAL,
    Verb.ASK_QUESTIONS: RUNNING,
    Verb.SEE_ANSWERS: PERSONAL,
    Verb.MESSAGE_PARTICIPANTS: PERSONAL,
    Verb.SHARE_CARD: SHARED,
    Verb.SEE_LEDGER: PERSONAL,
    Verb.EDIT_GATHERING: RUNNING,
    Verb.SET_MEMBERS: RUNNING,
    Verb.LET_IN_TEAM: PERSONAL,
    Verb.EDIT_CIRCLE: OF_THE_TEAM,
    Verb.DESCRIBE_CIRCLE: RUNNING,
    Verb.CONNECT: dict.fromkeys(OBJECTS, NOBODY),  # to nobody in particular
    Verb.VOUCH: {thing: {"kring"} for thing in OBJECTS},
    Verb.EDIT_PEOPLE: OF_THE_TEAM,
    Verb.SEE_PEOPLE: OF_THE_TEAM,
    Verb.NAME_ANYBODY: OF_THE_TEAM,
    Verb.SET_PREFERENCES: OF_THE_TEAM,
    Verb.SIGN_OUT: dict.fromkeys(OBJECTS, OPERATORS),
    Verb.EXPORT: OF_THE_TEAM,
    Verb.ERASE: OF_THE_TEAM,
    Verb.SEE_PLAN: OF_THE_TEAM,
    Verb.EDIT_PLAN: OF_THE_TEAM,
    Verb.READ_INBOX: RUNNING,
    Verb.OPERATE: dict.fromkeys(OBJECTS, OPERATORS),
}


def test_the_table_has_every_verb_and_every_object() -> None:
    assert set(EXPECTED) == set(Verb)
    assert all(set(row) == set(OBJECTS) for row in EXPECTED.values())


@pytest.mark.parametrize(("verb", "name"), list(itertools.product(Verb, OBJECTS)))
def test_exactly_those_of_the_table_may(verb: Verb, name: str) -> None:
    assert {who for who, actor in ACTORS.items() if can(actor, verb, OBJECTS[name])} == EXPECTED[verb][name]


@pytest.mark.parametrize("verb", Verb)
def test_without_an_object_only_what_needs_none_is_allowed(verb: Verb) -> None:
    expected = {
        Verb.SEE_GATHERING: EVERYBODY,
        Verb.READ_CONTENT: EVERYBODY,
        Verb.SEE_CIRCLE: EVERYBODY,
        Verb.JOIN_CIRCLE: PEOPLE,
        Verb.SIGN_UP: PEOPLE,
        Verb.OPERATE: OPERATORS,
        Verb.SIGN_OUT: OPERATORS,
        Verb.ANSWER: NOBODY,
        Verb.VOTE: NOBODY,
        Verb.RATE: NOBODY,
        Verb.SEE_MATERIAL: EVERYBODY,
        Verb.CONNECT: NOBODY,
        Verb.VOUCH: {"kring"},
    }.get(verb, TEAM)
    assert {who for who, actor in ACTORS.items() if can(actor, verb, NOTHING)} == expected


@pytest.mark.parametrize(("verb", "name"), list(itertools.product((Verb.ANSWER, Verb.RATE), OBJECTS)))
def test_an_answer_is_its_persons_or_its_holders_whatever_the_gathering(verb: Verb, name: str) -> None:
    of = OBJECTS[name]
    hers = Object(of.circle_id, of.visibility, of.confidential, of.published, REGISTRATION, ANNA)
    his = Object(of.circle_id, of.visibility, of.confidential, of.published, REGISTRATION + 1, BERT)
    assert {who for who, actor in ACTORS.items() if can(actor, verb, hers)} == PEOPLE | {"holder"}
    assert {who for who, actor in ACTORS.items() if can(actor, verb, his)} == NOBODY


@pytest.mark.parametrize("verb", [Verb.SEE_PEOPLE, Verb.SET_PREFERENCES])
def test_a_person_and_what_they_prefer_are_the_teams_and_their_own(verb: Verb) -> None:
    assert {who for who, actor in ACTORS.items() if can(actor, verb, Object(person_id=ANNA))} == TEAM | PEOPLE
    assert {who for who, actor in ACTORS.items() if can(actor, verb, Object(person_id=BERT))} == TEAM


def test_a_person_signs_out_themselves_and_an_admin_everybody() -> None:
    of = Verb.SIGN_OUT
    assert {who for who, actor in ACTORS.items() if can(actor, of, Object(person_id=ANNA))} == OPERATORS | PEOPLE
    assert {who for who, actor in ACTORS.items() if can(actor, of, Object(person_id=BERT))} == OPERATORS


@pytest.mark.parametrize("verb", Verb)
def test_a_refusal_never_tells_that_something_hidden_exists(verb: Verb) -> None:
    for name, (who, actor) in itertools.product(OBJECTS, ACTORS.items()):
        if can(actor, verb, OBJECTS[name]):
            require(actor, verb, OBJECTS[name])
            continue
        with pytest.raises((NotFound, NotAllowed)) as refusal:
            require(actor, verb, OBJECTS[name])
        assert refusal.type is (NotAllowed if who in SEEN[name] else NotFound), (name, who)


@pytest.mark.parametrize("verb", [Verb.EXPORT, Verb.ERASE])
def test_a_person_takes_along_and_erases_themselves_and_the_team_everybody(verb: Verb) -> None:
    assert {who for who, actor in ACTORS.items() if can(actor, verb, Object(person_id=ANNA))} == TEAM | PEOPLE
    assert {who for who, actor in ACTORS.items() if can(actor, verb, Object(person_id=BERT))} == TEAM


def test_a_chat_is_connected_to_oneself_alone() -> None:
    own = {who for who, actor in ACTORS.items() if can(actor, Verb.CONNECT, Object(person_id=ANNA))}
    assert own == PEOPLE
    assert not [who for who, actor in ACTORS.items() if can(actor, Verb.CONNECT, Object(person_id=BERT))]
