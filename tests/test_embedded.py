import asyncio
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from service.embedded import EmbeddedFailed
from service.embedded.binaries import WHEEL, choose
from service.embedded.place import place_for
from service.embedded.server import SOCKET, environment
from tests.kring_process import Site, another_kring, eventually, execute, python_for, query

IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root drops to another account")
CLEAN = "database system is shut down"
UNCLEAN = "was not properly shut down"


@pytest.fixture(scope="module")
def made(ground: Path) -> Site:
    """A site with a cluster in it."""
    site = Site(ground / "made" / "data", ground / "made" / "root")
    site.start().stop()
    return site


@pytest.fixture
def site(made: Site) -> Site:
    """A site whose cluster was made earlier and stopped, with an empty log; tests leave the cluster sound."""
    made.place.log.write_text("")
    return made


@pytest.fixture
def folder(ground: Path) -> Iterator[Path]:
    """A folder of this test that an unprivileged account can cross; some forty megabytes per cluster go at its end."""
    folder = Path(tempfile.mkdtemp(dir=ground, prefix=""))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def fresh(folder: Path) -> Site:
    """A site without a cluster."""
    return Site(folder / "data", folder / "root")


def account(name: str = "nobody") -> dict[str, int | list[int]]:
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def modes_above(path: Path) -> list[tuple[Path, int, int]]:
    return [(each, each.stat().st_mode, each.stat().st_uid) for each in path.parents]


def wheel(name: str) -> Path:
    spec = importlib.util.find_spec(WHEEL)
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / name


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_first_start_makes_a_database_that_knows_letters_beyond_ascii(fresh):
    with fresh.start() as server:
        assert server.owned
        assert await query(server.dsn, "select current_database() || ' ' || current_user") == "kring kring"
        assert await query(server.dsn, "select lower('ÉËŁ')") == "éëł"
        assert await query(server.dsn, "show server_encoding") == "UTF8"
        assert await query(server.dsn, "show timezone") == "UTC"
        assert await query(server.dsn, "show data_checksums") == "on"


async def test_a_dropped_database_is_there_again_after_the_next_start(site):
    with site.start() as server:
        await execute(server.dsn.replace("/kring?", "/postgres?"), "drop database kring")
    with site.start() as server:
        assert await query(server.dsn, "select 1") == 1


async def test_what_was_stored_is_there_after_a_clean_stop(site):
    with site.start() as server:
        await execute(server.dsn, "create table stored as select 7 as seven")
        pid = site.server_pid
    assert not exists(pid)
    assert site.log.count(CLEAN) == 1
    with site.start() as server:
        assert await query(server.dsn, "select seven from stored") == 7
        server.stop()
        server.stop()
    assert UNCLEAN not in site.log


