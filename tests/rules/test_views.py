"""Which answers take the place of the message that was pressed."""

import pytest

from service.rules.views import takes_place

CARD = "gathering:12:person:7"


@pytest.mark.parametrize(
    ("key", "pressed", "alone", "seems", "taken"),
    [
        (CARD, CARD, True, "", True),
        (CARD, CARD, False, "", True),
        (CARD, "gathering:13:person:7", True, "", False),
        ("mine:person:7", CARD, True, "", False),
        ("mine:person:7", "circle:3:person:7", True, "", False),
        (CARD, "which:person:7", True, "", True),
        (CARD, "which:person:7", False, "", False),
        ("rating:12:person:7", "rating:12:person:7", True, "", True),
        # Nobody knows what the message shows: its buttons tell, or it stays as it is.
        (CARD, None, True, "", False),
        (CARD, None, True, "gathering:12", True),
        (CARD, None, False, "gathering:12", True),
        (CARD, None, True, "gathering:1", False),
        ("mine:person:7", None, True, "gathering:12", False),
        (CARD, "agenda:person:7", False, "gathering:12", False),
    ],
)
def test_what_takes_the_place_of_the_pressed_message(
    key: str, pressed: str | None, alone: bool, seems: str, taken: bool
) -> None:
    assert takes_place(key, pressed, alone=alone, seems=seems) is taken
