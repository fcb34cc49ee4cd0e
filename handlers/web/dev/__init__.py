"""Pages of the demo only, for whoever sits at the machine: the mail that was caught, and a chat as anybody.

Both show what belongs to other people: they are there with `--demo` alone, and answer to loopback alone.
"""

from collections.abc import Iterator

from handlers.web.dev.answering import Answering, Hand
from handlers.web.dev.chat import Answer, Chat
from handlers.web.dev.mail import Mailbox, Post
from handlers.web.routes import Route


def routes(*, mailbox: Mailbox, answer: Answer, post: Hand | None = None) -> Iterator[Route]:
    """List the routes; `answer` says what Kring answers to a message, `post` delivers a mail to it, None: it cannot."""
    yield from Post(mailbox, answering=post is not None).routes()
    if post is not None:
        yield from Answering(mailbox, post).routes()
    yield from Chat(answer).routes()
