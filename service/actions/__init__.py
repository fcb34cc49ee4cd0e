"""The verbs: each takes `db`, opens exactly one transaction, decides through the rules and leaves notices."""
