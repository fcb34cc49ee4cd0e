"""Makes the files of a new cluster; whole or not at all.

Runs initdb only; `service/embedded/server` runs the server on them.
"""

import shutil
import signal
import subprocess
import sys

from service.embedded.binaries import Binaries
from service.embedded.place import EmbeddedFailed, Place
from service.embedded.reach import OWNER
from service.embedded.server import die_with_parent, environment

LAST_LINES = 12


def make(place: Place, binaries: Binaries, *, durable: bool) -> bool:
    """Make the cluster unless it is there; tell whether it was made. Raises EmbeddedFailed with what initdb said."""
    if place.cluster.exists():
        return False
    for unfinished in place.home.glob("cluster-*"):
        shutil.rmtree(unfinished)
    new = place.private_folder(place.home / "cluster-unfinished")
    command = [binaries.program("initdb"), "-D", str(new), *_options(binaries.major)]
    try:
        made = subprocess.run(  # noqa: S603 - the program was chosen by KRING_PG_BIN or found where PostgreSQL lives
            command if durable else [*command, "--no-sync", "--wal-segsize=1"],
            cwd=new,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            preexec_fn=die_with_parent(signal.SIGKILL),  # no straggler may write into what the next start removes
            **place.popen,
        )
    except OSError as error:
        raise EmbeddedFailed(f"{command[0]} cannot be run: {error.strerror}") from error
    if made.returncode != 0:
        said = made.stdout.decode(errors="replace").splitlines()[-LAST_LINES:]
        raise EmbeddedFailed("\n".join([f"{command[0]} could not make {place.cluster}:", *said]))
    new.rename(place.cluster)
    return True


def _options(major: int) -> list[str]:
    options = ["-U", OWNER, "--encoding=UTF8", "--data-checksums", "--lc-messages=C"]
    # the socket in a closed folder is the only door, even if someone starts the server by hand
    options += ["--auth-local=trust", "--auth-host=reject"]
    # with the locale C, lower('É') stays 'É'
    options += ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]
    if major >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options
