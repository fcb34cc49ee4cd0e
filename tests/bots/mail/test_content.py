"""A mail as DATA carries it, read back by the rules of the other side."""

from hypothesis import given
from hypothesis import strategies as st

from bots.mail.content import content

MAILS = st.lists(st.sampled_from([b".", b"..", b"a", b"\r\n", b"\n", b" "]), max_size=12).map(b"".join)


@given(MAILS)
def test_what_is_read_back_is_the_mail_and_only_its_end_looks_like_an_end(raw: bytes) -> None:
    sent = content(raw)
    *lines, last, rest = sent.split(b"\r\n")
    assert (last, rest) == (b".", b"")
    assert all(not line.startswith(b".") or line.startswith(b"..") for line in lines)
    unstuffed = b"\r\n".join(line.removeprefix(b".") for line in lines) + b"\r\n"
    canonical = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert unstuffed == canonical.removesuffix(b"\r\n") + b"\r\n"
