"""The documents name nothing that is not there: files, targets of make, commands, and the words on buttons."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from service.actions.privacy import NAMELESS
from service.cli import main
from service.texts.catalogue import read

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "DECISIONS.md", "docs/architecture.md", "docs/gids.md", "docs/guide.md")
HOMES = (ROOT, ROOT / "service", ROOT / "bots", ROOT / "handlers")
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))


def quoted(document: str) -> list[str]:
    """Return what stands between backticks, and the commands that are indented as such."""
    text = (ROOT / document).read_text("utf-8")
    commands = re.findall(r"^ {4,}(?:\.venv/bin/(?=kring)|(?=make ))(\S.*)$", text, re.M)
    return re.findall(r"`([^`\n]+)`", text) + commands


def lost_paths(document: str) -> Iterator[str]:
    for words in quoted(document):
        named = re.sub(r"\(.*\)$", "", words)  # a function with its arguments
        if not re.fullmatch(r"\w+(/[\w.{},]+)+/?", named):
            continue
        head, _, braced = named.partition("{")
        paths = [head + part for part in braced.rstrip("}").split(",")] if braced else [named]
        yield from (path for path in paths if not any(there(home / path) for home in HOMES))


def there(path: Path) -> bool:
    """Tell whether a path leads to a file, a folder, a module, or a name in a module."""
    if path.exists() or path.with_name(path.name + ".py").exists():
        return True
    module = path.with_suffix(".py")
    return module.exists() and re.search(rf"\b{path.suffix[1:]}\b", module.read_text("utf-8")) is not None


def lost_commands(document: str) -> Iterator[str]:
    for named in quoted(document):
        words = named.split()
        if words[:1] == ["make"] and words[1] not in TARGETS:
            yield named
        if words[:1] == ["kring"] and len(words) > 1 and not known(main, words[1:]):
            yield named


def known(command: click.Command, words: list[str]) -> bool:
    """Tell whether words are commands and options of the program; an argument may be anything."""
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    if isinstance(command, click.Group):
        return all(
            known(command.commands[one], words[1:]) if one in command.commands else False for one in alike(words)
        )
    return options.issuperset(word.strip("[]") for word in words if word.strip("[").startswith("--"))


def alike(words: list[str]) -> list[str]:
    """Return the commands that a first word stands for: `list\\|pause` is two."""
    return words[0].replace("\\", "").split("|") if words else []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_in_the_documents_is_there(document: str) -> None:
    assert list(lost_paths(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_in_the_documents_is_one(document: str) -> None:
    assert list(lost_commands(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_in_the_documents_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []


def told(guide: str) -> set[str]:
    """Return what a guide says to press or look for: bold words, but for the headings of its lists."""
    text = re.sub(r"^- \*\*[^*]+\*\*:", "", (ROOT / guide).read_text("utf-8"), flags=re.M)
    return {
        word.strip() for words in re.findall(r"\*\*([^*]+)\*\*", text) for word in " ".join(words.split()).split("›")
    }


@pytest.mark.parametrize(("guide", "language"), [("docs/gids.md", "nl"), ("docs/guide.md", "en")])
def test_a_guide_names_buttons_by_the_words_that_stand_on_them(guide: str, language: str) -> None:
    messages = [one for one in read(ROOT / "service/texts/nl/web.po", "nl") if one.id]
    shown = {str(one.string if language == "nl" else one.id) for one in messages} | {NAMELESS[language]}
    assert told(guide) - shown == set()
    assert len(told(guide)) > 10
