"""`enews check` tries own templates; a plan whose mail cannot be made is not written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.newsrooms import NEWSROOM, enews, environment, item, put, write_newsroom

if TYPE_CHECKING:
    from pathlib import Path

JUNE = environment(ENEWS_NOW="2017-06-30T12:00+02:00")
SECTION = """\
[[newsletters.sections]]
title = "News"
kinds = ["news"]
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    write_newsroom(tmp_path)
    put(tmp_path, "newsroom.toml", NEWSROOM + SECTION)
    put(tmp_path, "items/2017-06-20-a.md", item("A"))
    return tmp_path


def own(room: Path, name: str, text: str) -> None:
    file = room / "templates" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("site/footer.html", "{% if %}", "site/footer.html:1"),
        ("site/article.html", "\n{{ item.titel }}", "did you mean 'title'"),
        ("site/404.html", "{{ nothing_of_the_sort }}", "there is no 'nothing_of_the_sort' here"),
        ("email/blocks/footer.html", "{{ issue.postal_adress }}", "did you mean 'postal_address'"),
        ("email/style.css", "p { colr: red }", "email/style.css:1"),
    ],
)
def test_a_template_that_would_stop_a_build_is_named(
    room: Path, name: str, text: str, said: str
) -> None:
    assert enews(room, "issue", "build", env=JUNE).returncode == 0
    assert enews(room, "check", env=JUNE).returncode == 0
    own(room, name, text)
    result = enews(room, "check", env=JUNE)
    assert result.returncode == 1, result.stdout
    assert said in result.stderr
    assert "pipeline." not in result.stderr


def test_a_plan_whose_mail_cannot_be_made_is_not_written(room: Path) -> None:
    own(room, "email/blocks/footer.html", "{{ issue.postal_adress }}")
    assert enews(room, "issue", "build", env=JUNE).returncode == 1
    assert not (room / "content" / "issues").exists()


def test_a_mistyped_layout_is_named_with_its_line_and_takes_no_number(room: Path) -> None:
    put(room, "newsroom.toml", NEWSROOM + SECTION + 'layout = "cardz"\n')
    line = (NEWSROOM + SECTION).count("\n") + 1
    for arguments in (("check",), ("build",), ("issue", "build")):
        result = enews(room, *arguments, env=JUNE)
        assert result.returncode == 3
        assert f"newsroom.toml:{line}: newsletters[1].sections[1].layout" in result.stderr
        assert 'found "cardz"' in result.stderr
        assert 'did you mean "cards"?' in result.stderr
    assert not (room / "content" / "issues").exists()


def test_a_mistyped_layout_in_a_plan_is_named_with_its_line(room: Path) -> None:
    assert enews(room, "issue", "build", env=JUNE).returncode == 0
    plan = room / "content" / "issues" / "letter" / "2017-01.md"
    text = plan.read_text()
    plan.write_text(text.replace("title: News\n", "title: News\n    layout: lists\n"))
    line = plan.read_text().split("\n").index("    layout: lists") + 1
    result = enews(room, "check", env=JUNE)
    assert f"issues/letter/2017-01.md:{line}: sections[1].layout" in result.stderr
    assert 'did you mean "list"?' in result.stderr