def test_nothing_listens_on_tcp_and_the_sockets_are_behind_a_closed_door(site):
    with site.start():
        pid = site.server_pid
        held = {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
        tables = [Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
        listed = [line.split() for table in tables for line in table.splitlines()]
        sockets = site.place.home / "sockets"
        assert (sockets / SOCKET).is_socket()
        assert [mode(sockets), mode(sockets / SOCKET), mode(site.place.cluster)] == ["700", "700", "700"]
        assert [line for line in listed if f"socket:[{line[9]}]" in held] == []


def test_the_server_sees_neither_our_secrets_nor_settings_of_other_clients(site, monkeypatch):
    monkeypatch.setenv("KRING_SECRET_KEYS", "a:secret")
    monkeypatch.setenv("PGPORT", "1")
    with site.start():
        seen = Path(f"/proc/{site.server_pid}/environ").read_bytes().decode().split("\0")
    assert sorted(each.split("=")[0] for each in seen if each) == sorted(environment())
    assert sorted(environment()) == sorted({"LC_ALL", "TZ"} | ({"PATH", "LD_LIBRARY_PATH"} & os.environ.keys()))


def test_ctrl_c_in_the_terminal_reaches_kring_and_not_the_server(site):
    with site.start():
        assert os.getsid(site.server_pid) != os.getsid(0)


# Root


@as_root
def test_root_drops_to_an_unprivileged_account_and_says_once_where_the_database_lives(fresh):
    with fresh.start() as server:
        home = fresh.place.home
        assert server.note == f"The database lives in {home} (PostgreSQL refuses to run as root)."
        assert home.parent == fresh.root_home
        owner = pwd.getpwuid(fresh.place.cluster.stat().st_uid).pw_name
        assert owner in ("postgres", "nobody")
        assert Path(f"/proc/{fresh.server_pid}").stat().st_uid == pwd.getpwnam(owner).pw_uid
    with fresh.start() as server:
        assert server.note is None
    assert not fresh.data.exists()


@as_root
def test_no_folder_above_the_data_is_opened_or_given_away(folder):
    closed = folder / "closed"
    data = closed / "checkout" / "data"
    data.mkdir(parents=True)
    closed.chmod(0o700)
    site = Site(data, folder / "open")
    before = modes_above(data / "x")
    site.start().stop()
    assert modes_above(data / "x") == before
    assert list(data.iterdir()) == []


@as_root
def test_binaries_under_a_closed_home_are_copied_once(fresh, folder, made):
    closed = folder / "closed"
    used = choose(None, made.place).folder.parent
    shutil.copytree(used, closed / WHEEL / used.name, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = wheel("..") / f"{WHEEL}.libs"
    shutil.copytree(libraries, closed / f"{WHEEL}.libs")
    closed.chmod(0o700)

    def copies() -> list[tuple[str, int]]:
        return [(each.name, each.stat().st_ino) for each in fresh.place.home.glob("binaries-*")]

    fresh.start(closed / WHEEL / used.name / "bin").stop()
    first = copies()
    assert len(first) == 1
    with fresh.start(closed / WHEEL / used.name / "bin"):
        program = Path(f"/proc/{fresh.server_pid}/exe").readlink()
    assert program.is_relative_to(fresh.place.home)
    assert copies() == first
    assert mode(closed) == "700"


@as_root
def test_root_uses_the_cluster_that_an_ordinary_account_already_has(fresh):
    python = python_for(account())
    if python is None:
        pytest.skip("no Python here that an ordinary account may run")
    fresh.data.mkdir(parents=True)
    os.chown(fresh.data, account()["user"], account()["group"])

    with another_kring(fresh, python, **account()) as ordinary:
        assert ordinary.owned
        assert ordinary.dsn.split("?host=")[1].startswith(f"{fresh.data}/postgres/sockets")
        with fresh.start() as server:
            assert not server.owned
            assert server.dsn == ordinary.dsn
        ordinary.end()
    with fresh.start() as server:
        assert server.owned
        assert server.note is None
    assert not fresh.root_home.exists()
    inside = [fresh.data / "postgres", *(fresh.data / "postgres").iterdir()]
    assert {each.stat().st_uid for each in inside} == {account()["user"]}
    assert mode(fresh.data / "postgres") == "700"
    with another_kring(fresh, python, **account()) as ordinary:
        ordinary.end()


@as_root
def test_an_ordinary_account_is_told_that_root_has_the_database(site):
    python = python_for(account())
    if python is None:
        pytest.skip("no Python here that an ordinary account may run")
    refusal = f"root runs the database of {site.data} in {site.place.home}"
    with pytest.raises(AssertionError, match=refusal), another_kring(site, python, **account()):
        pass


# Two processes


async def test_a_second_process_attaches_and_leaves_the_server_running(site):
    with site.start() as server:
        with another_kring(site) as second:
            assert not second.owned
            assert second.dsn == server.dsn
            second.end()
        assert await query(server.dsn, "select 1") == 1
        assert exists(site.server_pid)


async def test_two_that_start_at_once_share_one_server(site):
    with another_kring(site) as first, another_kring(site) as second:
        assert sorted([first.owned, second.owned]) == [False, True]
        assert first.dsn == second.dsn
        attached, owner = sorted([first, second], key=lambda each: each.owned)
        attached.end()
        owner.end()
    assert site.log.count(CLEAN) == 1


async def test_who_attached_brings_the_server_back_when_its_owner_stops(site):
    with another_kring(site) as owner, site.start() as server:
        assert not server.owned
        owner.end()
        assert server.ensure()
        assert server.owned
        assert await query(server.dsn, "select 1") == 1
        assert not server.ensure()


def test_the_server_ends_cleanly_when_its_parent_is_killed(site):
    with another_kring(site) as killed:
        pid = site.server_pid
        killed.kill()
    eventually(lambda: not exists(pid))
    assert site.log.count(CLEAN) == 1
    with site.start():
        pass
    assert UNCLEAN not in site.log


def test_a_start_waits_for_the_dying_server_of_a_killed_process(site):
    with another_kring(site) as killed:
        killed.kill()
        with site.start() as server:
            assert server.owned
    assert site.log.count(CLEAN) == 2
    assert UNCLEAN not in site.log


def test_a_server_that_lost_its_owner_without_noticing_is_ended_and_replaced(site):
    binaries = choose(None, site.place)
    elsewhere = site.place.private_folder(site.place.home / "elsewhere")
    orphan = subprocess.Popen(
        [binaries.program("postgres"), "-D", site.place.cluster, "-k", elsewhere, "-h", ""],
        cwd=site.place.cluster,
        stderr=subprocess.DEVNULL,
        **site.place.popen,
    )
    with orphan:
        eventually(lambda: (elsewhere / SOCKET).exists())
        reaper = threading.Thread(target=orphan.wait)
        reaper.start()
        with site.start() as server:
            assert server.owned
            assert site.server_pid != orphan.pid
        reaper.join()
    assert orphan.returncode == 0


# Faults


async def test_a_crashed_server_is_brought_back_with_everything_that_was_committed(site):
    with site.start() as server:
        await execute(server.dsn, "create table kept as select 7 as seven")
        os.kill(site.server_pid, signal.SIGKILL)
        assert server.ensure()
        assert await query(server.dsn, "select seven from kept") == 7
        assert not server.ensure()


async def test_a_new_server_waits_for_processes_that_a_killed_one_left_busy(site):
    with site.start() as server:
        busy = await asyncpg.connect(server.dsn)
        work = asyncio.ensure_future(busy.execute("do $$ begin for i in 1..40000000 loop end loop; end $$"))
        doing = "select count(*) from pg_stat_activity where state = 'active' and query like 'do %'"
        while await query(server.dsn, doing) == 0:
            pass
        os.kill(site.server_pid, signal.SIGKILL)
        assert server.ensure()
        assert await query(server.dsn, "select 1") == 1
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await work
        await busy.close()
    assert "pre-existing shared memory block" in site.log


@pytest.fixture
def bystander(site: Site) -> Iterator[int]:
    """A process of the server's account that has nothing to do with it."""
    with subprocess.Popen(["sleep", "60"], cwd="/", **site.place.popen) as process:
        yield process.pid
        process.kill()


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


def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(folder):
    site = Site(folder / ("d" * 90) / "data", folder / ("r" * 90))
    with site.start() as server:
        sockets = Path(server.dsn.split("?host=")[1].split("&")[0])
        assert len(str(sockets)) < 90
        assert mode(sockets) == "700"
        assert asyncio.run(query(server.dsn, "select 1")) == 1
        with another_kring(site) as second:
            assert second.dsn == server.dsn
            second.end()
    assert not sockets.exists()


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


def test_a_start_outside_the_main_thread_is_refused(site):
    refusals = []

    def try_to_start() -> None:
        try:
            site.start()
        except RuntimeError as error:
            refusals.append(str(error))

    thread = threading.Thread(target=try_to_start)
    thread.start()
    thread.join()
    assert refusals == ["the embedded database must be started from the main thread"]
    with site.start():
        pass


def test_two_data_folders_have_two_clusters(ground):
    places = [place_for(ground / name, ground / "homes") for name in ("one", "two")]
    assert places[0].home != places[1].home
