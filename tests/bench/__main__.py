"""Run the benchmarks: all modules beside this one that define `run`, or those that are named."""

import importlib
import pkgutil
import sys

import uvloop

import tests.bench
from service import log
from tests.bench.ground import Ground, ground


def main() -> int:
    names = sys.argv[1:] or sorted(module.name for module in pkgutil.iter_modules(tests.bench.__path__))
    modules = [importlib.import_module(f"tests.bench.{name}") for name in names if name != "__main__"]
    log.configure("json", quiet=True)
    with ground() as made:
        results = [uvloop.run(_report(module.run, made)) for module in modules if hasattr(module, "run")]
    return 0 if all(results) else 1


async def _report(run, made: Ground) -> bool:
    good = True
    async for figure in run(made):
        print(figure.line(), flush=True)  # noqa: T201 - this is the report
        good = good and figure.ok is not False
    return good


if __name__ == "__main__":
    sys.exit(main())
