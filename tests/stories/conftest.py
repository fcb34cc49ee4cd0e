"""Programs for the stories, each with a folder of its own that goes with it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.program import Program, clear, running
from tests.stories.newcomer import Newcomer, arrived

Programs = Callable[..., Program]


@pytest.fixture
async def programs(ground: Path, request: pytest.FixtureRequest) -> AsyncIterator[Programs]:
    """Sets up programs that run nothing yet; what they leave behind goes at the end."""
    made: list[Program] = []

    def one(database_url: str = "", **settings: str) -> Program:
        folder = ground / f"{request.node.name}-{len(made)}"
        made.append(Program(folder, database_url, settings))
        return made[-1]

    yield one
    for program in made:
        if program.running:
            program.kill()
            await program.ended()
        clear(program)


@pytest.fixture
async def demo(programs: Programs, clone_dsn: str) -> AsyncIterator[Newcomer]:
    """`kring run --demo` on an empty database, and somebody who has just sat down at it."""
    async with AsyncExitStack() as stack:
        program = await stack.enter_async_context(running(programs(clone_dsn), "--demo"))
        yield await stack.enter_async_context(arrived(program))
