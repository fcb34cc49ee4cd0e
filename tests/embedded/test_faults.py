import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator

import asyncpg
import pytest

from service.embedded import EmbeddedFailed
from tests.embedded.kring_process import Site, another_kring, execute, exists, query, wheel


@pytest.fixture
def bystander(site: Site) -> Iterator[int]:
    """A process of the server's account that has nothing to do with it."""
    with subprocess.Popen(["sleep", "60"], cwd="/", **site.place.popen) as process:
        yield process.pid
        process.kill()


async def test_a_crashed_server_is_brought_back_with_everything_that_was_committed(site):
    with site.start() as server:
        await execute(server.dsn, "create table kept as select 7 as seven")
        os.kill(site.server_pid, signal.SIGKILL)
        assert server.ensure()
        assert await query(server.dsn, "select seven from kept") == 7
        assert not server.ensure()


BUSY = """
    do $$ declare until timestamptz := clock_timestamp() + interval '3 seconds';
    begin raise notice 'busy'; while clock_timestamp() < until loop end loop; end $$
"""
"""Notices nothing of the end of its server; three seconds are enough for the next one to find it, however busy."""


async def test_a_new_server_waits_for_processes_that_a_killed_one_left_busy(site):
    with site.start() as server:
        busy, begun = await asyncpg.connect(server.dsn), asyncio.Event()
        busy.add_log_listener(lambda *_: begun.set())
        work = asyncio.ensure_future(busy.execute(BUSY))
        await begun.wait()
        os.kill(site.server_pid, signal.SIGKILL)
        assert server.ensure()
        assert await query(server.dsn, "select 1") == 1
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await work
        await busy.close()
    assert "pre-existing shared memory block" in site.log


def test_a_number_in_a_stale_pid_file_that_a_stranger_has_now_does_not_stop_the_start(site, bystander):
    with site.start():
        left = (site.place.cluster / "postmaster.pid").read_text()
    stale = site.place.cluster / "postmaster.pid"
    stale.write_text("\n".join([str(bystander), *left.splitlines()[1:], ""]))
    site.place.give(stale)
    with site.start() as server:
        assert server.owned
        assert exists(bystander)


def test_a_cluster_that_was_never_finished_is_made_anew(fresh):
    fresh.place.make()
    unfinished = fresh.place.home / "cluster-unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    with fresh.start():
        assert not unfinished.exists()


async def test_a_cluster_of_another_major_version_needs_its_own_binaries(fresh):
    fresh.start(wheel("pginstall/bin")).stop()
    with pytest.raises(EmbeddedFailed) as refused:
        fresh.start(wheel("pginstall18/bin"))
    assert str(refused.value) == (
        f"the database in {fresh.place.cluster} was made by PostgreSQL 16, "
        f"and this is 18 in {wheel('pginstall18/bin')}: set KRING_PG_BIN to the binaries of PostgreSQL 16"
    )

    # without a choice made for it, it finds them
    with fresh.start(None) as server:
        assert (await query(server.dsn, "show server_version")).split(".")[0] == "16"


def test_a_cluster_that_no_binaries_fit_is_refused(fresh):
    fresh.place.cluster.mkdir(parents=True)
    (fresh.place.cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedFailed, match=r"was made by PostgreSQL 9, and this is .*18 in "):
        fresh.start(None)


def test_a_folder_without_postgresql_is_refused(fresh, ground):
    with pytest.raises(EmbeddedFailed) as refused:
        fresh.start(ground)
    assert str(refused.value) == f"KRING_PG_BIN: {ground} does not hold postgres and initdb"


def test_a_start_that_fails_shows_the_end_of_the_log_and_leaves_nothing_running(site):
    settings = site.place.cluster / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(sound + "nonsense = 1\n")
    with pytest.raises(EmbeddedFailed) as failed:
        site.start()
    settings.write_text(sound)
    first, *rest = str(failed.value).splitlines()
    assert first == "PostgreSQL did not start:"
    assert any('unrecognized configuration parameter "nonsense"' in line for line in rest)
    assert not (site.place.cluster / "postmaster.pid").exists()
    with another_kring(site) as unhindered:
        assert unhindered.owned
        unhindered.end()
