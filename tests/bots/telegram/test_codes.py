"""What a button carries: what we write comes back, and nothing else means anything."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.codes import LIMIT, code, intent
from service.channels import Intent, Topic

ARGUMENTS = st.none() | st.from_regex(r"\A[A-Za-z0-9@._+-]{1,90}\Z")


@given(st.sampled_from(sorted(Topic)), ARGUMENTS)
def test_what_fits_comes_back_and_what_does_not_is_not_written(topic: Topic, argument: str | None) -> None:
    written = code(Intent(topic, argument))
    if written is None:
        assert len(f"k1:{topic}:{argument}") > LIMIT
    else:
        assert len(written.encode()) <= LIMIT
        assert intent(written) == Intent(topic, argument)


@given(st.text(max_size=80))
def test_what_we_would_not_have_written_means_nothing(text: str) -> None:
    read = intent(text)
    assert read is None or code(read) == text


def test_ten_thousand_flipped_bits_are_never_an_error() -> None:
    chance = random.Random(4)
    whole = bytearray(b"k1:accept:12345")
    for _ in range(10_000):
        flipped = bytearray(whole)
        flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        read = intent(flipped.decode("utf-8", "replace"))
        assert read is None or code(read) is not None


def test_the_shapes_of_buttons_that_are_out_there_stay_readable() -> None:
    assert intent("k1:accept:12") == Intent(Topic.ACCEPT, "12")
    assert intent("k1:rate:12-8") == Intent(Topic.RATE, "12-8")
    assert intent("k1:mine") == Intent(Topic.MINE)
