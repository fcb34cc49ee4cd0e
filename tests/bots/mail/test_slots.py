"""A text with slots is encoded piece by piece, and comes out as if it had been encoded whole."""

from quopri import decodestring

from hypothesis import example, given
from hypothesis import strategies as st

from bots.mail.mime import SOFT_BREAK, quoted
from bots.mail.slots import Slotted, slot

WORDS = st.text("a=é .\t?_-", max_size=90)
NAMES = st.sampled_from(["name", "answer", "stop"])


@given(
    st.lists(st.tuples(WORDS | st.just("\n") | st.just(""), NAMES), max_size=8),
    st.fixed_dictionaries(dict.fromkeys(("name", "answer", "stop"), WORDS)),
)
@example([("", "name"), ("", "answer")], {"name": "x" * 75, "answer": "x" * 76, "stop": ""})
@example([("Dag ", "name"), (",\n", "stop"), ("\n-- \n", "stop")], {"name": "Zoë ", "answer": "", "stop": "=" * 30})
def test_a_filled_text_reads_as_it_was_written_in_lines_that_any_relay_takes(
    parts: list[tuple[str, str]], values: dict[str, str]
) -> None:
    text = "".join(f"{words}{slot(name)}" for words, name in parts) + "\n"
    filled = Slotted.of(text, quoted, SOFT_BREAK).filled(values)
    said = "".join(words + values[name] for words, name in parts) + "\n"
    assert decodestring(filled).decode() == said.replace("\n", "\r\n")
    lines = filled.split(b"\r\n")
    assert filled.isascii() and b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 76  # RFC 2045 section 6.7, rule 5
    assert not any(line.endswith((b" ", b"\t")) for line in lines)  # rule 3


def test_a_link_that_has_a_line_to_itself_stands_there_whole() -> None:
    link = "https://kring.example/r/" + "a" * 40
    assert Slotted.of(f"Antwoord hier:\n{slot('answer')}\n", quoted, SOFT_BREAK).filled({"answer": link}) == (
        f"Antwoord hier:\r\n{link}\r\n".encode()
    )
