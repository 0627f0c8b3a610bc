"""`enews issue preview`: a page beside the output, of drafts and of what was released."""

from __future__ import annotations

import json
import webbrowser
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from tests.newsrooms import NOW, put, tree, write_newsroom

if TYPE_CHECKING:
    from pathlib import Path

PLAN = """\
---
newsletter: letter
number: 1
date: 2017-06-30
title: The letter No. 1, June 2017
preheader: What is in it
sections:
  - {title: Champions, items: [2017-03-05-three]}
---
A message.
"""
PAGE = ".pipeline/preview/letter/2017-01.html"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A newsroom with the draft of an issue that shows a picture."""
    write_newsroom(tmp_path)
    put(tmp_path, "issues/letter/2017-01.md", PLAN)
    return tmp_path


def run(room: Path, *arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(
        main,
        ["-C", str(room), "issue", *arguments],
        env={"ENEWS_NOW": NOW},
        catch_exceptions=False,
        standalone_mode=False,
    )
    return found.return_value or 0, found.output


def ask(room: Path, *arguments: str) -> Any:  # whatever JSON says
    code, output = run(room, *arguments, "--json")
    assert code == 0, output
    return json.loads(output)


def test_a_draft_is_seen_before_anything_is_built(room: Path) -> None:
    code, output = run(room, "preview", "2017-01")
    assert code == 0
    assert str(room / PAGE) in output
    page = (room / PAGE).read_text("utf-8")
    assert "The letter No. 1, June 2017" in page
    assert "data:image/png;base64," in unescape(page)
    assert "What is in it" in page
    assert not (room / "output").exists()


def test_what_scripts_get(room: Path) -> None:
    found = ask(room, "preview", "letter/2017-01")
    assert found["path"] == str(room / PAGE)
    assert found["digest"] == ask(room, "show", "2017-01")["digest"]
    assert found["released"] is False
    assert {"rule", "severity", "where", "found", "advice", "lang", "waived"} == {
        key for finding in found["findings"] for key in finding
    } or found["findings"] == []


def test_a_released_issue_is_seen_as_it_was_frozen(room: Path) -> None:
    digest = ask(room, "show", "2017-01")["digest"]
    code, output = run(room, "release", "2017-01", "--digest", digest)
    assert code == 0, output
    put(room, "items/2017/2017-03-05-three.md", "---\ntitle: Other\nkind: champion\n---\nO.\n")
    before = tree(room / "output")
    found = ask(room, "preview", "2017-01")
    assert (found["released"], found["digest"]) == (True, digest)
    page = (room / PAGE).read_text("utf-8")
    assert ">three</a>" in unescape(page)
    assert ">Other</a>" not in unescape(page)
    assert tree(room / "output") == before


def test_the_same_issue_gives_the_same_page(room: Path) -> None:
    run(room, "preview", "2017-01")
    first = (room / PAGE).read_bytes()
    run(room, "preview", "2017-01")
    assert (room / PAGE).read_bytes() == first
    assert [path.name for path in (room / PAGE).parent.iterdir()] == ["2017-01.html"]


@pytest.mark.parametrize("json_too", [False, True])
def test_an_unknown_issue_is_named(room: Path, *, json_too: bool) -> None:
    code, output = run(room, "preview", "2017-02", *(["--json"] if json_too else []))
    assert code == 2
    assert "2017-01" in output
    assert not (room / ".pipeline/preview").exists()


def test_a_page_that_cannot_be_written_is_an_error(room: Path) -> None:
    (room / ".pipeline").mkdir(exist_ok=True)
    (room / ".pipeline/preview").write_text("in the way")
    code, output = run(room, "preview", "2017-01")
    assert code == 1
    assert "cannot be written" in output


@pytest.mark.parametrize(
    ("arguments", "opened"), [((), True), (("--no-open",), False), (("--json",), False)]
)
def test_it_opens_on_a_terminal_only(
    room: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], *, opened: bool
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: not asked.append(url))  # type: ignore[func-returns-value]
    run(room, "preview", "2017-01", *arguments)
    assert asked == []
    monkeypatch.setattr("pipeline.cli.issue_preview.on_terminal", lambda: True)
    run(room, "preview", "2017-01", *arguments)
    assert asked == ([(room / PAGE).as_uri()] if opened else [])
