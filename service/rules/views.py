"""Whether an answer takes the place of the message whose button was pressed, or stands below it.

Decides on the keys of what is shown; never looks anything up.
"""

_LASTING = frozenset({"gathering", "circle", "card"})
"""Messages about one thing, to come back to: nothing else takes their place."""


def takes_place(key: str, pressed: str | None, *, alone: bool, seems: str = "") -> bool:
    """Tell whether what is shown under a key takes the place of the pressed message.

    It does where that shows the same, or was a question to which it is the answer `alone`. Of a message of which nobody
    knows what it shows, `seems` is what its buttons are about.
    """
    if pressed is None:
        return bool(seems) and key.startswith(f"{seems}:")
    return pressed == key or (alone and pressed.partition(":")[0] not in _LASTING)
