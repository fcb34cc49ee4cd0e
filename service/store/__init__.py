"""All SQL: each function runs one statement on the `conn` of somebody's transaction."""
