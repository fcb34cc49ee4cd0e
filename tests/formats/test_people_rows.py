"""A file of people: what its cells may hold, and what is said of those that are wrong."""

import pytest

from service.formats.people_rows import PersonRow, read
from service.formats.tables import Fault

HEADER = "name,email,language,organisation,title,roles,circles\n"


def test_a_row_is_read_into_the_form_in_which_it_is_kept() -> None:
    source = (
        " Anna  de Vries ,Anna@A.example anna@b.example anna@a.example,EN,Zuid ,Hoofd, Staff,alfa *beta Gamma alfa beta"
    )
    assert list(read(HEADER + source)) == [
        PersonRow(
            2, "Anna de Vries", "anna@a.example anna@b.example", "en", "Zuid", "Hoofd", "staff", "alfa *beta gamma"
        )
    ]


def test_name_and_address_are_enough() -> None:
    assert list(read("email;name\nanna@a.example;Anna\n")) == [
        PersonRow(2, "Anna", "anna@a.example", "", "", "", "", "")
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",anna@a.example,,,,,", "name: This is needed."),
        ("Anna,,nl,,,,", "email: This is needed."),
        ("Anna,anna,,,,,", "email: An email address must have an @-sign."),
        ("Anna,anna@a.example,fr,,,,", "language: This must be one of: nl, en."),
        ("Anna,anna@a.example,,,,boss,", "roles: This must be one of: staff, admin."),
        ("Anna,anna@a.example,,,,member,", "roles: This must be one of: staff, admin."),
        ("Anna,anna@a.example,,,Hoofd,,", "title: A title needs an organisation."),
        ("Anna,bert@a.example,,,,,", "email: bert@a.example is on line 2 too."),
        ("Anna,anna@a.example BERT@a.example,,,,,", "email: bert@a.example is on line 2 too."),
        ("Anna,anna@a.example", "has 2 cells where the header has 7"),
    ],
)
def test_a_broken_row_is_told_with_its_line_and_the_others_are_read(row: str, reason: str) -> None:
    found = list(read(f"{HEADER}Bert,bert@a.example,,,,,\n{row}\nCor,cor@a.example,,,,,\n"))
    assert [one for one in found if isinstance(one, Fault)] == [Fault(3, reason)]
    assert [one.name for one in found if isinstance(one, PersonRow)] == ["Bert", "Cor"]
