"""Web addresses that people type: taken as they are, or refused under the name of their field."""

import pytest

from service.errors import Invalid
from service.formats import links

LONG = "https://example.org/" + "a" * (links.LINK - 20)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  https://example.org/a?b=c#d ", "https://example.org/a?b=c#d"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://example.org/@someone/post?to=a@example.org", "https://example.org/@someone/post?to=a@example.org"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
        (LONG, LONG),
    ],
)
def test_an_address_is_kept_whole(typed: str, kept: str) -> None:
    assert links.checked("url", typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "example.org",
        "javascript:alert(1)",
        "ftp://example.org/",
        "https://",
        "https://:8080/",
        "https://[::1",
        "https://example.org/a b",
        "https://user:secret@example.org/",
        "http://user@example.org/",
        "https://@example.org/",
        LONG + "a",
        "https://example.org/" + "a" * 5000,
    ],
)
def test_what_is_none_or_holds_a_password_or_is_too_long_is_refused_and_never_cut(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        links.checked("url", typed)
    assert refused.value.field == "url"
