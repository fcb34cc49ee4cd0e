"""The verbs: each takes , opens exactly one transaction, decides through the rules and leaves notices."""
