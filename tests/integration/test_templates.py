"""A newsroom's own templates: what they may change, and how their mistakes are named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.app import template_folders
from pipeline.errors import RenderError
from pipeline.render.templates import Templates
from tests.archive_site import make_site, render

if TYPE_CHECKING:
    from pathlib import Path


def _own(folder: Path, name: str, text: str) -> Templates:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return Templates(template_folders(folder))


def test_words_of_ones_own_take_the_place_of_the_defaults(tmp_path: Path) -> None:
    words = json.dumps({"newest": "Neueste & beste"})
    page = render("", make_site(templates=_own(tmp_path, "site/words.json", words)))
    assert "Neueste &amp; beste" in page
    assert "Skip to the content" in page


@pytest.mark.parametrize(
    ("words", "line", "message"),
    [
        ('{"a": "b",\n"c"}', 2, "not JSON"),
        ("[1, 2]", 1, "expected words"),
        ('{"a": 1}', 1, "expected words"),
    ],
)
def test_broken_words_are_named_with_their_line(
    tmp_path: Path, words: str, line: int, message: str
) -> None:
    templates = _own(tmp_path, "site/words.json", words)
    with pytest.raises(RenderError, match=message) as caught:
        templates.words("site/words.json")
    assert (caught.value.template, caught.value.line) == ("site/words.json", line)


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("<p>\n{{ nobody }}", 2, "'nobody' is undefined"),
        ('<p>\n\n{{ 1 + "a" }}', 3, "TypeError"),
        ("{% if %}", 1, "Expected an expression"),
        ('{% extends "site/404.html" %}', 1, "RecursionError"),
        ('{% extends "site/none.html" %}', 1, "site/none.html"),
        ("{{ 1 / 0 }}", 1, "ZeroDivisionError"),
    ],
)
def test_a_mistake_in_a_template_names_it_and_its_line(
    tmp_path: Path, template: str, line: int, message: str
) -> None:
    site = make_site(templates=_own(tmp_path, "site/404.html", template))
    with pytest.raises(RenderError, match=message) as caught:
        render("404.html", site)
    assert caught.value.template.startswith("site/")
    assert caught.value.line == line
