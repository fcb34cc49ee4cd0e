"""A file with an annual plan: what its cells may hold, and what is said of those that are wrong."""

from pathlib import Path

import pytest

from service.formats.plan_rows import PlanRow, read
from service.formats.tables import Fault

COURSE = "Leren,Cursus,training,gathering"
HEADER = "programme,title,kind,output,min_count,max_count,period,months,language,audience,source,circle\n"
KINDS = {"training", "dinner"}
PLAN = Path(__file__).parents[2] / "service/demo/plan-2024.csv"


def rows(source: str) -> list[PlanRow | Fault]:
    return list(read(source, kinds=KINDS, circles={"alfa"}))


def test_a_line_is_read_with_what_it_leaves_out() -> None:
    line = '"Leren","Cursus ",training,gathering,2,4,half-year,"4, 11,4",en,members,p. 3,ALFA\n'
    least = "Leren,Brief,letter,mailing,0,,,,,,,\n"
    assert rows(HEADER + line + least) == [
        PlanRow(
            "Leren", "Cursus", "training", "gathering", 2, 4, "half-year", [4, 11], "en", "members", "p. 3", "alfa"
        ),
        PlanRow("Leren", "Brief", "letter", "mailing", 0, None, "year", [], "nl", "", "", None),
    ]
    assert rows("programme;title;kind;output;min_count\nLeren;Diner;dinner;group;1") == [
        PlanRow("Leren", "Diner", "dinner", "group", 1, None, "year", [], "nl", "", "", None)
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Cursus,training,gathering,1,,,,,,,", "programme: This is needed."),
        ("Leren,,training,gathering,1,,,,,,,", "title: This is needed."),
        ("Leren,Cursus,,gathering,1,,,,,,,", "kind: This is needed."),
        ("Leren,Cursus,tea_party,gathering,1,,,,,,,", "kind: There is no kind tea_party."),
        ("Leren,Cursus,training,party,1,,,,,,,", "output: This must be one of: gathering, group, mailing."),
        (f"{COURSE},,,,,,,,", "min_count: This must be a number from 0 to 10000."),
        (f"{COURSE},-1,,,,,,,", "min_count: This must be a number from 0 to 10000."),
        (f"{COURSE},²,,,,,,,", "min_count: This must be a number from 0 to 10000."),
        (f"{COURSE},1,99999,,,,,,", "max_count: This must be a number from 0 to 10000."),
        (f"{COURSE},3,2,,,,,,", "max_count: This is less than min_count."),
        (f"{COURSE},1,,daily,,,,,", "period: This must be one of: year, half-year, quarter, month, week."),
        (f"{COURSE},1,,,13,,,,", "months: These must be numbers from 1 to 12 with commas between them."),
        (f'{COURSE},1,,,"1,",,,,', "months: These must be numbers from 1 to 12 with commas between them."),
        (f"{COURSE},1,,,,fr,,,", "language: This must be one of: nl, en."),
        (f"{COURSE},1,,,,,,,beta", "circle: There is no circle beta."),
        ("Leren,Diner,dinner,gathering,1,,,,,,,", "title: This line of the programme is on line 2 too."),
        ("Leren,Cursus", "has 2 cells where the header has 12"),
    ],
)  # fmt: skip
def test_a_broken_line_is_told_and_the_others_are_read(row: str, reason: str) -> None:
    found = rows(f"{HEADER}Leren,Diner,dinner,gathering,1,,,,,,,\n{row}\nDoen,Diner,dinner,gathering,1,,,,,,,\n")
    assert [one for one in found if isinstance(one, Fault)] == [Fault(3, reason)]
    assert [one.programme for one in found if isinstance(one, PlanRow)] == ["Leren", "Doen"]


def test_the_real_plan_is_sound() -> None:
    source = PLAN.read_bytes()
    named = {line.rpartition(",")[2] for line in source.decode().splitlines()}
    kinds = {line.split(",")[2] for line in source.decode().splitlines()} | {"knowledge_cafe", "lobby_cafe"}
    found = list(read(source, kinds=kinds, circles=named))
    assert [one for one in found if isinstance(one, Fault)] == []
    assert len(found) == 39
