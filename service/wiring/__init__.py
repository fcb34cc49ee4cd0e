"""Joins everything: settings, database, channels, web and workers. The only place that knows them all.

Builds and runs; what a command of the command line does with it is in `service/cli`, which takes each thing from its
room: who stores a mail or makes a key imports no page. A channel that needs a library of its own is imported only
where it is configured.
"""
