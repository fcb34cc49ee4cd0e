"""Joins everything: settings, database, channels, web and workers. The only place that knows them all.

Builds and runs; what a command of the command line does with it is in `service/cli`. A channel that needs a library of
its own is imported only where it is configured.
"""

from service.wiring.checking import check, check_database
from service.wiring.house import Kring, Source, appoint_admin, database, opened
from service.wiring.mail import keep
from service.wiring.running import ROLES, serving, stop_on_signals
from service.wiring.talking import answer, converse

__all__ = [
    "ROLES",
    "Kring",
    "Source",
    "answer",
    "appoint_admin",
    "check",
    "check_database",
    "converse",
    "database",
    "keep",
    "opened",
    "serving",
    "stop_on_signals",
]
