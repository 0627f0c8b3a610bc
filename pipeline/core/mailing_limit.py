"""Which of a newsroom's limits keeps the rest of a mailing waiting, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.core.pace import DAY, HOUR, warmed_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.core.sending import Sending

WARM_UP_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What keeps mails waiting: `key` of `[sending]`, `words` of how many it lets go.

    `next_` of them go from `begins` on, and the last of these at `ends`, in seconds since the
    epoch: both are the same where they may go at once.
    """

    key: str
    words: str
    next_: int
    begins: float
    ends: float


def limit(
    sending: Sending, sent_since: Callable[[float], int], *, left: int, at: float
) -> Limit | None:
    """What `left` mails wait for at the time `at`; None where nothing limits them.

    The day's share of a warm-up, once it is gone; else what lets fewest go.

    `sent_since` counts what servers took since a time; both are seconds since the epoch.
    """
    if not left:
        return None
    if sending.warm_up and (held := _warming_up(sending, sent_since, left, at)):
        return held
    rates = []
    if sending.per_hour:
        rates.append((HOUR / sending.per_hour, "per_hour", f"{sending.per_hour:,} an hour"))
    if sending.per_second:
        rates.append((1 / sending.per_second, "per_second", f"{sending.per_second:g} a second"))
    if not rates:
        return None
    each, key, words = max(rates)
    return Limit(key=key, words=words, next_=left, begins=at + each, ends=at + left * each)


def _warming_up(
    sending: Sending, sent_since: Callable[[float], int], left: int, at: float
) -> Limit | None:
    """The warm-up, where the day's mails are gone: a day is one of UTC, as in the sending."""
    midnight = at - at % DAY
    today = sent_since(midnight)
    if today < sending.warm_up:
        return None
    sums = [today, *(sent_since(midnight - day * DAY) for day in range(1, WARM_UP_DAYS + 1))]
    days = [earlier - later for later, earlier in pairwise(sums)]
    allowed = warmed_up(sending, days) or 0
    if today < allowed:
        return None
    tomorrow = warmed_up(sending, [today, *days]) or 0
    begins = midnight + DAY
    return Limit(
        key="warm_up",
        words=f"{allowed:,} today",
        next_=min(left, tomorrow),
        begins=begins,
        ends=begins,
    )
