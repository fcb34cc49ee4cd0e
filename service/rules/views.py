"""Whether an answer takes the place of the message whose button was pressed, or stands below it.

Decides on the keys of what is shown; never looks anything up.
"""

from collections.abc import Sequence

_LASTING = frozenset({"gathering", "circle", "card"})
"""Messages about one thing, to come back to: nothing else takes their place."""


def in_place(pressed: str | None, said: Sequence[str]) -> int | None:
    """Choose which of the views takes the place of the pressed message: the same one, or the only answer to a question.

    None where the message is not known, or shows something else that one may want to come back to.
    """
    if pressed is None:
        return None
    if pressed in said:
        return said.index(pressed)
    family = pressed.partition(":")[0]
    return 0 if len(said) == 1 and family not in _LASTING else None
