"""What a form carries: ours, of that form, and of a person's age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.form_token import Verdict, form_token, judge

AT = datetime(2017, 7, 5, 9, 0, 0, 123456, tzinfo=UTC)
NEW, OLD = b"the key of this year", b"the key of last year"
TOKEN = form_token(NEW, "subscribe", AT)


def after(seconds: float, token: str = TOKEN, form: str = "subscribe") -> Verdict:
    return judge([NEW, OLD], form, token, AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, Verdict.QUICK),
        (1.9, Verdict.QUICK),
        (2.1, Verdict.GOOD),
        (24 * 3600 - 1, Verdict.GOOD),
        (24 * 3600 + 1, Verdict.OLD),
        (-60, Verdict.OLD),
    ],
)
def test_a_form_comes_back_when_a_person_is_done(seconds: float, verdict: Verdict) -> None:
    assert after(seconds) is verdict


def test_a_key_that_was_replaced_still_counts_and_no_other() -> None:
    assert after(60, form_token(OLD, "subscribe", AT)) is Verdict.GOOD
    assert after(60, form_token(b"another's", "subscribe", AT)) is Verdict.FORGED


def test_the_token_of_one_form_opens_no_other() -> None:
    assert after(60, form="preferences") is Verdict.FORGED


@pytest.mark.parametrize(
    "token",
    ["", ".", "0", "15d11fa4280", "15d11fa4280.", ".00", "x.y", TOKEN[:-1], f"{TOKEN}0", "é" * 20,
     TOKEN.upper(), f"0{TOKEN}", f"-{TOKEN}", f" {TOKEN}", "9" * 10_000],
)  # fmt: skip
def test_what_nobody_signed_is_forged(token: str) -> None:
    assert after(60, token) is Verdict.FORGED
