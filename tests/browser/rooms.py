"""Newsrooms for the browser: the sample, one in Arabic, and one whose words never end."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner

from pipeline.cli import main
from tests.newsrooms import item, picture, put

ROOT = Path(__file__).parents[2]
ARABIC_ISSUE = "nashra/2017-01"
NOW = "2017-07-05T12:00+02:00"

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_URL = "https://example.org/" + "an-address-without-a-place-to-break/" * 4
LONG_NEWSROOM = f"""\
[newsroom]
title = "{LONG_WORD}"
base_url = "https://news.example.org"
language = "en"
timezone = "Europe/Zurich"
authority = "news.example.org,2016"
[kinds]
news = "News"
[[listings]]
path = "news"
title = "News"
kinds = ["news"]
[[newsletters]]
key = "letter"
title = "The letter of the {LONG_WORD}"
sender = "{LONG_WORD[:60]} <desk@news.example.org>"
postal_address = "{LONG_WORD}, {LONG_WORD}"
cadence = "last working day 09:00"
"""
LONG_PLAN = f"""\
---
newsletter: letter
number: 1
date: 2017-06-30
title: The letter of the {LONG_WORD} No. 1, June 2017
preheader: {LONG_WORD}
lead: 2017-06-01-one
sections:
  - {{title: {LONG_WORD}, items: [2017-06-02-two, 2017-06-03-three, 2017-06-04-four]}}
---
## {LONG_WORD}

<{LONG_URL}> and [{LONG_URL}]({LONG_URL}) and `{"code" * 40}`.

> {LONG_WORD * 2}

| {LONG_WORD} | b | c |
|---|---|---|
| {LONG_WORD} | {LONG_URL} | 1 |

    {"preformatted" * 20}

![A box](../../media/box.png)
"""


def run(folder: Path, *arguments: str) -> str:
    """Call `enews` in a newsroom."""
    found = CliRunner().invoke(
        main,
        ["-C", str(folder), *arguments],
        env={"ENEWS_PROCESSES": "1"},
        catch_exceptions=False,
        standalone_mode=False,
    )
    assert not found.return_value, found.output
    return found.output


def build_sample(folder: Path) -> Path:
    """The sample as it is."""
    shutil.copytree(ROOT / "content", folder / "content")
    run(folder, "build")
    return folder


def build_drafts(folder: Path) -> Path:
    """The sample without any release, in three languages: made by the templates of today."""
    released = shutil.ignore_patterns("*.lock.json", "*.eml")
    shutil.copytree(ROOT / "content", folder / "content", ignore=released)
    newsroom = folder / "content/newsroom.toml"
    text = newsroom.read_text("utf-8")
    if "\nlanguages = " not in text:
        here = "[[newsletters.sections]]"
        text = text.replace(here, f'languages = ["en", "fr", "ar"]\n\n{here}', 1)
    newsroom.write_text(text, "utf-8")
    run(folder, "build")
    return folder


def build_arabic(folder: Path) -> Path:
    """A newsroom in Arabic, with the sample's pictures."""
    shutil.copytree(ROOT / "docs/sample/arabic", folder / "content")
    shutil.copytree(ROOT / "content/media", folder / "content/media")
    run(folder, "build")
    return folder


def build_long(folder: Path) -> Path:
    """Long words and addresses wherever an editor can put them."""
    put(folder, "newsroom.toml", LONG_NEWSROOM)
    put(folder, "media/box.png", picture(1400, 500))
    shown = f'kind: news\nsummary: "{LONG_WORD} {LONG_URL}"'
    with_box = f"{shown}\nimage: {{src: media/box.png, alt: {LONG_WORD}}}"
    for name, head in (("01-one", with_box), ("02-two", with_box), ("03-three", shown)):
        put(folder, f"items/2017-06-{name}.md", item(f"{LONG_WORD} {LONG_WORD}", head, LONG_URL))
    right_to_left = f"{with_box}\nlang: ar"
    put(folder, "items/2017-06-04-four.md", item("عنوان " * 30, right_to_left))
    put(folder, "issues/letter/2017-01.md", LONG_PLAN)
    run(folder, "build")
    return folder
