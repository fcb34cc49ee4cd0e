import asyncio
import os
import threading
from pathlib import Path

import pytest

from service.embedded.place import place_for
from service.embedded.server import SOCKET, environment
from tests.embedded.kring_process import CLEAN, UNCLEAN, Site, another_kring, execute, exists, mode, query


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


def test_two_data_folders_have_two_clusters(ground):
    places = [place_for(ground / name, ground / "homes") for name in ("one", "two")]
    assert places[0].home != places[1].home


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


@pytest.mark.parametrize("name", ["kring van 't Zand: 100% é", 'a, "b"'])
def test_a_path_may_hold_any_letter(folder, name):
    site = Site(folder / name / "data", folder / name / "root")
    with site.start() as server:
        assert asyncio.run(query(server.dsn, "select 1")) == 1
        with another_kring(site) as second:
            assert second.dsn == server.dsn
            second.end()


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
