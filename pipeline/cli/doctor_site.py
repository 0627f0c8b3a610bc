"""What 'enews doctor' asks about the site: whether it is there, with TLS, and at what time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.core.examination import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.core.newsroom import Newsroom
    from pipeline.net.site_look import SiteLook

AREA = "site"
ENDS_SOON = timedelta(days=14)
OFF_MOST = 60.0
"""Seconds that a clock may be wrong: beyond, signatures and links are dated wrongly."""


def site_checks(
    newsroom: Newsroom, look: Callable[[str], SiteLook], clock: Callable[[], datetime]
) -> list[Check]:
    """The front page's server, its certificate, the service behind it, and the clock.

    `clock` is this machine's own, whatever time the newsroom is told.
    """
    base = newsroom.base_url
    front = look(f"{base}/")
    at = clock()
    checks = [_answers(base, front)]
    if front.good_until is not None:
        checks.append(_certificate(front.good_until, at))
    if front.status:
        checks.append(_service(base, look(f"{base}/healthz"), newsroom))
    checks.append(_clock(front, at))
    return checks


def _answers(base: str, front: SiteLook) -> Check:
    def said(verdict: Verdict, words: str, advice: str = "") -> Check:
        return Check(area=AREA, what="address", verdict=verdict, said=words, advice=advice)

    if front.trouble:
        return said(
            Verdict.WRONG if front.bad else Verdict.UNKNOWN,
            f"{base}: {front.trouble}",
            "look at its A and AAAA records and at its certificate" if front.bad else "",
        )
    if base.startswith("http://"):
        return said(
            Verdict.WRONG,
            f"{base} is without TLS: sign-ups and links of subscribers go in clear",
            'put a proxy with a certificate before it, and base_url = "https://…" in newsroom.toml',
        )
    if front.status >= 500:
        return said(
            Verdict.WRONG, f"{base}/ answers with status {front.status}", "is 'enews run' up?"
        )
    if front.status >= 300:
        return said(
            Verdict.WARNING,
            f"{base}/ answers with status {front.status}",
            "the front page should be there itself; run 'enews build'",
        )
    return said(Verdict.OK, f"{base} answers")


def _certificate(end: datetime, at: datetime) -> Check:
    days = (end - at) // timedelta(days=1)
    fine = end - at > ENDS_SOON
    return Check(
        area=AREA,
        what="certificate",
        verdict=Verdict.OK if fine else Verdict.WARNING,
        said=f"good for {days} more days",
        advice="" if fine else "see why it was not renewed: Caddy and certbot do it by themselves",
    )


def _service(base: str, health: SiteLook, newsroom: Newsroom) -> Check:
    if health.status == 200 and health.said.startswith("ok"):
        return Check(
            area=AREA, what="service", verdict=Verdict.OK, said="'enews run' answers behind it"
        )
    needed = bool(newsroom.newsletters)
    return Check(
        area=AREA,
        what="service",
        verdict=Verdict.WARNING if needed else Verdict.OK,
        said=f"{base}/healthz is not answered by 'enews run'"
        + (": links to unsubscribe lead nowhere" if needed else ""),
        advice="start it, and let the proxy pass everything on to it (ENEWS_LISTEN)"
        if needed
        else "",
    )


def _clock(front: SiteLook, at: datetime) -> Check:
    """Against the time that another machine tells; its seconds are whole."""

    def said(verdict: Verdict, words: str, advice: str = "") -> Check:
        return Check(area="this machine", what="clock", verdict=verdict, said=words, advice=advice)

    if front.told is None or front.here:
        synchronised = _kept_right()
        if synchronised is None:
            return said(Verdict.UNKNOWN, "there was nobody to compare it with")
        return (
            said(Verdict.OK, "is kept right by the network")
            if synchronised
            else said(Verdict.WARNING, "nothing keeps it right", "timedatectl set-ntp true")
        )
    off = (at - front.told).total_seconds()
    if abs(off) > OFF_MOST:
        way = "ahead of" if off > 0 else "behind"
        return said(
            Verdict.WRONG,
            f"is {abs(off):.0f} seconds {way} the site's server",
            "timedatectl set-ntp true",
        )
    return said(Verdict.OK, "agrees with the site's server")


def _kept_right() -> bool | None:
    """Whether the system says that its clock is synchronised; None where it cannot say."""
    import shutil
    import subprocess

    program = shutil.which("timedatectl")
    if program is None:
        return None
    command = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        result = subprocess.run(  # noqa: S603  # the system's own, with fixed words
            command, capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip() == "yes"


def now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)
