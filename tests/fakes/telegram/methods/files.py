"""Files: handing them over, by upload or by the id of one that is there already, and fetching them."""

import hashlib
from typing import TYPE_CHECKING

from tests.fakes.telegram import limits
from tests.fakes.telegram.methods.messages import open_chat, place, written
from tests.fakes.telegram.parameters import Parameters, Upload
from tests.fakes.telegram.refusals import Refusal
from tests.fakes.telegram.world import File, Json

if TYPE_CHECKING:
    from tests.fakes.telegram.server import TelegramServer


async def send_document(telegram: "TelegramServer", parameters: Parameters) -> Json:
    chat = open_chat(telegram, parameters)
    file = _file(telegram, parameters, "document", telegram.largest_upload)
    document = {
        "file_id": file.id,
        "file_unique_id": file.unique,
        "file_name": file.name,
        "mime_type": file.media_type,
        "file_size": len(file.content),
    }
    return place(telegram, chat, parameters, {"document": document} | _caption(parameters)).json


async def send_photo(telegram: "TelegramServer", parameters: Parameters) -> Json:
    chat = open_chat(telegram, parameters)
    file = _file(telegram, parameters, "photo", limits.PHOTO)
    if not file.content.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        raise Refusal.bad("IMAGE_PROCESS_FAILED")
    size = {
        "file_id": file.id,
        "file_unique_id": file.unique,
        "width": 320,
        "height": 320,
        "file_size": len(file.content),
    }
    return place(telegram, chat, parameters, {"photo": [size]} | _caption(parameters)).json


async def get_file(telegram: "TelegramServer", parameters: Parameters) -> Json:
    file = telegram.world.files.get(parameters.text("file_id"))
    if file is None:
        raise Refusal.bad("wrong file_id or the file is temporarily unavailable")
    return {
        "file_id": file.id,
        "file_unique_id": file.unique,
        "file_size": len(file.content),
        "file_path": f"documents/{file.id}",
    }


def _caption(parameters: Parameters) -> Json:
    text, entities = written(parameters, "caption", "caption_entities")
    limits.check_caption(text)
    return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})


def _file(telegram: "TelegramServer", parameters: Parameters, name: str, largest: int) -> File:
    given = parameters.file(name)
    if isinstance(given, str):
        if given not in telegram.world.files:
            raise Refusal.bad("wrong file identifier/HTTP URL specified")
        return telegram.world.files[given]
    return _keep(telegram, given, largest)


def _keep(telegram: "TelegramServer", upload: Upload, largest: int) -> File:
    if not upload.content:
        raise Refusal.bad("file must be non-empty")
    if len(upload.content) > largest:
        raise Refusal(413, "Request Entity Too Large")
    unique = hashlib.sha256(upload.content).hexdigest()[:15]
    file = File(f"BQAC{next(telegram.world.numbers)}{unique}", unique, upload.name, upload.media_type, upload.content)
    telegram.world.files[file.id] = file
    return file
