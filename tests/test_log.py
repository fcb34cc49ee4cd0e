import subprocess
import sys

import pytest

FAILING = """
import structlog
from service import log
log.configure({style!r})
def work(email):
    raise RuntimeError("broken")
try:
    work("ada@" + "example.org")
except RuntimeError:
    structlog.get_logger().exception("failed", reference="abc")
"""


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_traceback_shows_where_and_not_with_what(style: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FAILING.format(style=style)], capture_output=True, text=True, check=True
    )
    assert "broken" in said.stderr and "abc" in said.stderr and "work" in said.stderr
    assert "ada@" not in said.stderr
