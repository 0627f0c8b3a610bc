"""Rules on what the inbox shows: the subject and the preheader beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.render.gate.facts import PREHEADER, SUBJECT
from pipeline.render.gate.rule import Group, error, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

SUBJECT_MOST = 60
PREHEADER_MOST = 150
LETTERS_TO_SHOUT = 10
SHARE_TO_SHOUT = 0.6
EMOJI_MOST = 1

EMPTY = error(
    "subject-empty",
    "A message without a subject looks like a mistake, and is filtered as one.",
    "write 'subject' or 'title' in the plan",
)
LONG = warning(
    "subject-long",
    "Phones show 40 to 60 characters of a subject.",
    f"say it in {SUBJECT_MOST} characters, the important words first",
)
NO_PREHEADER = warning(
    "preheader-missing",
    "Without a preheader the inbox shows whatever stands first in the mail.",
    "write 'preheader' in the plan: one sentence that makes the subject complete",
)
PREHEADER_LONG = warning(
    "preheader-long",
    f"No inbox shows more than {PREHEADER_MOST} characters beside a subject.",
    f"say it in {PREHEADER_MOST} characters",
)
REPEATS = warning(
    "preheader-repeats-subject",
    "The same words twice in the inbox are a line wasted.",
    "say in the preheader what the subject does not",
)
SHOUTING = warning(
    "shouting",
    "Capitals throughout are hard to read, and a mark of unwanted mail.",
    "write it as a sentence",
)
EMOJI = warning(
    "emoji",
    "More than one emoji is read aloud at length, and a mark of unwanted mail.",
    "keep one, or none",
)
EXCLAMATIONS = warning(
    "exclamation-marks",
    "More than one exclamation mark shouts.",
    "keep one, or none",
)

_MODIFIERS = "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]"
    f"{_MODIFIERS}(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf]{_MODIFIERS})*"
)


def ask(mail: Mail) -> Iterator[Finding]:
    """Lengths, and the tone of both."""
    subject, preheader = mail.subject.strip(), mail.document.preheader
    at_subject = mail.in_plan(f"{mail.prefix}subject", part=SUBJECT)
    at_preheader = mail.in_plan(f"{mail.prefix}preheader", part=PREHEADER)
    if not subject:
        yield EMPTY.at(at_subject, "nothing")
    if len(subject) > SUBJECT_MOST:
        yield LONG.at(at_subject, f"{len(subject)} characters: {subject}")
    if not preheader:
        yield NO_PREHEADER.at(at_preheader, "nothing")
    elif _same(preheader, subject):
        yield REPEATS.at(at_preheader, preheader)
    if len(preheader) > PREHEADER_MOST:
        yield PREHEADER_LONG.at(at_preheader, f"{len(preheader)} characters: {preheader}")
    yield from _tone(at_subject, subject)
    yield from _tone(at_preheader, preheader)


def _tone(where: str, text: str) -> Iterator[Finding]:
    letters = [c for c in text if c.isalpha() and c.lower() != c.upper()]
    capitals = sum(c.isupper() for c in letters)
    if len(letters) >= LETTERS_TO_SHOUT and capitals / len(letters) > SHARE_TO_SHOUT:
        yield SHOUTING.at(where, text)
    if len(_EMOJI.findall(text)) > EMOJI_MOST:
        yield EMOJI.at(where, text)
    if text.count("!") + text.count("！") > 1:
        yield EXCLAMATIONS.at(where, text)


def _same(one: str, other: str) -> bool:
    def words(text: str) -> str:
        return "".join(c for c in text.casefold() if c.isalnum())

    return bool(words(one)) and words(one) == words(other)


GROUP = Group(
    title="Subject and preheader",
    rules=(EMPTY, LONG, NO_PREHEADER, PREHEADER_LONG, REPEATS, SHOUTING, EMOJI, EXCLAMATIONS),
    ask=ask,
)
