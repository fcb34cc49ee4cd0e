"""Benchmarks: `python -m tests.bench [MODULE…]` prints one JSON line per figure, its floor measured in the same run.

A module takes part by defining `async def run(ground: Ground) -> AsyncIterator[Figure]`.
"""
