"""Codes of an authenticator app, against the tables of the RFCs."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from service.formats import totp

SHARED = b"12345678901234567890"
KEYS = {"a": b"k" * 32, "b": b"l" * 32}

# RFC 4226 appendix D
COUNTED = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]


def test_the_codes_of_rfc_4226() -> None:
    assert [totp.code(SHARED, counter) for counter in range(10)] == COUNTED


# RFC 6238 appendix B, the last six of its eight digits
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_rfc_6238(seconds: int, code: str) -> None:
    assert totp.code(SHARED, totp.step(seconds)) == code
    assert totp.matching(SHARED, code, seconds, after=0) == totp.step(seconds)


@pytest.mark.parametrize(("late", "taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_one_step_off(late: int, taken: bool) -> None:
    now = 1_800_000_000
    code = totp.code(SHARED, totp.step(now))
    assert (totp.matching(SHARED, code, now + late, after=0) is not None) == taken


def test_a_code_is_taken_once() -> None:
    now = 1_800_000_000
    step = totp.step(now)
    assert totp.matching(SHARED, totp.code(SHARED, step), now, after=step) is None
    assert totp.matching(SHARED, totp.code(SHARED, step + 1), now, after=step) == step + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000\x00"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert totp.matching(b"x" * 20, typed, 1_800_000_000, after=0) is None


def test_spaces_in_a_code_do_no_harm() -> None:
    now = 1_800_000_000
    code = totp.code(SHARED, totp.step(now))
    assert totp.matching(SHARED, f"{code[:3]} {code[3:]}", now, after=0) == totp.step(now)


def test_a_secret_is_derived_from_key_person_and_nonce() -> None:
    whole = totp.secret(KEYS, "a", 1, b"nonce")
    assert whole is not None
    assert len(whole) == 20
    others = [totp.secret(KEYS, "b", 1, b"nonce"), totp.secret(KEYS, "a", 2, b"nonce"), totp.secret(KEYS, "a", 1, b"n")]
    assert len({whole, *others}) == 4
    assert totp.secret({"b": KEYS["b"]}, "a", 1, b"nonce") is None


def test_an_app_reads_the_address() -> None:
    parts = urlsplit(totp.address("Vereniging Samen", "zoë@example.org", SHARED))
    asked = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, asked["issuer"]) == ("otpauth", "totp", ["Vereniging Samen"])
    assert base64.b32decode(asked["secret"][0]) == SHARED
    assert base64.b32decode(totp.spelled(SHARED).replace(" ", "")) == SHARED
