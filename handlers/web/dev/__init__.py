"""Pages of the demo only, for whoever sits at the machine: the mail that was caught, and a chat as anybody.

Both show what belongs to other people: they are there with `--demo` alone, and answer to loopback alone.
"""

from collections.abc import Iterator

from handlers.web.dev.chat import Answer, Chat
from handlers.web.dev.mail import Mailbox, Post
from handlers.web.routes import Route


def routes(*, mailbox: Mailbox, answer: Answer) -> Iterator[Route]:
    """List the routes; `answer` says what Kring answers to a message."""
    yield from Post(mailbox).routes()
    yield from Chat(answer).routes()
