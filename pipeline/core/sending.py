"""How a newsroom sends: as fast as its mail server likes, and for how long it tries."""

from __future__ import annotations

from dataclasses import dataclass

HOURS_LATE = 72.0
RETRY_HOURS = 48.0
RETRY_MINUTES = (5.0, 15.0, 30.0, 60.0, 120.0, 240.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """`[sending]` of `newsroom.toml`.

    `connections` at once; mails `per_second`, `per_hour`, and to one recipient domain
    `per_domain_per_minute`, 0 for no limit; `warm_up` mails on the first day, twice as many each
    day after that, 0 for no such ramp. A mail that is refused for now is tried again after each of
    `retry_minutes` in turn, the last of them again and again, for `retry_hours`. `late_hours` after
    its beginning, a mailing does not go on without an editor's word. Bounces go to `return_path`,
    an address whose server takes `name+anything@domain` for it; "" is the newsletter's sender, and
    nothing is added.
    """

    connections: int = 10
    per_second: float = 0.0
    per_hour: int = 0
    per_domain_per_minute: int = 0
    warm_up: int = 0
    retry_minutes: tuple[float, ...] = RETRY_MINUTES
    retry_hours: float = RETRY_HOURS
    late_hours: float = HOURS_LATE
    return_path: str = ""

    @property
    def is_limited(self) -> bool:
        """True where there is any limit to how fast mails go out."""
        return bool(self.per_second or self.per_hour or self.per_domain_per_minute or self.warm_up)
