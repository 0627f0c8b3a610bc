"""`enews bounce`: mail that came back, from a pipe, from files, or from a mailbox."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import (
    aside,
    counted,
    error_json,
    faint,
    report_error,
    say,
    say_json,
    strong,
)
from pipeline.core.bounce import BounceKind
from pipeline.errors import ConfigError, EnewsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.app import App
    from pipeline.config import Settings
    from pipeline.flows.bounce import Outcome
    from pipeline.mail.mailbox_server import Mailbox, Polled

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: a mail server keeps the message and pipes it here again later."""

SHOWN_MOST = 20
SAID_MOST = 80
"""Characters of a server's words on the screen; the whole is in the list."""

WORDS = {
    "hard": "there is no such mailbox",
    "soft": "not now: full, down, or too busy",
    "complaint": "called spam by its reader",
    "policy": "refused for what the mail or its sender is",
    "left": "unsubscribed by mail",
    "notice": "delayed, or delivered",
    "auto-reply": "out of office, and other answers by machines",
    "repeated": "known already",
    "erased": "of somebody who is no subscriber any more",
    "unknown": "nobody could tell",
}
"""What each upshot is called, in this order."""


class _Tally:
    """What came of the messages of one run."""

    def __init__(self) -> None:
        self.messages = 0
        self.upshots: Counter[str] = Counter()
        self.suppressed: list[Outcome] = []
        self.in_all: Mapping[BounceKind, int] = {}

    def add(self, outcomes: tuple[Outcome, ...]) -> None:
        self.messages += 1
        for outcome in outcomes:
            self.upshots[outcome.upshot.value] += 1
            if outcome.suppression is not None:
                self.suppressed.append(outcome)


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--poll", is_flag=True, help="Read the mailbox that ENEWS_BOUNCES_URL names.")
@click.option("--to", "sent_to", default="", metavar="ADDRESS", help="Whom the message came for.")
@json_option
@click.pass_obj
def bounce(
    settings: Settings, *, files: tuple[Path, ...], poll: bool, sent_to: str, as_json: bool
) -> int:
    """Read bounces and complaints: a message on standard input, files, or a mailbox."""
    from pipeline.app import App

    piped = not files and not poll
    _refuse_nonsense(files, sent_to, poll=poll, piped=piped)
    tally = _Tally()
    try:
        polled = _read(App(settings), files, sent_to, tally, poll=poll)
    except EnewsError as error:
        if as_json:
            say_json(error_json(error))
        else:
            report_error(error)
            if tally.messages:
                aside(f"Before that, {counted(tally.messages, 'message')} had been handled.")
        return TRY_AGAIN if piped else error.exit_code
    kept = settings.folders.state / "bounces/unknown"
    if as_json:
        say_json(_json(tally, polled, kept))
    else:
        _say(tally, polled, kept)
    return 0


def _refuse_nonsense(files: tuple[Path, ...], sent_to: str, *, poll: bool, piped: bool) -> None:
    """Raises UsageError."""
    if poll and files:
        raise click.UsageError("Either files or --poll, not both.")
    if sent_to and not piped:
        raise click.UsageError("--to is for a message on standard input.")
    if piped and sys.stdin.isatty():
        raise click.UsageError(
            "Nothing to read: name a file, give --poll, or pipe a message in: enews bounce < FILE"
        )


def _read(
    app: App, files: tuple[Path, ...], sent_to: str, tally: _Tally, *, poll: bool
) -> Polled | None:
    """Handle every message there is; what a mailbox said, where it is one."""
    from pipeline.mail.message_files import message_from, messages_in
    from pipeline.returns import MESSAGES_MOST, Returns

    mailbox, protocol = _mailbox(app.settings) if poll else (None, "")
    polled = None
    with app.store(aside) as store:
        returns = Returns(app, store)

        def handler(source: str) -> Callable[[bytes], None]:
            return lambda raw: tally.add(returns.take(raw, source, sent_to))

        if mailbox is not None:
            polled = mailbox.poll(handler(protocol), MESSAGES_MOST)
        elif not files and (raw := message_from(sys.stdin.buffer)).strip():
            handler("pipe")(raw)
        for path in files:
            for raw in messages_in(path):
                handler("file")(raw)
        tally.in_all = store.subscribers.bounce_counts()
    return polled


def _mailbox(settings: Settings) -> tuple[Mailbox, str]:
    """The mailbox that is set. Raises ConfigError."""
    from pipeline.mail.mailbox import open_mailbox

    if not settings.bounces_url:
        raise ConfigError(
            "no mailbox is set: ENEWS_BOUNCES_URL=imaps://user:password@host/INBOX, or a file "
            "with it in ENEWS_BOUNCES_URL_FILE"
        )
    return open_mailbox(settings.bounces_url)


def _say(tally: _Tally, polled: Polled | None, kept: Path) -> None:
    """The messages by what they were, then who gets no more mail, then what is left to do."""
    say(f"{counted(tally.messages, 'message')} read" if tally.messages else "Nothing was read.")
    for name, meaning in WORDS.items():
        if tally.upshots[name]:
            say(f"{tally.upshots[name]:>7,}  {name:<11}{faint(meaning)}")
    if tally.suppressed:
        say(strong(f"Suppressed, and never mailed again: {len(tally.suppressed):,}"))
        for outcome in tally.suppressed[:SHOWN_MOST]:
            say(f"  {outcome.address}  {_why(outcome)}")
        if len(tally.suppressed) > SHOWN_MOST:
            more = len(tally.suppressed) - SHOWN_MOST
            say(faint(f"  and {more:,} more: enews subscriber list --suppressed"))
    if tally.in_all:
        words = [f"{tally.in_all[kind]:,} {kind}" for kind in BounceKind if tally.in_all.get(kind)]
        say(faint(f"Since the beginning: {', '.join(words)}"))
    if tally.upshots["unknown"]:
        say(f"Unknown ones are kept as they came: {kept}")
    if polled is not None and polled.left:
        say(f"{counted(polled.left, 'message')} could not be read and stay in the mailbox")
    if polled is not None and polled.waiting:
        say(f"{counted(polled.waiting, 'message')} more in the mailbox: run it again")


def _why(outcome: Outcome) -> str:
    entry = outcome.suppression
    words = (str(entry.reason), entry.detail[:SAID_MOST]) if entry else ()
    return faint(": ".join(word for word in words if word))


def _json(tally: _Tally, polled: Polled | None, kept: Path) -> dict[str, object]:
    return {
        "messages": tally.messages,
        "outcomes": {name: tally.upshots[name] for name in WORDS},
        "suppressed": [
            {
                "address": outcome.address,
                "reason": outcome.suppression.reason,
                "detail": outcome.suppression.detail,
            }
            for outcome in tally.suppressed
            if outcome.suppression is not None
        ],
        "in_all": {kind.value: tally.in_all.get(kind, 0) for kind in BounceKind},
        "unknown": str(kept),
        "left": polled.left if polled else 0,
        "waiting": polled.waiting if polled else 0,
    }
