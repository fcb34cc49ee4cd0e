import pytest

from service.errors import Invalid
from service.formats.attachments import LARGEST, checked, disposition

PDF = b"%PDF-1.7\n..."
PNG = b"\x89PNG\r\n\x1a\n..."
DOCX = b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml"
ODT = b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    ("name", "content", "kept", "media"),
    [
        ("Slides.PDF", PDF, "Slides.pdf", "application/pdf"),
        ("flap over.png", PNG, "flap over.png", "image/png"),
        ("foto.JPEG", b"\xff\xd8\xff\xe0...", "foto.jpeg", "image/jpeg"),
        (
            r"C:\Users\Zoë\verslag.docx",
            DOCX,
            "verslag.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("../../etc/nota.odt", ODT, "nota.odt", "application/vnd.oasis.opendocument.text"),
        ("a\r\nb\u202efdp.pdf", PDF, "a bfdp.pdf", "application/pdf"),
        (f"{'lang' * 100}.pdf", PDF, f"{'lang' * 29}.pdf", "application/pdf"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(name: str, content: bytes, kept: str, media: str) -> None:
    found = checked(name, content)
    assert (found.name, found.media_type, found.content) == (kept, media, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("", PDF),
        ("slides", PDF),
        (".pdf", b""),
        ("slides.pdf", PNG),
        ("foto.png", b"<svg onload=alert(1)>"),
        ("pagina.html", b"<!doctype html>"),
        ("plaatje.svg", b"<svg/>"),
        ("macro.docm", DOCX),
        ("verslag.docx", b"PK\x03\x04 not office"),
        ("nota.odt", DOCX),
        ("zip.zip", DOCX),
        ("slides.pdf", PDF + bytes(LARGEST)),
    ],
)
def test_anything_else_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        checked(name, content)
    assert refused.value.field == "file"


def test_the_name_cannot_break_out_of_its_header() -> None:
    assert (
        disposition('a"; b=é.pdf') == "attachment; filename=\"a__ b__.pdf\"; filename*=UTF-8''a%22%3B%20b%3D%C3%A9.pdf"
    )
