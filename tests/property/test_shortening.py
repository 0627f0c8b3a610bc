"""Whatever an issue holds: its mail is never too long, and what stays keeps its order."""

from __future__ import annotations

from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.budget import HTML_MOST, weight
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.render.email import MARGIN, letter_of
from pipeline.render.shortening import shortened
from tests.issue_desk import LETTER
from tests.letter_desk import long_issue, long_view

SIZES = st.lists(st.integers(1, 6), max_size=5)


@given(sizes=SIZES, most=st.integers(0, 6000))
def test_what_stays_keeps_its_order_and_nothing_is_lost_uncounted(
    sizes: list[int], most: int
) -> None:
    whole = long_view(*sizes)

    def length(view: object) -> int:
        assert isinstance(view, type(whole))
        rows = (row for group in view.sections for row in group.rows)
        shown = (len(row.title) + len(row.summary) + 9 * bool(row.picture) for row in rows)
        return sum(shown) + 20 * len(view.sections)

    view, lost = shortened(whole, lambda view: length(view) <= most)
    before = [row.url for row in chain.from_iterable(group.rows for group in whole.sections)]
    after = [row.url for row in chain.from_iterable(group.rows for group in view.sections)]
    assert after == before[: len(after)]
    assert sum(group.left for group in view.sections) + view.left == lost.left_out
    assert len(after) + lost.left_out == len(before)
    assert (view.message, view.lead, view.themes) == (whole.message, whole.lead, whole.themes)
    assert length(view) <= most
    if length(whole) <= most:
        assert view == whole
        assert not lost


@settings(max_examples=6, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 70), max_size=4),
    words=st.integers(0, 9_000),
    paragraphs=st.integers(1, 40),
)
def test_gmail_shows_every_mail_to_its_end(sizes: list[int], words: int, paragraphs: int) -> None:
    message = "\n\n".join("word " * (words // paragraphs) + "." for _ in range(paragraphs))
    issue, site = long_issue(*sizes, message=message)
    html = letter_of(issue, LETTER, site).message.html
    assert weight(html) <= HTML_MOST - MARGIN
    for whole in (UNSUBSCRIBE, PREFERENCES, "1200 Genève", "lead: what the members decided"):
        assert whole in html
