"""Write a mail as DATA carries it (RFC 5321 section 4.5.2): every line ended by CRLF, dots at its start doubled."""


def content(raw: bytes) -> bytes:
    """Return the lines of a mail with the lone dot that ends them; a CR on its own stays as it is."""
    if raw.count(b"\r\n") != raw.count(b"\n"):
        raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    lines = (b"\r\n" + raw.removesuffix(b"\r\n")).replace(b"\r\n.", b"\r\n..")
    return lines[2:] + b"\r\n.\r\n"
