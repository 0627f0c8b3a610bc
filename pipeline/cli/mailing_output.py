"""How mailings, plans and deliveries are told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import counted, faint, say, strong
from pipeline.core.delivery import DeliveryState, Tally
from pipeline.core.mailing import MailingState, cancelled_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.cli.mailing_time import Times
    from pipeline.core.delivery import Delivery
    from pipeline.core.mailing import Mailing
    from pipeline.core.mailing_limit import Limit
    from pipeline.core.recipients import Audience
    from pipeline.store.opening import Store

ENDED = (MailingState.FINISHED, MailingState.CANCELLED)
DOMAINS_SHOWN = 5
PART = " " * 6
"""Before the parts of a total, which stand under it and to its right."""
ORDER = (
    DeliveryState.SENT,
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNCERTAIN,
    DeliveryState.SUPPRESSED,
)
"""States as they are told, wherever they are told."""

OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED)
COLOURS = {
    DeliveryState.SENT: "green",
    DeliveryState.FAILED: "red",
    DeliveryState.UNCERTAIN: "yellow",
    DeliveryState.DEFERRED: "cyan",
}


def mailing_json(mailing: Mailing) -> dict[str, object]:
    """A mailing for scripts; times in UTC."""
    return {
        "issue": mailing.issue,
        "newsletter": mailing.newsletter,
        "digest": mailing.digest,
        "state": mailing.state,
        "reason": mailing.reason,
        "created": moment(mailing.created),
        "begins": moment(mailing.begins),
        "since": moment(mailing.since),
        "outbox": mailing.outbox,
    }


def standing_json(store: Store, mailing: Mailing) -> dict[str, object]:
    """A mailing with its counts, for scripts: when the next deferred row is due, who is at work."""
    ledger = store.ledger
    tally = ledger.tally(mailing.id)
    due = 0.0 if mailing.state in ENDED else ledger.next_due(mailing.id)
    return {
        **mailing_json(mailing),
        "total": tally.total,
        **{state.value: getattr(tally, state.value) for state in DeliveryState},
        "due": moment(datetime.fromtimestamp(due, UTC)) if due else None,
        "workers": ledger.workers(),
    }


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


def say_audience(audience: Audience) -> None:
    """The plan: how many, in which language, where, and who is left out and why."""
    say(f"{audience.total:>11,}  will get it")
    if len(audience.languages) > 1:
        for language, count in audience.languages.most_common():
            say(f"{PART}{count:>9,}  in {language}")
    for domain, count in audience.domains.most_common(DOMAINS_SHOWN):
        say(f"{PART}{count:>9,}  at {domain}")
    others = audience.domains.most_common()[DOMAINS_SHOWN:]
    if others:
        left = sum(count for _, count in others)
        say(f"{PART}{left:>9,}  at {counted(len(others), 'other domain')}")
    if not audience.left_out:
        return
    say(f"{audience.left_out.total():>11,}  will not")
    for reason, count in audience.left_out.most_common():
        named = audience.examples[reason]
        more = ", …" if count > len(named) else ""
        who = f"({', '.join(named)}{more})"
        say(f"{PART}{count:>9,}  {reason} {faint(who)}")


def say_mailing(
    mailing: Mailing,
    tally: Tally,
    times: Times,
    *,
    due: float,
    workers: int,
    held: Limit | None = None,
    refusal: str = "",
) -> None:
    """Where a mailing stands: its state, why, and how many are where.

    `held` is the limit that queued ones wait for, `refusal` why it would not go on.
    """
    at_work = f", {counted(workers, 'worker') if workers else 'nobody'} at work"
    at_work = at_work if mailing.state is MailingState.RUNNING else ""
    since = times.full(mailing.since)
    say(f"{strong(mailing.issue)}  {mailing.state} since {since}{at_work}")
    if mailing.state not in ENDED and mailing.begins > times.now:
        say(f"  begins {times.full(mailing.begins)}")
    if mailing.reason:
        say(click.style(f"  {mailing.reason}", fg="yellow"))
    if mailing.outbox:
        say(click.style("  into a folder, through no mail server: nothing is sent", fg="yellow"))
    for state in ORDER:
        count = getattr(tally, state.value)
        if count or state is DeliveryState.SENT:
            share = percent(count, tally.total)
            after = _after(mailing, state, due, times)
            if state is DeliveryState.QUEUED and held:
                after = faint(f"  {limit_words(held, times)}")
            say(f"  {count:>9,}  {share}  {_state(state, done=done_word(mailing))}{after}")
    for hint in hints(mailing, tally, workers=workers, refusal=refusal):
        say(faint(f"  {hint}"))


def done_word(mailing: Mailing) -> str:
    """What became of those that are `sent`: a folder is no mail server."""
    return "written" if mailing.outbox else "sent"


def totals(mailing: Mailing, tally: Tally) -> str:
    """`1,991 sent, 3 deferred`: all that there is, in the order of `status`."""
    words = {DeliveryState.SENT: done_word(mailing)}
    counts = {state: getattr(tally, state.value) for state in ORDER}
    found = [f"{count:,} {words.get(state, state)}" for state, count in counts.items() if count]
    return ", ".join(found)


def waiting_words(tally: Tally, due: float, times: Times) -> str:
    """`waits for 3 until 09:17 CEST`, where nothing but deferred rows is left; else ""."""
    if not tally.open or tally.open != tally.deferred:
        return ""
    if due <= times.now.timestamp():
        return f"{tally.deferred:,} due now"
    return f"waits for {tally.deferred:,} until {times.short(due)}"


def limit_words(held: Limit, times: Times) -> str:
    """`100 today (warm_up): the next 200 from 2017-06-30 02:00 CEST`."""
    if held.key == "warm_up":
        then = f"the next {held.next_:,} from {times.short(held.begins)}"
    else:
        then = f"{held.next_:,} to go, the last at about {times.short(held.ends)}"
    return f"{held.words} ({held.key}): {then}"


def ended_words(mailing: Mailing, tally: Tally, times: Times) -> str:
    """Why nothing can be done with a mailing that ended."""
    if mailing.state is MailingState.CANCELLED:
        return cancelled_words(mailing, tally, times.full(mailing.since))
    return f"{mailing.issue} is finished since {times.full(mailing.since)}"


def percent(count: int, total: int) -> str:
    """A share in five characters; what is there is never 0 %, what is missing never 100 %."""
    if not total:
        return "     "
    exact = 100 * count / total
    if 0 < exact < 1:
        return "  <1%"
    return " >99%" if 99 < exact < 100 else f"{exact:>4.0f}%"


def hints(mailing: Mailing, tally: Tally, *, workers: int, refusal: str = "") -> list[str]:
    """What one may want to do next; `refusal` is what `resume` would say to it, "" for nothing."""
    issue = mailing.issue
    found = []
    if refusal:
        found.append(f"It cannot go on:   {refusal}")
    elif mailing.state is MailingState.PAUSED or (
        mailing.state is MailingState.RUNNING and not workers
    ):
        found.append(f"Go on:             enews mailing resume {issue}")
    if mailing.state is MailingState.SCHEDULED and not refusal:
        found.append(f"Begin now:         enews mailing resume {issue} --now")
    if mailing.state is MailingState.CANCELLED and tally.total and not tally.reached:
        found.append(f"Begin anew:        enews mailing start {issue}")
    if tally.failed:
        found.append(f"Who failed, why:   enews mailing who {issue} --state failed")
    if tally.uncertain:
        found.append(f"Who is uncertain:  enews mailing who {issue} --state uncertain")
    return found


def say_deliveries(
    deliveries: Iterable[tuple[Delivery, str]], times: Times, mailings: Mapping[int, Mailing]
) -> int:
    """Each with its Message-ID; how many there were. `mailings` by id."""
    count = 0
    for delivery, message_id in deliveries:
        count += 1
        mailing = mailings[delivery.mailing]
        address = delivery.address or f"subscriber {delivery.subscriber} (erased)"
        tries = f", {counted(delivery.attempts, 'try', 'tries')}" if delivery.attempts > 1 else ""
        state = _state(delivery.state, done=done_word(mailing))
        say(f"{strong(address)}  {delivery.issue}  {state}  {times.exact(delivery.at)}{tries}")
        said = " ".join(
            part for part in (str(delivery.code or ""), delivery.status, delivery.said) if part
        )
        if said:
            say(f"    {said}")
        if mailing.state is MailingState.CANCELLED and delivery.state in OPEN:
            say("    never sent: the mailing was cancelled")
        elif delivery.due and delivery.state is DeliveryState.DEFERRED:
            say(f"    {times.next_try(delivery.due)}")
        say(faint(f"    {message_id}"))
    return count


def _state(state: DeliveryState, *, done: str = "sent") -> str:
    colour = COLOURS.get(state)
    word = done if state is DeliveryState.SENT else str(state)
    return click.style(word, fg=colour) if colour else word


def _after(mailing: Mailing, state: DeliveryState, due: float, times: Times) -> str:
    if mailing.state is MailingState.CANCELLED and state in OPEN:
        return faint("  never sent")
    if state is not DeliveryState.DEFERRED or not due:
        return ""
    return faint(f"  {times.next_try(due)}")
