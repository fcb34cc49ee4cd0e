"""Bring the catalogues up to date with code and templates: `python -m service.texts.update [--check] [ROOM…]`.

A tool for developers; the running program only reads what it writes.
"""

import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from service.model import Language
from service.texts.catalogue import FOLDER, Key, read
from service.texts.templates import JINJA

ROOT = FOLDER.parents[1]
PLACES = ("service", "bots", "handlers")
REST = "kring"
ROOMS = {
    "service/texts/mail/": "mail",
    "bots/mail/": "mail",
    "service/formats/entries.py": "feeds",
    "service/actions/feed_writing.py": "feeds",
    "handlers/web/feeds.py": "feeds",
    "service/formats/": "rosters",
    "handlers/web/": "web",
    "handlers/dialogue/": "dialogue",
    "bots/": "dialogue",
}
"""Which catalogue the sentences of a folder go to; the first that fits, else REST."""

_KEYWORDS = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "marked": None, "_": None}
_TEMPLATES = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false", **{k: str(v) for k, v in JINJA.items()}}
_HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {0}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {1}\\n"\n\n'
)
_PLACE = re.compile(r"(?<!%)(?:%%)*%\((\w+)\)s")
_BRACES = re.compile(r"\{\w*\}")

Source = str | Sequence[str]
Found = dict[Key, tuple[Source, set[str]]]


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail where a catalogue is not complete.")
@click.argument("rooms", nargs=-1)
def main(check: bool, rooms: tuple[str, ...]) -> None:
    """Extract the sentences of ROOMS (all of them by default) into the catalogues of every language."""
    faults = bring_up(ROOT, FOLDER, rooms, change=not check)
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if faults and check else 0)


def bring_up(root: Path, folder: Path, rooms: Sequence[str] = (), *, change: bool = True) -> list[str]:
    """Bring the catalogues in `folder` up to date with what lies under `root`, and list what they still lack."""
    found = _extracted(root)
    chosen = rooms or sorted(found.keys() | {path.stem for path in folder.glob("*/*.po")})
    faults: list[str] = []
    for language in Language:
        for room in chosen:
            path = folder / language / f"{room}.po"
            if change:
                _update(path, language, found.get(room, {}))
            faults += _faults(path, language, found.get(room, {}))
        faults += _contradictions(folder / language)
    return faults


def _extracted(root: Path) -> dict[str, Found]:
    """Collect per room each sentence, with the files it stands in."""
    rooms: dict[str, Found] = defaultdict(dict)
    for path in sorted(path for place in PLACES for path in (root / place).rglob("*")):
        name = path.relative_to(root).as_posix()
        room = next((room for folder, room in ROOMS.items() if name.startswith(folder)), REST)
        for source, context in _sentences(path):
            key = (context, source if isinstance(source, str) else source[0])
            known, files = rooms[room].setdefault(key, (source, set()))
            files.add(name)
            if isinstance(known, str):  # the plural form wins over the same sentence without one
                rooms[room][key] = (source, files)
    return rooms


def _sentences(path: Path) -> Iterator[tuple[Source, str | None]]:
    if path.suffix == ".py":
        method, options = "python", {}
    elif path.is_file() and (path.suffix == ".j2" or "templates" in path.parts):
        method, options = "jinja2.ext:babel_extract", _TEMPLATES
    else:
        return
    for _, message, _, context in extract_from_file(method, path, keywords=_KEYWORDS, options=options):
        yield message, context


def _update(path: Path, language: str, found: Found) -> None:
    """Write a catalogue that holds exactly the sentences found; what was translated stays."""
    old = _messages(path, language)
    made = Catalog(locale=language)
    for key, (source, files) in found.items():
        known = old.get(key)
        string: Source | None = known.string if known is not None and _same_shape(known.id, source) else None
        if language == Language.ENGLISH and not _filled(string):
            string = source
        flags = ("fuzzy",) if known is not None and known.fuzzy else ()
        made.add(source, string, [(name, 0) for name in sorted(files)], flags=flags, context=key[0])  # type: ignore[arg-type]
    body = io.BytesIO()
    write_po(body, made, sort_output=True, omit_header=True, include_lineno=False, width=100)
    if not found:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_HEADER.format(language, made.plural_forms) + body.getvalue().decode(), "utf-8")


def _messages(path: Path, language: str) -> dict[Key, Message]:
    if not path.exists():
        return {}
    found = {}
    for message in read(path, language):
        if message.id:
            found[message.context, message.id if isinstance(message.id, str) else message.id[0]] = message
    return found


def _faults(path: Path, language: str, found: Found) -> Iterator[str]:
    known = _messages(path, language)
    where = f"{language}/{path.name}"
    for key in known.keys() - found.keys():
        yield f"{where}: obsolete: {key[1]}"
    for key, (source, files) in found.items():
        message = known.get(key)
        if message is None or not _same_shape(message.id, source) or not _filled(message.string):
            yield f"{where}: missing: {key[1]} ({', '.join(sorted(files))})"
        else:
            yield from (f"{where}: {fault}: {key[1]}" for fault in _flaws(source, message))


def _flaws(source: Source, message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "fuzzy"
    sources, strings = _forms(source), _forms(message.string)
    places = [set(_PLACE.findall(form)) for form in sources]
    for form in strings:
        if not set.intersection(*places) <= set(_PLACE.findall(form)) <= set.union(*places):
            yield "other places than the English"
    for form in (*sources, *strings):
        try:
            form % defaultdict(str)
        except (ValueError, TypeError, KeyError):
            yield "a lone percent sign, write it twice"
        if _BRACES.search(form):
            yield "a place in braces, write %(name)s"


def _contradictions(folder: Path) -> Iterator[str]:
    """Find sentences that two rooms translate differently: only one of them would be heard."""
    said: dict[Key, tuple[Source | None, str]] = {}
    for path in sorted(folder.glob("*.po")):
        for key, message in _messages(path, folder.name).items():
            if not _filled(message.string):
                continue
            string, room = said.setdefault(key, (message.string, path.stem))
            if _forms(string) != _forms(message.string):
                yield f"{folder.name}: {room} and {path.stem} translate differently, give one a context: {key[1]}"


def _same_shape(one: Source | None, other: Source | None) -> bool:
    return _forms(one) == _forms(other)


def _filled(string: Source | None) -> bool:
    return bool(string) and all(_forms(string))


def _forms(source: Source | None) -> tuple[str, ...]:
    if source is None:
        return ()
    return (source,) if isinstance(source, str) else tuple(source)


if __name__ == "__main__":
    main()
