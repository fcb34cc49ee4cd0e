"""All SQL: each function runs one statement on the  of somebody's transaction."""
