"""The command line: arguments in, actions called, words out.

Exit codes: 0 done, 1 refused (the reason on stderr), 2 wrong use or configuration. Each command imports what it needs
when it runs, so that `kring --help` answers at once.
"""

import sys
from io import TextIOWrapper

import click

from service.cli import data, inbox, keys, outbox, person, running, second_factor, talking


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Kring runs the circles of an association and their gatherings, through the messages people already use.

    Settings come from the environment (KRING_…); see the README.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # a terminal may know fewer letters than people's names and our own lines have
            stream.reconfigure(errors="replace")


for command in (
    running.run,
    running.check,
    running.migrate,
    data.importing,
    data.exporting,
    keys.api_key,
    second_factor.second_factor,
    person.person,
    talking.chat,
    outbox.outbox,
    inbox.receive,
    inbox.inbox,
):
    main.add_command(command)
