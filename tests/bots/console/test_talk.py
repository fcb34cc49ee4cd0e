"""Real pipes, files and terminals: what a person or a script would have before them."""

import asyncio
import os
import pty
import termios
import tty
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.console import parse
from bots.console.talk import PROMPT, lines, talk
from service.channels import Document, Inbound, Outbound, Paragraph
from service.clock import MovableClock
from tests.waiting import until

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CLOCK = MovableClock(NOON)


async def echo(said: Inbound) -> Sequence[Outbound]:
    return [Outbound("echo", (Paragraph(f"{said.address} said {said.text}"),))]


async def report(said: Inbound) -> Sequence[Outbound]:
    return [Outbound("file", (Document("../../list.csv", "text/csv", b"name"),))]


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_line_becomes_a_message_of_the_person() -> None:
    assert parse.inbound("  ja 12 \n", address="ada@example.org", number=3, at=NOON) == Inbound(
        channel="console",
        external_id="2026-11-23T12:00:00+00:00:3",
        received_at=NOON,
        address="ada@example.org",
        conversation="ada@example.org",
        text="ja 12",
    )


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.txt"
    path.write_text("agenda\n\nja 12\nexit\nnever said\n", "utf-8")
    return path


async def test_a_script_gets_its_answers_and_no_prompt(script: Path, tmp_path: Path) -> None:
    with script.open() as stdin, (tmp_path / "out.txt").open("w+") as stdout:
        await talk(echo, address="ada@example.org", clock=CLOCK, stdin=stdin, stdout=stdout)
        stdout.seek(0)
        assert stdout.read() == "ada@example.org said agenda\n\nada@example.org said ja 12\n\n"


async def test_files_are_kept_under_their_last_name_and_only_where_there_is_a_folder(
    script: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    for place in (None, folder):
        with script.open() as stdin, (tmp_path / "out.txt").open("w+") as stdout:
            await talk(report, address="a@b", clock=CLOCK, stdin=stdin, stdout=stdout, folder=place)
            stdout.seek(0)
            said = stdout.read()
    assert said == f"[../../list.csv]\n→ {folder}/list.csv\n\n" * 2
    assert names(tmp_path) == ["kept", "kept/list.csv", "out.txt", "script.txt"]


async def test_lines_come_as_a_pipe_brings_them_whole_whatever_the_pieces() -> None:
    reading, writing = os.pipe()
    heard: list[str] = []

    async def listen() -> None:
        with os.fdopen(reading) as stream:
            async for line in lines(stream):
                heard.append(line)

    async def has_heard(count: int) -> bool:
        return len(heard) == count

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen())
        os.write(writing, b"een\ntwe")
        await until(lambda: has_heard(1))
        os.write(writing, b"e\ndri\xc3")
        await until(lambda: has_heard(2))
        os.write(writing, b"\xab\n\xff\nslot")
        await until(lambda: has_heard(4))
        os.close(writing)
    assert heard == ["een", "twee", "drië", "\ufffd", "slot"]


async def test_waiting_for_a_line_ends_at_once_when_the_program_is_asked_to_end() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w") as stdout:
        async with asyncio.TaskGroup() as tasks:
            talking = tasks.create_task(talk(echo, address="a@b", clock=CLOCK, stdin=stdin, stdout=stdout))
            await asyncio.sleep(0)
            talking.cancel()
        assert talking.cancelled()
    os.close(writing)


async def test_in_a_terminal_there_is_a_prompt_and_end_of_input_ends_the_talk() -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)  # no echo, and no other line ends than ours
    mode = termios.tcgetattr(slave)
    mode[tty.LFLAG] |= termios.ICANON  # but Ctrl-D ends the input
    termios.tcsetattr(slave, termios.TCSANOW, mode)
    os.set_blocking(master, False)
    shown: list[bytes] = []

    async def has_shown(text: str) -> bool:
        with suppress(BlockingIOError):
            shown.append(os.read(master, 10_000))
        return b"".join(shown).decode() == text

    with os.fdopen(slave, "r") as stdin, os.fdopen(os.dup(slave), "w") as stdout:
        os.write(master, b"agenda\n\x04")
        async with asyncio.timeout(20):
            await talk(echo, address="ada@example.org", clock=CLOCK, stdin=stdin, stdout=stdout)
        await until(lambda: has_shown(f"{PROMPT}ada@example.org said agenda\n\n{PROMPT}\n"))
    os.close(master)
