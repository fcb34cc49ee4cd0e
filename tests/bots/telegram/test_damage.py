"""Ten thousand damaged buttons: each is read as something this version would have written, or as outdated."""

import json
import random

from bots.telegram import codes
from bots.telegram.parse import Kind, read
from service.channels import Intent, Topic
from tests.conftest import NOW

WHOLE = [
    code
    for topic in Topic
    for argument in (None, "12", "12-8", "kring-data", "nl", "l_AbC-123")
    if (code := codes.code(Intent(topic, argument))) is not None
]


def pressed(data: str) -> bytes:
    chat = {"id": 7, "type": "private", "first_name": "Anna"}
    message = {"message_id": 3, "date": int(NOW.timestamp()), "chat": chat, "text": "Kom je?"}
    who = {"id": 7, "is_bot": False, "first_name": "Anna"}
    query = {"id": "1", "from": who, "message": message, "chat_instance": "1", "data": data}
    return json.dumps({"update_id": 1, "callback_query": query}).encode()


def test_ten_thousand_flipped_bits_are_read_without_a_fault() -> None:
    chance, kinds = random.Random(5), set()
    for _ in range(10_000):
        raw = bytearray(chance.choice(WHOLE).encode())
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        data = raw.decode("utf-8", "replace")
        received = read(pressed(data), me="kring_bot", received_at=NOW)
        kinds.add(received.kind)
        if received.kind is Kind.SAID:
            assert received.inbound is not None
            assert received.inbound.intent is not None
            assert codes.code(received.inbound.intent) == data
    assert kinds == {Kind.SAID, Kind.OUTDATED}


def test_every_button_that_is_whole_is_read_as_it_was_written() -> None:
    for code in WHOLE:
        asked = codes.intent(code)
        assert asked is not None
        assert codes.code(asked) == code
