"""A plan's file: read strictly, written pleasantly, added to without moving a blank."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from pipeline.content.frontmatter import parse_document
from pipeline.content.plan import read_plan, scalar, write_plan
from pipeline.content.plan_text import refreshed
from pipeline.core.plan import Plan, PlanSection, PlanVersion
from pipeline.errors import ContentError, IssueError, Problem
from tests.issue_desk import plan

PATH = "issues/enewsupdate/2017-05.md"
PLAN = plan(
    ('News: "all" # of it', ("one", "010", "no")),
    ("Yes", ("2017-06-01-x",)),
    lead="one.two",
    offered=("one.two", "one", "010", "no", "2017-06-01-x", "dropped"),
    digest="",
)
HEAD = "newsletter: enewsupdate\nnumber: 5\ndate: 2017-06-30\ntitle: T\n"


def read(text: str, path: str = PATH) -> Plan:
    newsletters: dict[str, tuple[str, ...]] = {"enewsupdate": (), "other": ("fr", "ar")}
    return read_plan(parse_document(path, text.encode()), newsletters)


def problems(text: str, path: str = PATH) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        read(text, path)
    return caught.value.problems


def test_what_is_written_is_read_back() -> None:
    text = write_plan(PLAN, {"one": "A title: with # signs"})
    assert replace(read(text), digest="") == PLAN
    assert "      - one  # A title: with # signs\n" in text
    assert replace(read(write_plan(plan(digest=""), {})), digest="") == plan(digest="")


def test_the_message_is_what_stands_below() -> None:
    assert read(f"---\n{HEAD}---\nDear **readers**,\n").message == "Dear **readers**,\n"


def test_a_special_issue_has_no_number() -> None:
    special = replace(PLAN, id="enewsupdate/2017-seoul", number=None)
    text = write_plan(special, {})
    assert "number" not in text
    assert replace(read(text, "issues/enewsupdate/2017-seoul.md"), digest="") == special


@pytest.mark.parametrize(
    "text", ["plain words", "No", "null", "a: b", "# x", "é ü", "- x", "", "'"]
)
def test_a_scalar_is_read_back(text: str) -> None:
    title = text or "x"
    assert read(f"---\n{HEAD}sections:\n  - title: {scalar(title)}\n---\n").sections == (
        PlanSection(title=title, items=()),
    )


def test_every_problem_at_once_with_its_line() -> None:
    found = problems(
        "---\nnewsletter: enewsupdat\nnumber: 6\ndate: 30.6.2017\nsubjet: x\n"
        "sections:\n  - {titel: T, items: [a b]}\n---\n"
    )
    assert {(problem.line, problem.field) for problem in found} >= {
        (2, "newsletter"),
        (3, "number"),
        (4, "date"),
        (5, "subjet"),
        (7, "sections[1].items"),
        (7, "sections[1].titel"),
    }
    assert {"title", "sections[1].title"} <= {problem.field for problem in found}
    assert all(problem.path == PATH for problem in found)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("issues/2017-05.md", HEAD, "rename the file"),
        ("issues/enewsupdate/Spring.md", HEAD, "rename the file"),
        ("issues/other/2017-05.md", HEAD, 'expected "other", the folder of this file'),
        ("issues/enewsupdate/2017-005.md", HEAD, "its name ends with -05.md"),
        ("issues/enewsupdate/2017-seoul.md", HEAD, "a special issue has none"),
        (PATH, HEAD.replace("number: 5\n", ""), "required: 5"),
    ],
)
def test_name_folder_and_number_agree(path: str, text: str, expected: str) -> None:
    assert any(expected in str(problem) for problem in problems(f"---\n{text}---\n", path))


def added(old: Plan) -> Plan:
    first, *others = old.sections
    return replace(
        old,
        sections=(
            replace(first, items=(*first.items, "new1", "new2")),
            *others,
            PlanSection(title="More, and more", items=("new3",)),
        ),
        offered=(*old.offered, "new1", "new2", "new3"),
    )


@pytest.mark.parametrize(
    "text",
    [
        write_plan(PLAN, {"one": "Title"}) + "The message.\n",
        f"---\n{HEAD}sections:\n- {{title: A, items: [b, c]}} # kept\n\n# kept too\n---\nBody\n",
        f"---\n{HEAD}sections: [{{title: A, items: [b,\n  c,]}}, {{title: B}}]\noffered: []\n---\n",
        f"---\n{HEAD}sections:\n- title: A\n  items: b\noffered: b\n---\n",
        f"---\n{HEAD}sections:\n- title: A\n- title: B\n  items:\n    # none yet\noffered:\n---\n",
        f"\ufeff---\r\n{HEAD}sections:\n  - items:\n      - b # one\n    title: A\n---\nx".replace(
            "\n", "\r\n"
        ).replace("\r\r", "\r"),
        f"---\n{HEAD}sections:\n  - title: A\n    items: # first\n      - 'b'\n\n      - \"c\"\n"
        "offered: ['b', c]  # so far\nsubject: last\n---\nBody",
    ],
)
def test_a_refresh_adds_and_leaves_every_line_as_it_was(text: str) -> None:
    old = read(text)
    after = refreshed(text, old, added(old))
    found = read(after)
    assert (found.sections, found.offered) == (added(old).sections, added(old).offered)
    assert (found.message, found.title, found.subject) == (old.message, old.title, old.subject)
    kept = iter(after)
    assert all(character in kept for character in text), "something was taken away"
    assert ("\r\n" in after) == ("\r\n" in text)


def test_nothing_to_add_changes_nothing() -> None:
    text = write_plan(PLAN, {})
    assert refreshed(text, PLAN, PLAN) == text


def test_a_file_that_cannot_be_added_to_is_refused() -> None:
    with pytest.raises(IssueError, match="cannot be added to"):
        refreshed("no front matter", PLAN, added(PLAN))


@pytest.mark.parametrize("sections", ["sections: []\n", "sections:\n", "sections: # none\n", ""])
def test_several_new_sections_come_in_at_once(sections: str) -> None:
    text = f"---\nnewsletter: letter\ntitle: T\n{sections}offered: []\n---\n"
    old = replace(PLAN, sections=(), offered=())
    new = replace(
        old,
        sections=(
            PlanSection(title="News: more", items=("a", "b")),
            PlanSection(title="Resources", items=("c",)),
        ),
        offered=("a", "b", "c"),
    )
    data = yaml.safe_load(refreshed(text, old, new).split("---\n")[1])
    assert data["sections"] == [
        {"title": "News: more", "items": ["a", "b"]},
        {"title": "Resources", "items": ["c"]},
    ]
    assert data["offered"] == ["a", "b", "c"]


OTHER = "issues/other/2017-05.md"
SEVERAL = plan(
    ("News", ("one",)),
    id="other/2017-05",
    newsletter="other",
    versions=(
        PlanVersion(lang="fr", title="Numéro 5: juin"),
        PlanVersion(lang="ar", title="العدد 5"),
    ),
    digest="",
)
TITLED = replace(
    SEVERAL,
    sections=(PlanSection(title="News", items=("one",), titles={"fr": "À la une", "ar": "أخبار"}),),
)


def test_a_plan_in_several_languages_is_read_back() -> None:
    for given in (SEVERAL, TITLED):
        assert replace(read(write_plan(given, {}), OTHER), digest="") == given


def test_a_message_in_a_further_language_is_markdown_of_many_lines() -> None:
    text = write_plan(TITLED, {}).replace(
        '    message: ""\n',
        "    message: |\n      Bonjour **tous**,\n\n      - un\n      - deux # pas un titre\n",
        1,
    )
    french, arabic = read(text, OTHER).versions
    assert french.message == "Bonjour **tous**,\n\n- un\n- deux # pas un titre\n"
    assert arabic.message == ""


def test_a_plan_from_before_has_empty_versions() -> None:
    found = read(f"---\n{HEAD.replace('enewsupdate', 'other')}---\n", OTHER)
    assert found.versions == (PlanVersion(lang="fr"), PlanVersion(lang="ar"))
    assert read(f"---\n{HEAD}---\n").versions == ()


@pytest.mark.parametrize(
    ("more", "line", "field", "expected"),
    [
        ("versions:\n  fra: {title: x}\n", 7, "versions.fra", 'did you mean "fr"?'),
        ("versions:\n  fr: {titre: x}\n", 7, "versions.fr.titre", 'did you mean "title"?'),
        ("versions:\n  fr: x\n", 7, "versions.fr", "expected keys with values"),
        ("versions: fr\n", 6, "versions", "expected keys with values"),
        ("versions:\n  fr:\n    message: [a]\n", 8, "versions.fr.message", "message: |"),
        ("sections:\n  - title: A\n    titles: {en: x}\n", 8, "sections[1].titles.en", "known: ar"),
        ("sections:\n  - title: A\n    titles: [x]\n", 8, "sections[1].titles", "keys with values"),
    ],
)
def test_what_is_wrong_with_versions_is_named_with_its_line(
    more: str, line: int, field: str, expected: str
) -> None:
    head = HEAD.replace("enewsupdate", "other")
    (problem,) = problems(f"---\n{head}{more}---\n", OTHER)
    assert (problem.line, problem.field) == (line, field)
    assert expected in str(problem)


def test_a_newsletter_in_one_language_has_no_versions() -> None:
    (problem,) = problems(f"---\n{HEAD}versions: {{fr: {{title: x}}}}\n---\n")
    assert "this newsletter comes in one language" in str(problem)


@pytest.mark.parametrize(
    "text",
    [
        write_plan(TITLED, {}),
        "---\nnewsletter: other\nnumber: 5\ndate: 2017-06-30\ntitle: T\n"
        "sections: [{title: A, titles: {fr: B}, items: [x]}]\n---\n",
    ],
)
def test_a_refresh_brings_a_new_section_with_its_headings(text: str) -> None:
    old = read(text, OTHER)
    new = PlanSection(title="More", items=("z",), titles={"fr": "Plus, encore", "ar": "المزيد"})
    renewed = replace(old, sections=(*old.sections, new), offered=(*old.offered, "z"))
    found = read(refreshed(text, old, renewed), OTHER)
    assert found.sections == renewed.sections


@pytest.mark.parametrize(
    "sections",
    [
        "sections:\n  - {title: A, items: [one], layout: cards}\n",
        "sections: [{title: A, items: [one], layout: cards}]\n",
    ],
)
def test_a_layout_is_kept_and_comes_with_a_new_section(sections: str) -> None:
    text = f"---\n{HEAD}{sections}offered: [one]\n---\n"
    before = read(text)
    assert before.sections == (PlanSection(title="A", items=("one",), layout="cards"),)
    new = PlanSection(title="B", items=("two",), layout="list")
    after = replace(before, sections=(*before.sections, new), offered=("one", "two"))
    assert read(refreshed(text, before, after)).sections == after.sections
    assert read(write_plan(after, {})).sections == after.sections


def test_a_layout_is_a_name_and_no_path() -> None:
    (problem,) = problems(f"---\n{HEAD}sections: [{{title: A, items: [], layout: ../x}}]\n---\n")
    assert problem.field == "sections[1].layout"
