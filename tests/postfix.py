"""A real Postfix on loopback, set up as the README says: own configuration, own queue, unprivileged ports.

Nothing of it is the machine's own: it reads no file under /etc/postfix but the list of its own parts.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.program import CHECKOUT, free_port
from tests.waiting import eventually

README = CHECKOUT / "README.md"
POSTFIX = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MISSING = "" if POSTFIX and os.geteuid() == 0 else "needs Debian's package postfix, and root to start it"
"""Why there is no Postfix here; empty where there is one."""

OWN_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.kring.test
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
"""
OWN_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """One that runs: where it takes mail in, and what it says."""

    folder: Path
    port: int

    @property
    def log(self) -> str:
        """Return what it has written down."""
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def flush(self) -> None:
        """Try at once what waits in the queue."""
        _run("postqueue", "-c", str(self.folder / "conf"), "-f")


def told() -> dict[str, str]:
    """Return what the README tells to write, by file."""
    block = README.read_text("utf-8").partition("In Postfix:")[2].partition("\n\nOne recipient")[0]
    lines = [line.removeprefix("    ") for line in block.strip("\n").split("\n")]
    found = re.split(r"^# (main\.cf|transport|master\.cf).*$", "\n".join(lines), flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


@contextmanager
def postfix(folder: Path, *, domain: str, lmtp: int) -> Iterator[Postfix]:
    """Run a Postfix that hands everything for a domain to an LMTP port, during the block."""
    conf = folder / "conf"
    for part in (conf, folder / "queue", folder / "data"):
        part.mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    port = free_port()
    _write(conf, folder, port, domain, lmtp)
    _run("postmap", "-c", str(conf), f"hash:{conf}/transport")
    _run("postfix", "-c", str(conf), "start")
    try:
        running = Postfix(folder, port)
        eventually(lambda: "daemon started" in running.log)
        yield running
    finally:
        _run("postfix", "-c", str(conf), "stop")
        eventually(lambda: not _alive(folder / "queue/pid/master.pid"))


def _write(conf: Path, folder: Path, port: int, domain: str, lmtp: int) -> None:
    """Write the files: our ports and folders, and then the words of the README, with their names put in."""
    texts = told()
    own = {"main.cf": OWN_MAIN, "master.cf": OWN_MASTER, "transport": ""}
    assert texts.keys() == own.keys()
    for name, text in texts.items():
        said = text.replace("in.kring.example.org", domain).replace("127.0.0.1:8024", f"127.0.0.1:{lmtp}")
        said = said.replace("/etc/postfix", str(conf))
        (conf / name).write_text(own[name].format(folder=folder, port=port) + said + "\n")


def _run(command: str, *arguments: str) -> None:
    path = shutil.which(command, path="/usr/sbin:/usr/bin")
    assert path is not None
    done = subprocess.run([path, *arguments], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, (command, done.stdout, done.stderr)


def _alive(pid_file: Path) -> bool:
    try:
        return (Path("/proc") / pid_file.read_text().strip()).exists()
    except OSError:
        return False
