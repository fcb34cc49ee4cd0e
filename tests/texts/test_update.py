from pathlib import Path

import pytest

from service.texts.catalogue import read
from service.texts.update import bring_up

CODE = """
from x import gettext, ngettext, marked
gettext("Hello %(name)s", name=1)
texts.ngettext("%(count)s seat", "%(count)s seats", 2)
LATER = marked("Later")
"""
TEMPLATE = "{{ _('Bye') }} {% trans name=n %}See you, {{ name }}{% endtrans %}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for place, content in (("service/a.py", CODE), ("handlers/web/templates/b.html", TEMPLATE)):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(content)
    return tmp_path


def strings(folder: Path, name: str) -> dict[object, object]:
    path = folder / name
    return {message.id: message.string for message in read(path, name[:2]) if message.id}


def translate(folder: Path, name: str, **found: str) -> None:
    text = (folder / name).read_text()
    for source, string in found.items():
        text = text.replace(f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{string}"')
    (folder / name).write_text(text)


def test_sentences_go_to_the_catalogue_of_their_room_and_english_is_filled(root: Path) -> None:
    bring_up(root, root / "texts")
    assert strings(root / "texts", "en/kring.po") == {
        "Hello %(name)s": "Hello %(name)s",
        "Later": "Later",
        ("%(count)s seat", "%(count)s seats"): ("%(count)s seat", "%(count)s seats"),
    }
    assert strings(root / "texts", "nl/web.po") == {"Bye": "", "See you, %(name)s": ""}


def test_what_is_missing_is_named_with_its_file(root: Path) -> None:
    faults = bring_up(root, root / "texts")
    assert sorted(faults) == [
        "nl/kring.po: missing: %(count)s seat (service/a.py)",
        "nl/kring.po: missing: Hello %(name)s (service/a.py)",
        "nl/kring.po: missing: Later (service/a.py)",
        "nl/web.po: missing: Bye (handlers/web/templates/b.html)",
        "nl/web.po: missing: See you, %(name)s (handlers/web/templates/b.html)",
    ]


def test_a_translation_stays_and_an_obsolete_one_goes(root: Path) -> None:
    folder = root / "texts"
    bring_up(root, folder, ["web"])
    translate(folder, "nl/web.po", Bye="Dag")
    (root / "handlers/web/templates/b.html").write_text("{{ _('Bye') }} {{ _('New') }}")
    assert "nl/web.po: obsolete: See you, %(name)s" in bring_up(root, folder, ["web"], change=False)
    bring_up(root, folder, ["web"])
    assert strings(folder, "nl/web.po") == {"Bye": "Dag", "New": ""}


@pytest.mark.parametrize(
    ("string", "fault"),
    [
        ("Dag %(naam)s", "other places than the English"),
        ("Dag", "other places than the English"),
        ("Dag %(name)s, 100% zeker", "a lone percent sign, write it twice"),
        ("Dag %(name)s {name}", "a place in braces, write %(name)s"),
    ],
)
def test_a_translation_must_fit_its_source(root: Path, string: str, fault: str) -> None:
    folder = root / "texts"
    bring_up(root, folder)
    translate(folder, "nl/kring.po", **{"Hello %(name)s": string})
    assert f"nl/kring.po: {fault}: Hello %(name)s" in bring_up(root, folder, change=False)


def test_a_fuzzy_translation_is_a_fault(root: Path) -> None:
    folder = root / "texts"
    bring_up(root, folder)
    path = folder / "nl/web.po"
    path.write_text(path.read_text().replace('msgid "Bye"\nmsgstr ""', '#, fuzzy\nmsgid "Bye"\nmsgstr "Dag"'))
    assert "nl/web.po: fuzzy: Bye" in bring_up(root, folder, change=False)


def test_two_rooms_may_not_translate_one_sentence_differently(root: Path) -> None:
    folder = root / "texts"
    (root / "service/a.py").write_text('_("Bye")')
    bring_up(root, folder)
    translate(folder, "nl/web.po", Bye="Dag")
    translate(folder, "nl/kring.po", Bye="Doei")
    fault = "nl: kring and web translate differently, give one a context: Bye"
    assert fault in bring_up(root, folder, change=False)
