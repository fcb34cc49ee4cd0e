import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.console.render import CAPABILITIES, render
from service.channels import (
    Block,
    Capabilities,
    Choice,
    Document,
    Facts,
    Heading,
    Intent,
    Outbound,
    Paragraph,
    Topic,
)

CARD = Outbound(
    "gathering:12",
    (
        Heading("12 · Kick-off"),
        Paragraph("You haven't answered yet. Will you be there? We would like to know before the end of the week."),
        Facts((("When", "Tuesday 1 December 2026, 16:00–17:30"), ("Where", "Utrecht"))),
        Document("data-2026-12-01.csv", "text/csv", b"name"),
    ),
    (
        Choice("Yes, I'll be there", Intent(Topic.ACCEPT, "12"), "yes 12", "http://kring.test/r/a?answer=accepted"),
        Choice("No", Intent(Topic.DECLINE, "12"), "no 12", "http://kring.test/r/a?answer=declined"),
    ),
)


def test_a_message_reads_well_in_a_terminal() -> None:
    assert render(CARD, width=60) == (
        "12 · Kick-off\n"
        "─────────────\n"
        "\n"
        "You haven't answered yet. Will you be there? We would like\n"
        "to know before the end of the week.\n"
        "\n"
        "When   Tuesday 1 December 2026, 16:00–17:30\n"
        "Where  Utrecht\n"
        "\n"
        "[data-2026-12-01.csv]\n"
        "\n"
        "› yes 12  Yes, I'll be there\n"
        "› no 12   No"
    )


def test_a_narrow_terminal_gets_choices_under_each_other() -> None:
    choice = Choice("Join", Intent(Topic.JOIN, "data-denkers"), "join data-denkers")
    assert render(Outbound("x", (), (choice,)), width=30) == "› join data-denkers\n  Join"


def test_a_long_value_hangs_under_its_beginning() -> None:
    facts = Facts((("More", "one two three four five six seven"), ("Empty", "")))
    assert render(Outbound("x", (facts,)), width=24) == (
        "More   one two three\n       four five six\n       seven\nEmpty"
    )


@pytest.mark.parametrize(
    ("capabilities", "there", "gone"),
    [
        (CAPABILITIES, ["[data-2026-12-01.csv]", "› yes 12"], ["http"]),
        (Capabilities(files=False, links=False), ["› yes 12"], ["data-2026", "http"]),
        (Capabilities(links=True), ["http://kring.test/r/a?answer=accepted"], []),
        (Capabilities(max_text=50), ["12 · Kick-off", "…"], ["yes 12"]),
    ],
    ids=["terminal", "no files", "links", "short"],
)
def test_rendering_degrades_by_what_is_declared(capabilities: Capabilities, there: list[str], gone: list[str]) -> None:
    text = render(CARD, capabilities=capabilities)
    assert [part for part in there if part not in text] == [part for part in gone if part in text] == []
    assert len(text) <= capabilities.max_text


def test_a_title_cannot_steer_the_terminal() -> None:
    hostile = "\x1b[2JKick\x07-off\x9b31m\u202e"
    message = Outbound(
        "x",
        (Heading(hostile), Paragraph(hostile), Facts(((hostile, hostile),)), Document(hostile, "text/csv", b"")),
        (Choice(hostile, Intent(Topic.MINE), hostile),),
    )
    assert {character for character in render(message) if not character.isprintable()} == {"\n"}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
blocks: st.SearchStrategy[Block] = st.one_of(
    texts.map(Heading),
    texts.map(Paragraph),
    st.lists(st.tuples(texts, texts), max_size=4).map(lambda rows: Facts(tuple(rows))),
    texts.map(lambda name: Document(name, "text/csv", b"")),
)
messages = st.builds(
    Outbound,
    st.just("x"),
    st.lists(blocks, max_size=4).map(tuple),
    st.lists(st.builds(Choice, texts, st.just(Intent(Topic.HELP)), texts), max_size=4).map(tuple),
)


@given(messages, st.integers(0, 200), st.booleans(), st.booleans())
def test_any_message_can_be_rendered(message: Outbound, width: int, files: bool, links: bool) -> None:
    text = render(message, width=width, capabilities=Capabilities(files=files, links=links))
    assert "\x1b" not in text


@given(st.lists(st.text("abc", min_size=1, max_size=12), max_size=60), st.integers(24, 100))
def test_no_line_is_wider_than_the_terminal(words: list[str], width: int) -> None:
    text = " ".join(words)
    said = render(
        Outbound("x", (Paragraph(text), Facts((("abc", text),))), (Choice(text, Intent(Topic.HELP), "abc"),)),
        width=width,
    )
    assert max(map(len, said.splitlines()), default=0) <= width
