"""What is taken from an issue that is too long, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.render.shortening import Shortened, first_sentence, shortened
from tests.letter_desk import SUMMARY, long_view

if TYPE_CHECKING:
    from pipeline.render.issue_view import IssueView

VIEW = long_view(2, 1)


WEIGHTS = {"*": 5, ".": 3, "-": 2}


def shape(view: IssueView) -> str:
    """Each row as `*` whole, `.` a sentence or `-` a title, and the number of rows left out."""
    marks = {0: "-", len(SUMMARY): "*"}
    groups = (
        f"{''.join(marks.get(len(row.summary), '.') for row in group.rows)}+{group.left}"
        for group in view.sections
    )
    return " ".join([*groups, f"+{view.left}"])


def weight(view: IssueView) -> int:
    """Less with each step."""
    rows = sum(WEIGHTS.get(mark, 0) for mark in shape(view))
    return rows + len(view.sections)


def test_what_fits_stays_as_it_is() -> None:
    view, lost = shortened(VIEW, lambda _: True)
    assert view is VIEW
    assert not lost


@pytest.mark.parametrize(
    ("most", "expected", "lost"),
    [
        (17, "**+0 *+0 +0", Shortened()),
        (16, "**+0 .+0 +0", Shortened(sentences=1)),
        (14, "*.+0 .+0 +0", Shortened(sentences=2)),
        (11, "..+0 .+0 +0", Shortened(sentences=3)),
        (10, "..+0 -+0 +0", Shortened(sentences=2, titles=1)),
        (8, "--+0 -+0 +0", Shortened(titles=3)),
        (6, "--+0 +1 +0", Shortened(titles=2, left_out=1)),
        (5, "-+1 +1 +0", Shortened(titles=1, left_out=2)),
        (2, "+2 +1 +0", Shortened(left_out=3)),
        (1, "+2 +1", Shortened(left_out=3)),
        (0, "+3", Shortened(left_out=3)),
    ],
)
def test_the_least_missed_goes_first_from_the_end_upwards(
    most: int, expected: str, lost: Shortened
) -> None:
    view, said = shortened(VIEW, lambda view: weight(view) <= most)
    assert (shape(view), said) == (expected, lost)


def test_message_lead_and_foot_are_always_whole() -> None:
    view, lost = shortened(VIEW, lambda _: False)
    assert (view.message, view.lead, view.themes) == (VIEW.message, VIEW.lead, VIEW.themes)
    assert view.shortened
    assert view.left == lost.left_out == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SUMMARY, SUMMARY[: SUMMARY.index(" They will")]),
        ("No. 5 is out. It came late and is long.", "No. 5 is out. It came late and is long."),
        ("اجتمع الأعضاء يومين في القاعة؟ ثم عادوا إلى السوق.", "اجتمع الأعضاء يومين في القاعة؟"),
        ("", ""),
        ("word " * 60, "word " * 30 + "word…"),
    ],
)  # fmt: skip
def test_one_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
