"""What a form carries so that we know our own again, and when we gave it out; no captcha needed.

A program fills a form in no time, or keeps one for weeks; people do neither. The token holds the
time, and sixteen bytes of HMAC-SHA256 over it and the form's name: that of one form opens no other.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

QUICKEST = timedelta(seconds=2)
"""Nobody reads a form, types an address and presses the button in less."""
LONGEST = timedelta(days=1)
SIGNATURE_BYTES = 16
TOKEN_MOST = 64
"""Characters: no token is longer, and what is longer is not looked at."""


class Verdict(StrEnum):
    """What a form's token says."""

    GOOD = "good"  # ours, and of a person's age
    QUICK = "quick"  # ours, and filled in faster than anybody types
    OLD = "old"  # ours, and of yesterday, or of a clock that was set back since
    FORGED = "forged"  # not ours, or of another form


def form_token(key: bytes, form: str, at: datetime) -> str:
    """The token of a form that is given out now, about 45 characters."""
    moment = f"{int(at.timestamp() * 1000):x}"
    return f"{moment}.{_signature(key, form, moment)}"


def judge(keys: Sequence[bytes], form: str, token: str, at: datetime) -> Verdict:
    """What the token says that came back with a form now; one of `keys` signed it, or nobody."""
    moment, _, signature = token.partition(".")
    if len(token) > TOKEN_MOST or not token.isascii():
        return Verdict.FORGED
    good = [hmac.compare_digest(_signature(key, form, moment), signature) for key in keys]
    if not any(good):
        return Verdict.FORGED
    age = at - datetime.fromtimestamp(int(moment, 16) / 1000, UTC)
    if not timedelta(0) <= age <= LONGEST:
        return Verdict.OLD
    return Verdict.QUICK if age < QUICKEST else Verdict.GOOD


def _signature(key: bytes, form: str, moment: str) -> str:
    own = hmac.digest(key, b"enews forms", "sha256")
    return hmac.digest(own, f"{form}\0{moment}".encode(), "sha256")[:SIGNATURE_BYTES].hex()
