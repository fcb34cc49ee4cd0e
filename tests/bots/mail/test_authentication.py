"""What our own server found, as real servers write it, and what senders write into it to be taken for somebody else."""

import pytest

from bots.mail.authentication import authentication
from bots.mail.fields import LONGEST, fields
from service.formats.received import Authentication

NONE, PASS, FAIL = Authentication.NONE, Authentication.PASS, Authentication.FAIL
D = "openruimte.example.org"


def found(value: str) -> Authentication:
    """Read one field in a mail of which From names somebody at D."""
    return authentication(fields(f"Authentication-Results: {value}\n".encode()), "mx.test", f"zoe@{D}")


BELIEVED = {
    "opendmarc": f"mx.test; dmarc=pass (p=quarantine dis=none) header.from={D}",
    "version, spaces and comments between": f"(a (b \\) c)) mx.test 1 ; dmarc / 1 (x;y) = (=) pass header.from = {D} ;",
    "version of the method": f"MX.test; dmarc/1=PASS header.from={D.upper()}",
    "quoted value": f'mx.test; dmarc=pass reason="all \\"well\\"; really" header.from="{D}"',
    "google": f"mx.test; dkim=pass header.i=@{D} header.s=s1 header.b=AbC/+x=; spf=pass (google.com: domain of"
    f" a@{D} designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@{D}; dmarc=pass (p=NONE) header.from={D}",
    "microsoft": f"mx.test; spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=b.example; dkim=pass (signature was"
    f" verified) header.d={D};dmarc=pass action=none header.from={D};compauth=pass reason=100",
    "fastmail": f"mx.test; x-tls=pass smtp.version=TLSv1.3 smtp.bits=256/256; dmarc=pass policy.p=none header.from={D}",
    "signature alone": f"mx.test; dkim=pass header.d={D}; dkim=fail header.d=list.example",
    "domain above": "mx.test; dkim=pass header.d=example.org; dmarc=none",
    "envelope alone": f"mx.test; spf=pass smtp.mailfrom=prvs=1234=zoe@{D}",
    "quoted envelope": f'mx.test; spf=pass smtp.mailfrom="zoe+1@{D}"',
}

FAKED = {
    "dmarc without header.from": "mx.test; dmarc=pass",
    "dmarc of another domain": "mx.test; dmarc=pass header.from=evil.example",
    "dmarc of a domain below": f"mx.test; dmarc=pass header.from=x.{D}",
    "local part as a result": f'mx.test; spf=pass smtp.mailfrom="x; dmarc=pass header.from={D}; y"@evil.example',
    "the same and none": f'mx.test; spf=pass smtp.mailfrom="; dmarc=pass header.from={D};"@evil.example; dmarc=none',
    "local part that leaves a comment": f'mx.test; spf=pass (of "x); dmarc=pass header.from={D}; (y"@evil.example'
    " designates 192.0.2.1) smtp.mailfrom=evil.example",
    "the same, escaped": f'mx.test; spf=pass (of "\\"x); dmarc=pass header.from={D}; (y"@evil.example)',
    "the same without quotes": f"mx.test; spf=pass (of x); dmarc=pass header.from={D}; (y@evil.example); dmarc=none",
    "domain in a local part": f'mx.test; spf=pass smtp.mailfrom="a@{D} "@evil.example; dmarc=none',
    "property in a local part": f'mx.test; spf=pass smtp.mailfrom="a smtp.mailfrom={D} "@evil.example; dmarc=none',
    "property in an unquoted one": f"mx.test; spf=pass smtp.mailfrom=a smtp.mailfrom={D} @evil.example",
    "property twice": f"mx.test; spf=pass smtp.mailfrom=evil.example smtp.mailfrom={D}",
    "escaped quote": f'mx.test; spf=pass smtp.mailfrom="\\"; dkim=pass header.d={D}; \\""@evil.example',
    "whole address quoted": f'mx.test; spf=pass smtp.mailfrom="\\"a@{D}\\"@evil.example"',
    "word beside a domain": f"mx.test; spf=pass smtp.mailfrom={D} @evil.example",
    "quoted local part beside a pass": f'mx.test; spf=pass smtp.mailfrom="x"@evil.example; dmarc=pass header.from={D}',
    "quote left open": f'mx.test; dmarc=pass header.from={D}; spf=pass smtp.mailfrom="x',
    "comment left open": f"mx.test; dmarc=pass header.from={D} (x",
    "comment closed twice": f"mx.test; dmarc=pass (x)) header.from={D}",
    "escape in the open": f"mx.test; dmarc=pass header.from={D} \\x",
    "text that is no result": f"mx.test; dmarc=pass header.from={D}; y@evil.example",
    "result that is empty": f"mx.test; ; dmarc=pass header.from={D}",
    "two findings of one method": f"mx.test; dmarc=pass header.from={D}; dmarc=none header.from={D}",
    "result in a comment": f"mx.test; (dmarc=pass header.from={D}) spf=none",
    "name in a comment": f"(mx.test;) other.example; dmarc=pass header.from={D}",
    "name that only begins so": f"mx.test other; dmarc=pass header.from={D}",
    "name that is quoted on": f'mx.test"; x"; dmarc=pass header.from={D}',
    "longer than is read": f"mx.test; dkim=pass header.d={D} " + " ".join(f"x.{n}=y" for n in range(LONGEST)),
    "nothing found": "mx.test; none",
    "nothing": "",
}

FAILED = {
    "plain": f"mx.test; dmarc=fail header.from={D}",
    "beside passes": f"mx.test; dkim=pass header.d={D}; spf=pass smtp.mailfrom={D}; dmarc=fail header.from={D}",
    "after a pass": f"mx.test; dmarc=pass header.from={D}; dmarc=fail header.from={D}",
    "before a pass": f"mx.test; dmarc = fail header.from={D}; dmarc=pass header.from={D}",
    "after a local part": f'mx.test; spf=pass smtp.mailfrom="x; dmarc=pass header.from={D}; y"@evil.example;'
    f" dmarc=fail header.from={D}",
    "after a comment that was left": f'mx.test; spf=pass (domain of "x); dmarc=pass header.from={D}; (y"@evil.example'
    f" designates 192.0.2.1 as permitted sender) smtp.mailfrom=evil.example; dmarc=fail header.from={D}",
    "in a comment left open": f'mx.test; spf=pass (domain of "("@evil.example); dmarc=fail header.from={D}',
    "in a quote left open": f'mx.test; spf=pass smtp.mailfrom="x; dmarc=fail header.from={D}',
    "with comments between": f"mx.test; dmarc(a)/1(b)=(c)fail header.from={D}",
}


@pytest.mark.parametrize("value", BELIEVED.values(), ids=BELIEVED)
def test_what_real_servers_write_is_believed(value: str) -> None:
    assert found(value) is PASS


@pytest.mark.parametrize("value", FAKED.values(), ids=FAKED)
def test_what_is_odd_or_about_somebody_else_proves_nothing(value: str) -> None:
    assert found(value) is NONE


@pytest.mark.parametrize("value", FAILED.values(), ids=FAILED)
def test_a_finding_against_the_sender_outweighs_every_other(value: str) -> None:
    assert found(value) is FAIL


@pytest.mark.parametrize("value", [*FAKED.values(), *FAILED.values()])
def test_what_another_server_found_is_nothing_at_all(value: str) -> None:
    assert found(value.replace("mx.test", "mx.evil.example")) is NONE
