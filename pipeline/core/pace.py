"""How fast mail goes out: never faster than the newsroom allows, slower where a server asks.

Buckets: each limit has a store of mails that fills at its rate and that every mail takes one from.
Times are seconds of a clock that never steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.core.sending import Sending

DAY = 86_400.0
HOUR = 3600.0
DOMAINS_MOST = 10_000
PATIENCE_FIRST, PATIENCE_MOST = 2.0, 300.0
"""Seconds of silence after a server asked for less; twice as many each time it asks again."""


@dataclass(slots=True)
class Bucket:
    """Fills by `rate` a second up to `size`; holds `left` mails at the time `at`."""

    rate: float
    size: float
    left: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until there is one to take; 0 for now."""
        self.left = min(self.size, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left >= 1:
            return 0.0
        return (1 - self.left) / self.rate if self.rate else float("inf")

    def room(self, now: float, seconds: float) -> float:
        """How many there will be within so many seconds."""
        self.wait(now)
        return self.left + self.rate * seconds

    def take(self) -> None:
        """Take one."""
        self.left -= 1


class Pace:
    """All limits of one worker; `workers` of them share what the newsroom allows.

    `last_hour` and `today` are mails that went out before, and `allowed_today` is what the warm-up
    allows (None: no warm-up).
    """

    def __init__(
        self,
        sending: Sending,
        *,
        now: float,
        last_hour: int = 0,
        today: int = 0,
        allowed_today: int | None = None,
        workers: int = 1,
        patience: float = PATIENCE_FIRST,
    ) -> None:
        self._all: list[Bucket] = []
        if sending.per_second:
            rate = sending.per_second / workers
            self._all.append(Bucket(rate, max(1.0, rate), 1.0, now))
        if sending.per_hour:
            rate = sending.per_hour / HOUR / workers
            # A store of an hour, filled anew meanwhile, would let twice as many go in the first.
            size = max(1.0, rate * 60)
            left = min(size, max(0.0, (sending.per_hour - last_hour) / workers))
            self._all.append(Bucket(rate, size, left, now))
        if allowed_today is not None:
            left = float(max(0, -(-(allowed_today - today) // workers)))
            # Never fills again: with the next day comes another allowance, and another pace.
            self._all.append(Bucket(0.0, max(1.0, left), left, now))
        self._per_domain = sending.per_domain_per_minute / workers
        self._domains: dict[str, Bucket] = {}
        self._first = patience
        self._patience = 0.0
        self._silent_until = 0.0

    def wait(self, domain: str, now: float) -> float:
        """0, and one mail to `domain` is taken from every limit; or the seconds to wait."""
        if not self._all and not self._per_domain:
            return max(0.0, self._silent_until - now)
        waits = [self._silent_until - now, *(bucket.wait(now) for bucket in self._all)]
        mine = self._domain(domain, now)
        if mine is not None:
            waits.append(mine.wait(now))
        longest = max(waits)
        if longest > 0:
            return longest
        for bucket in self._all:
            bucket.take()
        if mine is not None:
            mine.take()
        return 0.0

    def put_back(self, domain: str) -> None:
        """A mail that was taken from the limits did not go: it counts for none of them."""
        mine = self._domains.get(domain)
        for bucket in (*self._all, *((mine,) if mine is not None else ())):
            bucket.left = min(bucket.size, bucket.left + 1)

    def waits_for_all(self, now: float) -> float:
        """Seconds until any mail may go at all, to whatever domain."""
        return max(0.0, self._silent_until - now, *(bucket.wait(now) for bucket in self._all))

    def room(self, now: float, most: int, seconds: float) -> int:
        """How many mails, `most` at most and at least one, may go within so many seconds."""
        rooms = [bucket.room(now, seconds) for bucket in self._all]
        return max(1, int(min([most, *rooms])))

    def go_on_like(self, other: Pace) -> None:
        """Keep what another one knew of silences and domains."""
        self._patience, self._silent_until = other._patience, other._silent_until
        for domain, bucket in other._domains.items():
            mine = self._domain(domain, bucket.at)
            if mine is not None:
                mine.left = min(mine.size, bucket.left)

    def slow_down(self, now: float) -> None:
        """A server asked for less: silence, twice as long as the last time."""
        if now < self._silent_until:
            return  # the answers of other connections to the same trouble
        self._patience = min(PATIENCE_MOST, self._patience * 2 or self._first)
        self._silent_until = now + self._patience

    def went_well(self) -> None:
        """A server took a mail."""
        self._patience = 0.0

    def _domain(self, domain: str, now: float) -> Bucket | None:
        if not self._per_domain:
            return None
        bucket = self._domains.get(domain)
        if bucket is None:
            if len(self._domains) >= DOMAINS_MOST:
                self._domains = {k: b for k, b in self._domains.items() if b.wait(now)}
            size = max(1.0, self._per_domain / 60)
            bucket = self._domains[domain] = Bucket(self._per_domain / 60, size, 1.0, now)
        return bucket


def warmed_up(sending: Sending, days: Sequence[int]) -> int | None:
    """Mails that may go out today in all; None without a warm-up.

    `days` holds how many went out on each of the days before. A receiver trusts what grows slowly:
    twice the busiest of them, at least the first day's.
    """
    if not sending.warm_up:
        return None
    return max(sending.warm_up, 2 * max(days, default=0))
