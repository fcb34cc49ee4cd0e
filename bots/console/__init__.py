"""The terminal as a channel: the simplest one."""
