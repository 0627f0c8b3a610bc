"""A deterministic newsroom of N items, the same for every tool.

Item ``i`` depends on the seed and ``i`` only, so that a corpus of 1,000 items
and one of 10,000 hold the same texts. Items are numbered from the oldest (0);
every item has a day of its own, because two of the three tools take the date
from the file's name. Nothing here touches the disk.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def _words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


SEED = "enews-bench-1"
LAST_DAY = dt.date(2024, 12, 31)  # of the newest item of the corpus; all days are in the past
SPAN_DAYS = 3650  # small corpora are spread over about ten years
KINDS = {"news": "News", "champion": "COOP Champions", "resource": "Resources"}
THEMES = {
    "worker-cooperatives": "Worker cooperatives",
    "care-economy": "Care economy",
    "social-economy": "Social and solidarity economy",
    "rural-development": "Rural development",
    "youth-employment": "Youth employment",
    "gender-equality": "Gender equality",
    "decent-work": "Decent work",
    "financial-inclusion": "Financial inclusion",
    "green-jobs": "Green jobs",
    "platform-work": "Platform work",
    "housing": "Housing cooperatives",
    "food-systems": "Food systems",
    "education": "Education and training",
    "migration": "Migration and refugees",
    "statistics": "Statistics",
    "law-and-policy": "Law and policy",
    "indigenous-peoples": "Indigenous peoples",
    "supply-chains": "Supply chains",
    "crisis-response": "Crisis response",
    "south-south": "South-South cooperation",
}
WORDS = _words(
    "members association report meeting regional training women workers producers market rights "
    "policy national programme partners union farmers project community local services energy "
    "housing credit savings insurance law government ministry conference guide study survey "
    "enterprise income transition informal sector youth skills school health care housework "
    "coffee cocoa dairy fishing cotton textile waste recycling transport digital platform "
    "statistics evidence method workshop exchange visit delegation agreement statement network "
    "federation assembly board election governance finance reserve surplus capital investment "
    "fund grant budget agency expert office field island city village province border refugee "
    "migrant family home street vendor artisan driver nurse teacher student researcher lawyer "
    "and the of to in for with from on by that which as more than between through during after"
)
VERBS = _words("supports presents joins opens explains trains compares welcomes discusses measures")
PLACES = _words("Seoul Nairobi Geneva Lima Turin Dakar Manila Quito Amman Kigali Oslo Jakarta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece of news, in no tool's format."""

    day: dt.date
    slug: str
    title: str
    kind: str
    themes: tuple[str, ...]
    summary: str
    body: str


def make_item(index: int, total: int) -> Item:
    """Return item `index`, 0 being the oldest of `total`; `total` and above are newer still."""
    rng = random.Random(f"{SEED}:{index}")
    step = max(1, SPAN_DAYS // total)
    subject, verb, place = rng.choice(WORDS[:80]), rng.choice(VERBS), rng.choice(PLACES)
    return Item(
        day=LAST_DAY + dt.timedelta(days=_offset(index, total, step)),
        slug=f"{subject}-{verb}-{place.lower()}-{index:06d}",
        title=f"{subject.capitalize()} {verb} {rng.choice(WORDS[:80])} in {place} ({index})",
        kind=rng.choice(list(KINDS)),
        themes=tuple(rng.sample(list(THEMES), rng.randint(1, 3))),
        summary=f"{_sentence(rng)} {_sentence(rng)}",
        body=_body(rng),
    )


def items(total: int) -> Iterator[Item]:
    """Yield the whole corpus, oldest first."""
    return (make_item(index, total) for index in range(total))


def edited(item: Item, marker: str) -> Item:
    """Return `item` after an editor's correction of its text and its summary."""
    return replace(
        item,
        summary=f"{item.summary} {in_summary(marker)}",
        body=f"{in_body(marker)}\n\n{item.body}",
    )


def in_summary(marker: str) -> str:
    """Return the words by which an edited summary is known, on listing pages too."""
    return f"Corrected summary {marker}."


def in_body(marker: str) -> str:
    """Return the words by which an edited text is known."""
    return f"Corrected text {marker}."


def theme_text(key: str) -> str:
    """Return the introduction of a theme, Markdown."""
    rng = random.Random(f"{SEED}:{key}")
    return f"{_paragraph(rng, 4)}\n\n{_paragraph(rng, 3)}\n"


def _offset(index: int, total: int, step: int) -> int:
    """Return the days from LAST_DAY: negative in the corpus, positive for items added later."""
    newer = index - (total - 1)
    return newer * step if newer <= 0 else newer


def _sentence(rng: random.Random) -> str:
    """Return a sentence of 9 to 18 words."""
    words = rng.choices(WORDS, k=rng.randint(9, 18))
    return " ".join(words).capitalize() + "."


def _paragraph(rng: random.Random, sentences: int) -> str:
    """Return a paragraph with one link and some emphasis."""
    text = [_sentence(rng) for _ in range(sentences)]
    first, second = rng.sample(WORDS[:80], 2)
    text[0] += f" See the [{first} {second}](https://www.example.org/{first}/{second}) page."
    text[-1] += f" It was *{second}* work, with **{first} {rng.choice(WORDS[:80])}** first."
    return " ".join(text)


def _body(rng: random.Random) -> str:
    """Return about 400 words: paragraphs, a subhead, a list, a quotation."""
    bullets = "\n".join(f"- **{rng.choice(WORDS[:80])}**: {_sentence(rng)}" for _ in range(4))
    return "\n\n".join(
        (
            _paragraph(rng, 5),
            _paragraph(rng, 4),
            f"## What {rng.choice(WORDS[:80])} means for {rng.choice(PLACES)}",
            _paragraph(rng, 5),
            bullets,
            f"> {_sentence(rng)}",
            _paragraph(rng, 4),
            _paragraph(rng, 3) + "\n",
        )
    )
