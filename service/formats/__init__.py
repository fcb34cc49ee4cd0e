"""Pure text in and out: calendars, rosters, tokens, cleaning."""
