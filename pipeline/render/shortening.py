"""An issue made shorter, step by step, until its mail is one that Gmail shows whole.

Gmail cuts a message after 102,400 bytes of HTML, and with it the way to leave. So what is least
missed goes first, from the end of the issue upwards::

    summaries to one sentence ─▶ rows to their titles ─▶ rows to "and 5 more on the web"
    ─▶ whole sections to one such line

The order of what stays is never changed. The message, the lead and the foot are always whole: where
the message alone is too long, the gate refuses the issue, since only its editor can shorten that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.render.issue_view import Group, IssueView, Row

SENTENCE_MOST = 160
"""Characters of a sentence that stands for a summary."""

_SENTENCE = re.compile(r".{24,}?[.!?…。؟۔](?=[\s”»\"')]|$)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortened:
    """What a mail leaves to its web version, for the gate to tell.

    Numbers of rows that lost all but one sentence, all but their title, and that are left out
    altogether. The plain text has them all, and the web version links them all.
    """

    sentences: int = 0
    titles: int = 0
    left_out: int = 0

    def __bool__(self) -> bool:
        return bool(self.sentences or self.titles or self.left_out)


def shortened(view: IssueView, fits: Callable[[IssueView], bool]) -> tuple[IssueView, Shortened]:
    """The view with as little shortened as it takes to fit, and what that was.

    `fits` is asked once where the whole view fits, else a few times. Where nothing fits, the
    shortest there is.
    """
    if fits(view):
        return view, Shortened()
    steps = _Steps(view)
    low, high = 1, steps.count
    while low < high:
        middle = (low + high) // 2
        if fits(steps.taken(middle)[0]):
            high = middle
        else:
            low = middle + 1
    return steps.taken(high)


def first_sentence(text: str) -> str:
    """The first sentence of a summary, or as much of it as reads well."""
    from pipeline.render.markdown import shorten

    found = _SENTENCE.match(text)
    return shorten(found[0] if found else text, SENTENCE_MOST)


class _Steps:
    """The steps in which a view can be shortened; after the last there is nothing more to take."""

    def __init__(self, view: IssueView) -> None:
        self._view = view
        self._rows = sum(len(group.rows) for group in view.sections)
        self.count = 3 * self._rows + len(view.sections)

    def taken(self, steps: int) -> tuple[IssueView, Shortened]:
        """The view after so many steps."""
        rows, sections = self._rows, len(self._view.sections)
        sentences = min(steps, rows)
        titles = min(max(steps - rows, 0), rows)
        left = min(max(steps - 2 * rows, 0), rows)
        gone = min(max(steps - 3 * rows, 0), sections)
        groups: list[Group] = []
        place = cut = 0
        for group in self._view.sections:
            kept: list[Row] = []
            for row in group.rows:
                if place < rows - left:
                    less = _row(row, sentence=place >= rows - sentences,
                                title=place >= rows - titles)  # fmt: skip
                    cut += less != row and place < rows - titles
                    kept.append(less)
                place += 1
            groups.append(replace(group, rows=tuple(kept), left=len(group.rows) - len(kept)))
        stay = groups[: sections - gone]
        lost = Shortened(sentences=cut, titles=titles - left, left_out=left)
        far = sum(group.left for group in groups[sections - gone :])
        return replace(self._view, sections=tuple(stay), left=far), lost


def _row(row: Row, *, sentence: bool, title: bool) -> Row:
    if title:
        return replace(row, summary="", picture=None, more="")
    return replace(row, summary=first_sentence(row.summary)) if sentence else row
