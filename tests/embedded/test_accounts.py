import os
import pwd
import shutil
from pathlib import Path

import pytest

from service.embedded.binaries import WHEEL, choose
from tests.embedded.kring_process import Site, another_kring, mode, python_for, query, wheel

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")


def account(name: str = "nobody") -> dict[str, int | list[int]]:
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def modes_above(path: Path) -> list[tuple[Path, int, int]]:
    return [(each, each.stat().st_mode, each.stat().st_uid) for each in path.parents]


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


async def test_a_strict_umask_shuts_nobody_out(fresh):
    usual = os.umask(0o077)
    try:
        with fresh.start() as server:
            assert await query(server.dsn, "select 1") == 1
    finally:
        os.umask(usual)
    home = fresh.place.home
    assert [mode(home.parent), mode(home), mode(fresh.place.log)] == ["755", "711", "600"]


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


def test_an_ordinary_account_is_told_that_root_has_the_database(site):
    python = python_for(account())
    if python is None:
        pytest.skip("no Python here that an ordinary account may run")
    refusal = f"root runs the database of {site.data} in {site.place.home}"
    with pytest.raises(AssertionError, match=refusal), another_kring(site, python, **account()):
        pass
