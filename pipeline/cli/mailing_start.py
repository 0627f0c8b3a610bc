"""`enews mailing start` and `resume`: show the plan, keep every row, then send."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, counted, good, interactive, say, say_json, strong
from pipeline.cli.mailing_output import (
    audience_json,
    clock_time,
    hints,
    mailing_json,
    say_audience,
    tally_json,
)
from pipeline.core.mailing import MailingState
from pipeline.errors import MailingError

if TYPE_CHECKING:
    from pipeline.config import Settings
    from pipeline.core.mailing import Mailing
    from pipeline.flows.deliver import Progress
    from pipeline.flows.mailing import Released
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store


class Moment(click.ParamType[datetime]):
    """A point in time; without an offset, in the newsroom's time zone (done by the caller)."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """`2017-06-30T09:00` to a time."""
        try:
            return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r}: expected a time such as 2017-06-30T09:00", param, ctx)


wait_option = click.option(
    "--wait/--no-wait", default=True, help="Stay until what is deferred was tried again (default)."
)


@click.command()
@click.argument("name", metavar="ISSUE")
@click.option("--test", metavar="ADDRESS", default="", help="Send to this address only.")
@click.option("--dry-run", is_flag=True, help="Show who would get it, and do nothing.")
@click.option("--at", type=Moment(), help="Begin then, not now; 'enews worker' sends it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@wait_option
@json_option
@click.pass_obj
def start(
    settings: Settings,
    *,
    name: str,
    test: str,
    dry_run: bool,
    at: datetime | None,
    yes: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Send a released issue to everyone who asked for it; what was begun goes on."""
    from pipeline.app import App
    from pipeline.cli.mailing import sure
    from pipeline.flows.mailing import begin, plan
    from pipeline.postroom import Postroom

    app = App(settings)
    post = Postroom(app)
    issue = post.released(name, waiting=lambda holder: aside(f"Waiting for {holder}…"))
    if test:
        return _test(post, issue, test, as_json=as_json)
    begins = _moment(at, issue)
    with app.store(aside) as store:
        records = post.records(store)
        there = store.ledger.mailing(issue.lock.id)
        if there is None:
            audience = plan(records, issue)
            if dry_run and as_json:
                say_json({"issue": issue.lock.id, **audience_json(audience)})
                return 0
            if not as_json:
                _say_plan(post, issue)
                say_audience(audience)
            if dry_run or not audience.total:
                return _nobody(issue, audience.total, as_json=as_json)
            when = f" on {clock_time(begins)}" if begins else ""
            question = f"Send it to {counted(audience.total, 'subscriber')}{when}?"
            sure(question, yes=yes)
            there = begin(records, issue, now=app.now(), begins=begins)
        elif dry_run:
            return _already(store, there, as_json=as_json)
        if there.state is MailingState.SCHEDULED and there.begins > app.now():
            return _scheduled(there, as_json=as_json)
        return _send(post, store, issue, there, late=False, wait=wait, as_json=as_json)


@click.command()
@click.argument("name", metavar="ISSUE")
@click.option("--late", is_flag=True, help="Although it is old, or the database a copy.")
@wait_option
@json_option
@click.pass_obj
def resume(settings: Settings, *, name: str, late: bool, wait: bool, as_json: bool) -> int:
    """Go on with a mailing that was paused, scheduled or interrupted."""
    from pipeline.app import App
    from pipeline.flows.mailing import find
    from pipeline.postroom import Postroom

    app = App(settings)
    post = Postroom(app)
    with app.store(aside) as store:
        mailing = find(store.ledger, name)
        issue = post.released(mailing.issue, waiting=lambda holder: aside(f"Waiting for {holder}…"))
        return _send(post, store, issue, mailing, late=late, wait=wait, as_json=as_json)


def _send(
    post: Postroom,
    store: Store,
    issue: Released,
    mailing: Mailing,
    *,
    late: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Go on, and say how it went: 0 also where deferred rows are left for later, 1 if stopped."""
    from pipeline.cli.mailing_progress import Watching
    from pipeline.flows.mailing import go_on

    records = post.records(store)
    mailing = go_on(records, mailing, issue, now=post.app.now(), late=late, by_hand=True)
    tally = store.ledger.tally(mailing.id)
    progress = None
    if mailing.state is MailingState.RUNNING:
        watching = Watching(mailing.issue, tally, shown=interactive() and not as_json)
        try:
            with watching:
                progress = post.send(store, issue, mailing, wait=wait, watch=watching)
        except KeyboardInterrupt:
            left = store.ledger.tally(mailing.id).open
            aside(f"{counted(left, 'subscriber')} left: enews mailing resume {mailing.issue}")
            raise
    mailing = store.ledger.mailing(mailing.issue) or mailing
    tally = store.ledger.tally(mailing.id)
    if as_json:
        say_json(mailing_json(mailing, tally))
    else:
        _say_end(post, mailing, progress)
        say(", ".join(f"{count:,} {name}" for name, count in tally_json(tally).items() if count))
        for hint in hints(mailing, tally, workers=0):
            say(hint)
    stopped = mailing.state is MailingState.PAUSED
    return 1 if stopped and progress is not None and progress.stopped else 0


def _say_end(post: Postroom, mailing: Mailing, progress: Progress | None) -> None:
    if mailing.state is MailingState.FINISHED:
        since = "" if progress else f" since {clock_time(mailing.since)}: nothing to do"
        say(good(f"{mailing.issue} is finished{since}."))
        where = post.outbox()
        if where is not None and progress:
            say(f"Nothing was sent: the messages lie in {where} (ENEWS_SMTP_URL is not set).")
    elif progress is not None and progress.stopped:
        say(click.style(f"{mailing.issue} is {mailing.state}: {progress.stopped}", fg="red"))
    elif progress is not None and progress.waits:
        from datetime import UTC

        due = datetime.fromtimestamp(progress.waits, UTC)
        say(f"{mailing.issue}: what was refused for now is due from {clock_time(due)} on.")
    else:
        say(f"{mailing.issue} is {mailing.state}.")


def _say_plan(post: Postroom, issue: Released) -> None:
    lock = issue.lock
    say(f"{strong(lock.subject)}")
    say(f"{lock.id}, released with the digest {lock.digest[:12]}…")
    say(f"From {issue.newsletter.sender}, by {post.carried_by()}")
    say()


def _nobody(issue: Released, total: int, *, as_json: bool) -> int:
    """After a dry run, or where nobody would get it."""
    if not total and as_json:
        say_json({"issue": issue.lock.id, "recipients": 0})
    elif not total:
        say(
            f"Nobody would get {issue.lock.id}: nothing was started. Add subscribers with "
            "'enews subscriber import' or 'enews subscriber add'."
        )
    return 0


def _already(store: Store, mailing: Mailing, *, as_json: bool) -> int:
    tally = store.ledger.tally(mailing.id)
    if as_json:
        say_json(mailing_json(mailing, tally))
    else:
        say(f"The mailing of {mailing.issue} was begun {clock_time(mailing.created)}.")
        say(f"It is {mailing.state}; starting it again would send to {tally.open:,} more.")
    return 0


def _scheduled(mailing: Mailing, *, as_json: bool) -> int:
    if as_json:
        say_json(mailing_json(mailing))
    else:
        say(f"{mailing.issue} is scheduled for {clock_time(mailing.begins)}.")
        say(f"'enews worker' sends it then; now: enews mailing resume {mailing.issue}")
    return 0


def _moment(at: datetime | None, issue: Released) -> datetime | None:
    if at is None or at.tzinfo is not None:
        return at
    from zoneinfo import ZoneInfo

    return at.replace(tzinfo=ZoneInfo(issue.newsroom.timezone))


def _test(post: Postroom, issue: Released, address: str, *, as_json: bool) -> int:
    """One copy in each language of the issue, to one address, and nothing in the ledger."""
    from pipeline.core.address import parse_address

    replies = post.send_test(issue, str(parse_address(address)))
    if as_json:
        say_json(
            [{"language": lang, "code": r.code, "said": r.words} for lang, r in replies.items()]
        )
    else:
        for lang, reply in replies.items():
            say(f"{address} [{lang}]: {reply.words}")
    if not all(200 <= reply.code < 300 for reply in replies.values()):
        raise MailingError(f"the test of {issue.lock.id} to {address} was not taken")
    return 0
