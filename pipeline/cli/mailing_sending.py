"""Going on with a mailing: send, with a line that moves, and say how it went."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import aside, counted, good, interactive, say, say_json
from pipeline.cli.mailing_advice import held_by
from pipeline.cli.mailing_output import (
    done_word,
    ended_words,
    hints,
    limit_words,
    mailing_json,
    standing_json,
    totals,
    waiting_words,
)
from pipeline.cli.mailing_time import Times, times
from pipeline.core.mailing import MailingState
from pipeline.errors import MailingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.core.delivery import Tally
    from pipeline.core.mailing import Mailing
    from pipeline.flows.deliver import Progress
    from pipeline.flows.mailing import Released
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store


def go_on_sending(
    post: Postroom,
    store: Store,
    issue: Released,
    mailing: Mailing,
    *,
    late: bool = False,
    early: bool = False,
    wait: bool,
    as_json: bool,
) -> int:
    """Go on, and say how it went; 0 also where deferred rows are left for later, 1 if stopped."""
    from pipeline.flows.mailing import go_on

    told = times(post.app)
    if mailing.state is MailingState.CANCELLED:
        raise MailingError(ended_words(mailing, store.ledger.tally(mailing.id), told))
    before = mailing.digest
    mailing = go_on(
        post.records(store),
        mailing,
        issue,
        now=told.now,
        late=late,
        by_hand=True,
        early=early,
        outbox=post.outbox() is not None,
    )
    if mailing.digest != before and not as_json:
        say(_newer_words(store.ledger.tally(mailing.id)))
    if mailing.state is MailingState.SCHEDULED:
        return scheduled(mailing, told, as_json=as_json)
    progress = None
    if mailing.state is MailingState.RUNNING:
        progress = _carried(post, store, issue, mailing, wait=wait, shown=not as_json)
    mailing = store.ledger.mailing(mailing.issue) or mailing
    if as_json:
        found = standing_json(store, mailing)
        # This process still counts as one, and has nothing more to do.
        found["workers"] = max(0, store.ledger.workers() - (progress is not None))
        say_json(found)
    else:
        _say_how_it_went(post, store, mailing, progress)
    stopped = mailing.state is MailingState.PAUSED
    return 1 if stopped and progress is not None and progress.stopped else 0


def _say_how_it_went(
    post: Postroom, store: Store, mailing: Mailing, progress: Progress | None
) -> None:
    tally, told = store.ledger.tally(mailing.id), times(post.app)
    waits = _waits(post, store, mailing, tally, told) if progress and progress.waits else []
    folder = folder_words(post, mailing.issue)
    _say_end(mailing, tally, progress, told, folder=folder, waits=waits)
    for hint in hints(mailing, tally, workers=0):
        say(hint)


def _carried(
    post: Postroom, store: Store, issue: Released, mailing: Mailing, *, wait: bool, shown: bool
) -> Progress:
    """Send, with a line that moves on a terminal."""
    from pipeline.cli.mailing_progress import Watching

    some = store.ledger.tally(mailing.id).open > 0
    watching = Watching(
        mailing.issue,
        looking(post, store, mailing),
        shown=shown and some and interactive(),
        said=aside,
        done=done_word(mailing),
    )
    try:
        with watching:
            return post.send(store, issue, mailing, wait=wait, watch=watching, tell=watching.say)
    except KeyboardInterrupt:
        left = store.ledger.tally(mailing.id).open
        aside(f"{counted(left, 'subscriber')} left: enews mailing resume {mailing.issue}")
        raise


def looking(post: Postroom, store: Store, mailing: Mailing) -> Callable[[], tuple[Tally, str]]:
    """How a mailing stands in the ledger, and what it waits for."""
    zone = post.app.zone()

    def look() -> tuple[Tally, str]:
        tally = store.ledger.tally(mailing.id)
        if tally.open != tally.deferred:
            return tally, ""
        # By the clock, not by ENEWS_NOW: the ledger's times are real ones.
        clock = Times(datetime.now(UTC), zone)
        return tally, waiting_words(tally, store.ledger.next_due(mailing.id), clock)

    return look


def folder_words(post: Postroom, issue: str) -> str:
    """Where messages are written, as one would type it; "" where a server takes them."""
    outbox = post.outbox()
    if outbox is None:
        return ""
    folder = outbox / issue
    here = Path.cwd()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)


def _newer_words(tally: Tally) -> str:
    """Who gets what of an issue that was released anew; said before anything is sent."""
    newer = f"{tally.open:,} of {tally.total:,} get the newer release"
    doubt = f", {tally.uncertain:,} may have it" if tally.uncertain else ""
    return f"{newer}; {tally.sent:,} {'has' if tally.sent == 1 else 'have'} the older one{doubt}."


def _waits(post: Postroom, store: Store, mailing: Mailing, tally: Tally, told: Times) -> list[str]:
    """What is left, and for what it waits."""
    held, found = held_by(post, store, mailing, tally), []
    if held:
        found.append(limit_words(held, told))
    elif tally.queued:
        found.append(f"{tally.queued:,} left, since the server asked for less just now")
    if tally.deferred:
        due = told.next_try(store.ledger.next_due(mailing.id))
        found.append(f"{tally.deferred:,} refused for now, {due}")
    return found


def _say_end(
    mailing: Mailing,
    tally: Tally,
    progress: Progress | None,
    told: Times,
    *,
    folder: str,
    waits: Sequence[str],
) -> None:
    if mailing.state is MailingState.FINISHED and mailing.outbox:
        written = f"{tally.sent:,} written to {folder or 'a folder'}; nothing was sent."
        say(f"{good(f'{mailing.issue} is finished')}: {written}")
        say(f"With a mail server (ENEWS_SMTP_URL): enews mailing start {mailing.issue}")
    elif mailing.state is MailingState.FINISHED:
        since = "" if progress else f" since {told.full(mailing.since)}: nothing to do"
        say(good(f"{mailing.issue} is finished{since}."))
    elif progress is not None and progress.stopped:
        say(click.style(f"{mailing.issue} is {mailing.state}: {progress.stopped}", fg="red"))
    elif waits:
        for words in waits:
            say(f"{mailing.issue}: {words}.")
    else:
        say(f"{mailing.issue} is {mailing.state}.")
    say(totals(mailing, tally))


def scheduled(mailing: Mailing, told: Times, *, as_json: bool) -> int:
    """Say when it begins, and how to begin now."""
    if as_json:
        say_json(mailing_json(mailing))
    else:
        say(f"{mailing.issue} is scheduled for {told.full(mailing.begins)}.")
        say(f"'enews worker' sends it then; now: enews mailing resume {mailing.issue} --now")
    return 0
