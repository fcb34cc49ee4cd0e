"""The mail channel: what Kring sends as mail, and how it is handed to a relay."""
