"""What the gate is told by files: waivers in a plan, mail clients of a newsletter."""

from __future__ import annotations

from pipeline.content.frontmatter import parse_document
from pipeline.content.newsletter import read_newsletters
from pipeline.content.plan import read_plan
from pipeline.content.schema import Fields, Report
from tests.unit.content.test_plan import HEAD, PATH, problems, read

LETTER = {
    "key": "letter",
    "title": "The letter",
    "sender": "Desk <desk@news.example.org>",
    "postal_address": "1200 Genève",
    "cadence": "last day 09:00",
}


def test_waivers_are_rules_with_reasons() -> None:
    text = f"---\n{HEAD}waive:\n  subject-long: It is a name.\n  emoji:\n---\n"
    assert read(text).waive == {"subject-long": "It is a name.", "emoji": ""}
    assert read(f"---\n{HEAD}---\n").waive == {}


def test_the_line_of_a_waiver_is_known() -> None:
    text = f"---\n{HEAD}waive:\n  emoji: One each.\n---\n"
    document = parse_document(PATH, text.encode())
    assert document.lines["waive.emoji"] == 7
    assert read_plan(document, {"enewsupdate": ()}).waive == {"emoji": "One each."}


def test_a_waiver_is_a_text() -> None:
    (problem,) = problems(f"---\n{HEAD}waive: [emoji]\n---\n")
    assert (problem.line, problem.field) == (6, "waive")
    (problem,) = problems(f"---\n{HEAD}waive:\n  emoji: [a]\n---\n")
    assert (problem.line, problem.field) == (7, "waive.emoji")


def _clients(*names: str) -> tuple[tuple[str, ...], list[str]]:
    report = Report("newsroom.toml", {})
    fields = Fields({**LETTER, "clients": list(names)}, report)
    (letter,) = read_newsletters([fields], {})
    return letter.clients, [problem.expected for problem in report.problems]


def test_clients_are_those_that_the_table_knows() -> None:
    assert _clients("gmail", "outlook.windows") == (("gmail", "outlook.windows"), [])
    names, (problem,) = _clients("gmail", "outlok.windows")
    assert names == ("gmail",)
    assert 'did you mean "outlook.windows"' in problem
