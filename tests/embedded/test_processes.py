import subprocess
import threading

from service.embedded.binaries import choose
from service.embedded.server import SOCKET
from tests.embedded.kring_process import CLEAN, UNCLEAN, another_kring, exists, query
from tests.waiting import eventually


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
