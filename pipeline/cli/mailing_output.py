"""How mailings, plans and deliveries are told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import counted, faint, say, strong
from pipeline.core.delivery import DeliveryState, Tally
from pipeline.core.mailing import MailingState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.core.delivery import Delivery
    from pipeline.core.mailing import Mailing
    from pipeline.core.recipients import Audience

DOMAINS_SHOWN = 5
COLOURS = {
    DeliveryState.SENT: "green",
    DeliveryState.FAILED: "red",
    DeliveryState.UNCERTAIN: "yellow",
    DeliveryState.DEFERRED: "cyan",
}


def mailing_json(mailing: Mailing, tally: Tally | None = None) -> dict[str, object]:
    """A mailing for scripts; times in UTC."""
    found: dict[str, object] = {
        "issue": mailing.issue,
        "newsletter": mailing.newsletter,
        "digest": mailing.digest,
        "state": mailing.state,
        "reason": mailing.reason,
        "created": moment(mailing.created),
        "begins": moment(mailing.begins),
        "since": moment(mailing.since),
    }
    if tally is not None:
        found |= {"total": tally.total, **tally_json(tally)}
    return found


def tally_json(tally: Tally) -> dict[str, int]:
    """How many deliveries are in each state."""
    return {state.value: getattr(tally, state.value) for state in DeliveryState}


def audience_json(audience: Audience) -> dict[str, object]:
    """Who would get a mailing, for scripts."""
    return {
        "recipients": audience.total,
        "languages": dict(audience.languages.most_common()),
        "domains": dict(audience.domains.most_common()),
        "left_out": [
            {"reason": reason, "count": count, "examples": audience.examples[reason]}
            for reason, count in audience.left_out.most_common()
        ],
    }


def delivery_json(delivery: Delivery, message_id: str) -> dict[str, object]:
    """A delivery for scripts."""
    return {
        "issue": delivery.issue,
        "address": delivery.address,
        "subscriber": delivery.subscriber,
        "state": delivery.state,
        "at": moment(delivery.at),
        "due": moment(delivery.due),
        "attempts": delivery.attempts,
        "code": delivery.code,
        "status": delivery.status,
        "said": delivery.said,
        "message_id": message_id,
    }


def moment(at: datetime | None) -> str | None:
    """A time for scripts, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def clock_time(at: datetime | None) -> str:
    """A time for people: the computer's own zone, so that it is that of the clock on the wall."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else ""


def say_audience(audience: Audience) -> None:
    """The plan: how many, in which language, where, and who is left out and why."""
    say(f"{audience.total:>11,}  will get it")
    if len(audience.languages) > 1:
        for language, count in audience.languages.most_common():
            say(f"  {count:>9,}  in {language}")
    for domain, count in audience.domains.most_common(DOMAINS_SHOWN):
        say(f"  {count:>9,}  at {domain}")
    others = audience.domains.most_common()[DOMAINS_SHOWN:]
    if others:
        left = sum(count for _, count in others)
        say(f"  {left:>9,}  at {counted(len(others), 'other domain')}")
    if not audience.left_out:
        return
    say(f"{audience.left_out.total():>11,}  will not")
    for reason, count in audience.left_out.most_common():
        named = audience.examples[reason]
        more = ", …" if count > len(named) else ""
        who = f"({', '.join(named)}{more})"
        say(f"  {count:>9,}  {reason} {faint(who)}")


def say_mailing(mailing: Mailing, tally: Tally, *, due: float, workers: int) -> None:
    """Where a mailing stands: its state, why, and how many are where."""
    at_work = f", {counted(workers, 'worker') if workers else 'nobody'} at work"
    at_work = at_work if mailing.state is MailingState.RUNNING else ""
    say(f"{strong(mailing.issue)}  {mailing.state} since {clock_time(mailing.since)}{at_work}")
    if mailing.state is MailingState.SCHEDULED:
        say(f"  begins {clock_time(mailing.begins)}")
    if mailing.reason:
        say(click.style(f"  {mailing.reason}", fg="yellow"))
    for state in (
        DeliveryState.SENT,
        DeliveryState.QUEUED,
        DeliveryState.SENDING,
        DeliveryState.DEFERRED,
        DeliveryState.FAILED,
        DeliveryState.UNCERTAIN,
        DeliveryState.SUPPRESSED,
    ):
        count = getattr(tally, state.value)
        if count or state is DeliveryState.SENT:
            share = percent(count, tally.total)
            say(f"  {count:>9,}  {share}  {_state(state)}{_after(state, due)}")
    for hint in hints(mailing, tally, workers=workers):
        say(faint(f"  {hint}"))


def percent(count: int, total: int) -> str:
    """A share in five characters; what is there is never 0 %, what is missing never 100 %."""
    if not total:
        return "     "
    exact = 100 * count / total
    if 0 < exact < 1:
        return "  <1%"
    return " >99%" if 99 < exact < 100 else f"{exact:>4.0f}%"


def hints(mailing: Mailing, tally: Tally, *, workers: int) -> list[str]:
    """What one may want to do next."""
    issue = mailing.issue
    found = []
    if mailing.state is MailingState.PAUSED or (
        mailing.state is MailingState.RUNNING and not workers
    ):
        found.append(f"Go on:             enews mailing resume {issue}")
    if tally.failed:
        found.append(f"Who failed, why:   enews mailing who {issue} --state failed")
    if tally.uncertain:
        found.append(f"Who is uncertain:  enews mailing who {issue} --state uncertain")
    return found


def say_deliveries(deliveries: Iterable[tuple[Delivery, str]]) -> int:
    """Each with its Message-ID; how many there were."""
    count = 0
    for delivery, message_id in deliveries:
        count += 1
        address = delivery.address or f"subscriber {delivery.subscriber} (erased)"
        tries = f", {counted(delivery.attempts, 'try', 'tries')}" if delivery.attempts > 1 else ""
        say(
            f"{strong(address)}  {delivery.issue}  {_state(delivery.state)}  "
            f"{clock_time(delivery.at)}{tries}"
        )
        said = " ".join(
            part for part in (str(delivery.code or ""), delivery.status, delivery.said) if part
        )
        if said:
            say(f"    {said}")
        if delivery.due and delivery.state is DeliveryState.DEFERRED:
            say(f"    next try {clock_time(delivery.due)}")
        say(faint(f"    {message_id}"))
    return count


def _state(state: DeliveryState) -> str:
    colour = COLOURS.get(state)
    return click.style(state, fg=colour) if colour else str(state)


def _after(state: DeliveryState, due: float) -> str:
    if state is not DeliveryState.DEFERRED or not due:
        return ""
    return faint(f"  next try {clock_time(datetime.fromtimestamp(due, UTC))}")
