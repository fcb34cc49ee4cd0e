"""The architecture as tests: SQL that the real schema accepts, layers that signatures tell, policy that is data."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import asyncpg
import pytest

import service.actions
import service.formats
import service.rules
import service.store
from service.database import Database

ROOT = Path(__file__).parents[1]
STATEMENT = re.compile(r"\s*(select|insert|update|delete|with|create|drop|lock|merge|notify)\b")


def modules(package: ModuleType) -> list[ModuleType]:
    """Return the modules of a package, itself left out."""
    return [
        importlib.import_module(name) for _, name, _ in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    ]


def statements(module: ModuleType) -> dict[str, str]:
    """Return the SQL of a module of the store by name, in the order in which it is written."""
    return {
        name: value
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and not name.startswith("_") and STATEMENT.match(value)
    }


def functions(module: ModuleType) -> Iterator[tuple[str, ast.AsyncFunctionDef]]:
    """Yield the public async functions of a module."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield f"{module.__name__}.{node.name}", node


async def prepared(conn: asyncpg.Connection, module: ModuleType) -> dict[str, asyncpg.prepared_stmt.PreparedStatement]:
    """Prepare every statement of a module; tables that live for one transaction are made on the way."""
    found = {}
    for name, sql in statements(module).items():
        try:
            found[name] = await conn.prepare(sql)
            if sql.lstrip().startswith("create temp table"):
                await conn.execute(sql)
        except asyncpg.PostgresError as error:
            raise AssertionError(f"{module.__name__}.{name}: {error}") from error
    return found


@pytest.mark.parametrize("module", modules(service.store), ids=lambda module: module.__name__)
async def test_every_statement_fits_the_schema_and_its_columns_the_dataclass(db: Database, module: ModuleType) -> None:
    async with db.transaction() as conn:
        found = await prepared(conn, module)
        columns = {name: [column.name for column in one.get_attributes()] for name, one in found.items()}
    for name, function in functions(module):
        built, run = list(_built(function)), [used for used in _names(function) if used in found]
        if len(built) == len(run) == 1:
            expected = [field.name for field in fields(getattr(module, built[0]))]
            assert sorted(columns[run[0]]) == sorted(expected), name


@pytest.mark.parametrize("module", modules(service.store), ids=lambda module: module.__name__)
def test_every_statement_is_run_by_one_function_or_is_part_of_another_statement(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    users = [set(_names(node)) for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    every = statements(module)
    for name, sql in every.items():
        used = sum(name in names for names in users)
        assert used == 1 or (used == 0 and any(sql in other for other in every.values() if other != sql)), name


@pytest.mark.parametrize(("package", "firsts"), [(service.store, {"conn"}), (service.actions, {"db", "conn"})])
def test_the_first_parameter_tells_the_layer(package: ModuleType, firsts: set[str]) -> None:
    for module in modules(package):
        for name, function in functions(module):
            arguments = function.args.posonlyargs + function.args.args
            assert arguments, name
            assert arguments[0].arg in firsts, name


@pytest.mark.parametrize("package", [service.rules, service.formats])
def test_rules_and_formats_wait_for_nothing(package: ModuleType) -> None:
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    for module in modules(package):
        assert not [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, waiting)], (
            module
        )


async def test_no_kind_of_circle_is_named_in_code(db: Database) -> None:
    async with db.reading() as conn:
        kinds = [row["name"] for row in await conn.fetch("select name from circle_kind")]
    named = []
    for path in _python():
        if path.is_relative_to(ROOT / "service/demo"):
            continue
        for text in _texts(ast.parse(path.read_text("utf-8"))):
            named += [(str(path.relative_to(ROOT)), kind) for kind in kinds if _names_kind(text, kind)]
    assert named == []


def test_only_actions_open_transactions() -> None:
    opening = []
    for path in _python():
        inside = path.relative_to(ROOT).parts[:2]
        if inside not in {
            ("service", "actions"),
            ("service", "demo"),
            ("service", "database.py"),
            ("service", "migrations"),
        }:
            opening += [str(path) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _opens(node)]
    assert opening == []


def _python() -> Iterator[Path]:
    for package in ("service", "bots", "handlers"):
        yield from sorted((ROOT / package).rglob("*.py"))


def _built(function: ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield the dataclasses that a function of the store builds with `rows.one` and `rows.many`."""
    for node in ast.walk(function):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="rows"), attr="one" | "many"), args=[ast.Name(id=name), *_]
            ):
                yield name


def _names(function: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and node.id.isupper()]


def _texts(tree: ast.Module) -> Iterator[str]:
    """Yield the texts of a module that are not docstrings."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def _names_kind(text: str, kind: str) -> bool:
    """Tell whether a text names a kind: a name of several words anywhere, a plain word only by itself or quoted."""
    if "_" in kind:
        return re.search(rf"\b{kind}\b", text) is not None
    return text == kind or re.search(rf"""(['"]){kind}\1""", text) is not None


def _opens(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="transaction")):
            return True
    return False
