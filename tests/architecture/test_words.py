"""Templates say the words that there are, and there are no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.render.po import parse_po

ROOT = Path(__file__).parents[2]
SAID = re.compile(r"\bwords(?:\([^()]*\))?\.([a-z]\w*)")
SAID_OF_ONES_OWN = re.compile(r"\.words\.([a-z]\w*)")
"""In code, where `words` by itself may be any text."""

FILES = {
    "site": ["templates/site", "templates/door", "pipeline/render", "pipeline/web/pages"],
    "email": ["templates/email", "pipeline/render"],
}


def said(folders: list[str], pattern: re.Pattern[str] = SAID) -> dict[str, str]:
    """Each word that the files say, with one of them."""
    found = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".html", ".txt", ".css", ".py"}:
                text = re.sub(r'"""(?s:.*?)"""', "", path.read_text("utf-8"))
                for word in pattern.findall(text):
                    found[word] = path.name
    return found


def known(part: str) -> set[str]:
    """The words of a part."""
    path = ROOT / "templates" / part / "words/en.po"
    return set(parse_po(path.read_bytes(), path.name))


@pytest.mark.parametrize("part", FILES)
def test_every_word_that_a_template_says_is_there(part: str) -> None:
    in_templates = said([folder for folder in FILES[part] if folder.startswith("templates/")])
    assert {word: path for word, path in in_templates.items() if word not in known(part)} == {}


def test_every_word_that_the_code_says_is_there() -> None:
    in_code = said(["pipeline/render"], SAID_OF_ONES_OWN).keys()
    assert in_code - known("site") - known("email") == set()
    assert said(["pipeline/web/pages"]).keys() - known("site") == set()


@pytest.mark.parametrize("part", FILES)
def test_no_word_is_left_that_nobody_says(part: str) -> None:
    assert sorted(known(part) - said(FILES[part]).keys()) == []
