"""A newsroom left alone for a month: every issue goes out once.

September 2010 in Cairo: on the 10th at 0:00 the clock goes forward, so that 0:15 is skipped; in the
night to 1 October it goes back at 0:00, so that 23:30 comes twice. In between the service is down
for a day, and the mail server takes nothing for six hours; a reader's mailbox is gone.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.delivery import DeliveryState
from pipeline.core.mailing import MailingState
from pipeline.core.run import Flow, RunState
from pipeline.core.subscriber import SubscriberState
from tests.at_work import at_work
from tests.mailing_room import subscribe
from tests.newsrooms import item, put
from tests.smtp_server import Fault, smtp_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.at_work import Desk
    from tests.smtp_server import MailServer

CAIRO = ZoneInfo("Africa/Cairo")
START = datetime(2010, 9, 5, 12, tzinfo=CAIRO)
END = datetime(2010, 10, 6, 12, tzinfo=CAIRO)
DOWN = (datetime(2010, 9, 16, 10, tzinfo=CAIRO), datetime(2010, 9, 17, 10, tzinfo=CAIRO))
REFUSED = (datetime(2010, 9, 23, 22, tzinfo=CAIRO), datetime(2010, 9, 24, 4, tzinfo=CAIRO))

NEWSROOM = """\
[newsroom]
title = "Cairo desk"
base_url = "https://news.example.org"
timezone = "Africa/Cairo"
authority = "news.example.org,2010"
operators = ["Keeper <keeper@example.org>"]
[newsroom.author]
name = "The desk"
[kinds]
dawn = "Dawn"
dusk = "Dusk"
month = "Month"
[[listings]]
path = "news"
title = "News"
kinds = ["dawn", "dusk", "month"]
[schedule]
build_minutes = 720
backup = "every sunday 03:00"
cleanup = "every sunday 04:00"
[schedule.late]
backup = "skip"
[sending]
retry_minutes = [30]
[[newsletters]]
key = "dawn"
title = "Dawn"
sender = "Desk <desk@news.example.org>"
postal_address = "Cairo"
cadence = "every friday 00:15"
release = "automatic"
[[newsletters.sections]]
title = "News"
kinds = ["dawn"]
[[newsletters]]
key = "dusk"
title = "Dusk"
sender = "Desk <desk@news.example.org>"
postal_address = "Cairo"
cadence = "every thursday 23:30"
release = "automatic"
[[newsletters.sections]]
title = "News"
kinds = ["dusk"]
[[newsletters]]
key = "month"
title = "Month"
sender = "Desk <desk@news.example.org>"
postal_address = "Cairo"
cadence = "last working day 09:00"
[[newsletters.sections]]
title = "News"
kinds = ["month"]
"""
READERS = ("amal@example.org", "basim@example.org", "gone@example.org")
ISSUES = {
    "dawn/2010-01", "dawn/2010-02", "dawn/2010-03", "dawn/2010-04",
    "dusk/2010-01", "dusk/2010-02", "dusk/2010-03", "dusk/2010-04",
    "month/2010-01",
}  # fmt: skip


def write_room(root: Path) -> None:
    put(root, "newsroom.toml", NEWSROOM)
    for week in range(4):
        day = date(2010, 9, 6) + timedelta(days=7 * week)
        for kind in ("dawn", "dusk"):
            body = f"What happened in week {week + 1}, told at some length."
            put(
                root,
                f"items/{day}-{kind}-{week}.md",
                item(f"Week {week + 1}", f"kind: {kind}", body),
            )
    put(root, "items/2010-09-20-month.md", item("The month", "kind: month", "All of it."))


def test_a_newsroom_left_alone_for_a_month_sends_every_issue_once(tmp_path: Path) -> None:
    write_room(tmp_path)
    with smtp_server(Fault("refuse", recipient="gone@example.org")) as server:
        subscribe(tmp_path, READERS, newsletters=("dawn", "dusk", "month"))
        with at_work(tmp_path, server.url, START) as desk:
            desk.at(START)
            desk.until(DOWN[0], timedelta(hours=1))
        # The machine is off for a day; nothing but the clock goes on.
        with at_work(tmp_path, server.url, DOWN[1]) as desk:
            desk.at(DOWN[1])
            desk.until(END, timedelta(hours=1), lambda now: trouble(desk, server, now))
            assert_every_issue_went_out_once(desk, server)
            assert_the_schedule_is_told(desk)


def trouble(desk: Desk, server: MailServer, now: datetime) -> None:
    """The mail server's six hours, and the editor who lets the monthly letter out at noon."""
    refuses = REFUSED[0] <= now < REFUSED[1]
    gone = Fault("refuse", recipient="gone@example.org")
    server.faults = (Fault("full"), gone) if refuses else (gone,)
    if now == datetime(2010, 9, 30, 12, tzinfo=CAIRO):
        release(desk, "month/2010-01")


def release(desk: Desk, name: str) -> None:
    from pipeline.flows.assemble import show_issue
    from pipeline.flows.release import release as release_flow

    with desk.app.workshop("an editor") as workshop:
        digest = show_issue(workshop, name, now=desk.now()).digest
        release_flow(workshop, name, digest, now=desk.now())


def assert_every_issue_went_out_once(desk: Desk, server: MailServer) -> None:
    mailings = {mailing.issue: mailing for mailing in desk.store.ledger.mailings()}
    assert set(mailings) == ISSUES
    assert {mailing.state for mailing in mailings.values()} == {MailingState.FINISHED}
    issues = [taken for taken in server.messages if taken.recipient in READERS]
    assert max(Counter(taken.message_id for taken in issues).values()) == 1
    per_reader = Counter(taken.recipient for taken in issues)
    assert per_reader == {"amal@example.org": len(ISSUES), "basim@example.org": len(ISSUES)}
    # The one whose mailbox is gone was asked once, and never again.
    (gone,) = desk.store.subscribers.find(["gone@example.org"]).values()
    assert gone.state is SubscriberState.SUPPRESSED
    rows = list(desk.store.ledger.deliveries(subscriber=gone.id))
    assert sum(row.state is DeliveryState.FAILED for row in rows) == 1


def assert_the_schedule_is_told(desk: Desk) -> None:
    drafts = {run.slot: run for run in desk.store.runs.latest(10_000, flow=Flow.DRAFT)}
    # Skipped by the clock, it ran at the next minute there was; doubled, at the first.
    assert drafts["dawn 2010-09-10T00:15"].due == datetime(2010, 9, 9, 22, 0, tzinfo=UTC)
    assert drafts["dusk 2010-09-30T23:30"].due == datetime(2010, 9, 30, 20, 30, tzinfo=UTC)
    # What came due while nobody was there was caught up for its own day.
    late = drafts["dusk 2010-09-16T23:30"]
    assert (late.state, late.began) == (RunState.DONE, DOWN[1].astimezone(UTC))
    states = Counter(run.state for run in drafts.values())
    assert set(states) == {RunState.DONE}
    assert {run.state for run in desk.store.runs.latest(10_000)} == {RunState.DONE}
    backups = sorted((desk.app.settings.folders.state / "backups").glob("ledger-*.sqlite"))
    assert [re.sub(r"\D", "", path.stem) for path in backups] == [
        "20100912", "20100919", "20100926", "20101003",
    ]  # fmt: skip
