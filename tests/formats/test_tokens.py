"""Handles: what we made is read back, and nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from service.formats.tokens import handle, read_handle, verifies

KEYS = {"a": b"a key of thirty-two bytes or more"}
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@given(st.integers(0, 2**63 - 1), st.integers(0, 5))
def test_a_handle_names_its_row_and_proves_it(ident: int, generation: int) -> None:
    made = handle(KEYS, "r", ident, generation)
    assert (read_handle(made), verifies(KEYS, "r", made, generation)) == (ident, True)


@given(st.integers(0, 2**63 - 1), st.data())
def test_a_handle_with_one_character_changed_proves_nothing(ident: int, data: st.DataObject) -> None:
    made = handle(KEYS, "r", ident)
    place = data.draw(st.integers(0, len(made) - 1))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda char: char != made[place]))
    assert not verifies(KEYS, "r", made[:place] + other + made[place + 1 :])


def test_a_number_is_written_in_one_way_only() -> None:
    made = handle(KEYS, "r", 16)  # its number ends in four zero bits, and in a spare one
    twin = made[:13] + ALPHABET[ALPHABET.index(made[13]) + 1] + made[14:]
    assert (read_handle(twin), verifies(KEYS, "r", twin)) == (None, False)
