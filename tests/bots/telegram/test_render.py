"""Messages as Telegram shows them: within its limits, whatever stands in a name."""

from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.render import Rendered, render, units
from service.channels import (
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

TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=300)
BLOCK = st.one_of(
    TEXT.map(Heading), TEXT.map(Paragraph), st.lists(st.tuples(TEXT, TEXT), max_size=4).map(lambda r: Facts(tuple(r)))
)


def shown(*blocks: Heading | Paragraph | Facts | Document, choices: tuple[Choice, ...] = ()) -> Rendered:
    return render(Outbound("view", blocks, choices))


@given(st.lists(BLOCK, max_size=40))
def test_every_piece_fits_and_every_mark_stays_inside_it(blocks: list[Heading | Paragraph | Facts]) -> None:
    for piece in shown(*blocks).pieces:
        assert 1 <= units(piece.text) <= 4096
        assert piece.text == piece.text.strip()
        for offset, length in piece.bold:
            assert length > 0
            assert offset + length <= units(piece.text)


@given(st.text(alphabet="ab \n🎉", min_size=4000, max_size=14_000))
def test_a_long_text_is_parted_and_nothing_of_it_is_lost(text: str) -> None:
    whole = "".join(piece.text for piece in shown(Paragraph(text)).pieces)
    assert "".join(whole.split()) == "".join(text.split())


def test_names_are_text_and_never_markup() -> None:
    name = '<Anna> & "co" *_`[x](tg://user?id=1)'
    rendered = shown(Heading(name), Facts((("Wie", name),)))
    assert rendered.pieces[0].text == f"{name}\n\nWie: {name}"
    assert rendered.pieces[0].bold == ((0, units(name)), (units(name) + 2, 4))


def test_marks_are_counted_as_telegram_counts() -> None:
    (piece,) = shown(Paragraph("🎉🎉"), Heading("Feest")).pieces
    assert (piece.text, piece.bold) == ("🎉🎉\n\nFeest", ((6, 5),))


def test_short_buttons_stand_beside_each_other_and_long_ones_below() -> None:
    labels = ["Ja, ik kom", "Nee", "Wat er allemaal op de agenda staat", *map(str, range(1, 11))]
    choices = tuple(Choice(label, Intent(Topic.RATE, f"1-{n}"), "x") for n, label in enumerate(labels))
    assert [[one.label for one in row] for row in shown(Paragraph("x"), choices=choices).rows] == [
        ["Ja, ik kom", "Nee"],
        ["Wat er allemaal op de agenda staat"],
        ["1", "2", "3", "4", "5"],
        ["6", "7", "8", "9", "10"],
    ]


def test_what_no_button_can_carry_opens_a_page_or_is_said_in_words() -> None:
    slug = "x" * 80
    with_page = Choice("Kring", Intent(Topic.CIRCLE, slug), f"kring {slug}", f"https://kring.example/circles/{slug}")
    without = Choice("Kring", Intent(Topic.CIRCLE, slug), f"kring {slug}", "http://127.0.0.1:8080/circles/x")
    assert [[(one.code, one.url) for one in row] for row in shown(Paragraph("a"), choices=(with_page,)).rows] == [
        [(None, with_page.url)]
    ]
    plain = shown(Paragraph("a"), choices=(without,))
    assert (plain.rows, plain.pieces[0].text) == ((), f"a\n\nKring: kring {slug}")


def test_a_channel_without_buttons_and_files_gets_words() -> None:
    choice = Choice("Ja, ik kom", Intent(Topic.ACCEPT, "12"), "ja 12")
    outbound = Outbound("v", (Paragraph("a"), Document("a.csv", "text/csv", b"1")), (choice,), confidential=True)
    rendered = render(outbound, Capabilities(max_text=200))
    assert (rendered.pieces[0].text, rendered.rows, rendered.files) == ("a\n\nJa, ik kom: ja 12", (), ())
    assert rendered.protected


def test_what_looks_the_same_has_the_same_digest() -> None:
    one, two = shown(Paragraph("a")), shown(Paragraph("b"))
    assert one.digest == shown(Paragraph("a")).digest != two.digest
