"""Whose mail a report is about, as far as a token of ours says so; and what it counts once by."""

from __future__ import annotations

import pytest

from pipeline.core.links import Link, Purpose, sign
from pipeline.core.report import TOKENS_MOST, Report, ReportKind, signed_link

KEY, OLD = b"the key of today", b"the key of yesterday"
RETURN = f"<bounces+{sign(KEY, Purpose.BOUNCE, 42, 7)}@news.example.org>"
LEAVE = f"<https://news.example.org/u/{sign(KEY, Purpose.UNSUBSCRIBE, 42, 7)}>"


@pytest.mark.parametrize(
    "mark",
    [
        RETURN,
        RETURN.upper(),
        f"Desk <desk@news.example.org>, {RETURN}",
        RETURN.replace("bounces+", "bounces+news+"),
        LEAVE,
        f"<mailto:b@news.example.org?subject=unsubscribe%20>, {LEAVE}",
        LEAVE.replace("https://news.example.org/u/", "mailto:b@x.example?subject=unsubscribe%20"),
    ],
)
def test_a_token_says_whose_it_is(mark: str) -> None:
    assert signed_link(["", "desk@news.example.org", mark], [KEY]) == Link(42, 7)
    assert signed_link([mark], [OLD, KEY]) == Link(42, 7)
    assert signed_link([mark], [OLD]) is None


@pytest.mark.parametrize(
    "mark",
    [
        "",
        "bounces@news.example.org",
        RETURN.replace("+", "-"),
        RETURN.replace("@", "a@"),
        LEAVE[:-2] + ">",
        LEAVE.replace("/u/", "/u/x"),
    ],
)
def test_anything_else_says_nothing(mark: str) -> None:
    assert signed_link([mark], [KEY]) is None


def test_where_it_was_sent_to_is_asked_before_what_it_returns() -> None:
    other = f"<https://news.example.org/u/{sign(KEY, Purpose.UNSUBSCRIBE, 1, 1)}>"
    assert signed_link([other, RETURN], [KEY]) == Link(42, 7)


def test_so_many_tokens_are_tried_and_no_more() -> None:
    wrong = "b+aaaaaaaaaaaaaaaaaaaaaaaaa@x.example "
    assert signed_link([wrong * (TOKENS_MOST - 1) + RETURN], [KEY]) == Link(42, 7)
    assert signed_link([wrong * TOKENS_MOST + RETURN], [KEY]) is None


def test_a_bounce_is_known_by_its_report_and_its_recipient() -> None:
    one, two = (Report(key=key, kind=ReportKind.BOUNCE) for key in ("a", "b"))
    keys = {report.bounce_key(name) for report in (one, two) for name in ("1", "2", "\ud800")}
    assert len(keys) == 6
    assert one.bounce_key("1") == Report(key="a", kind=ReportKind.OTHER).bounce_key("1")
