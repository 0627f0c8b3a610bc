"""What goes wrong unattended: the operators get one mail, and what was mended is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.mailing import MailingState
from pipeline.core.run import Flow, RunState
from tests.at_work import at_work
from tests.mailing_room import subscribe
from tests.newsrooms import NEWSROOM, enews, environment, item, put
from tests.smtp_server import Fault, smtp_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.smtp_server import MailServer

ZURICH = ZoneInfo("Europe/Zurich")
START = datetime(2017, 8, 30, 12, tzinfo=ZURICH)
DUE = datetime(2017, 8, 31, 9, tzinfo=ZURICH)
MINUTE = timedelta(minutes=1)
SECTION = '[[newsletters.sections]]\ntitle = "News"\nkinds = ["news"]\n'


def write_room(root: Path, extra: str = "") -> None:
    operators = '[newsroom]\noperators = ["Keeper <keeper@example.org>"]'
    text = NEWSROOM.replace("[newsroom]", operators, 1)
    put(root, "newsroom.toml", text + extra + SECTION)
    put(root, "items/2017-08-15-good.md", item("Good"))


def mails(server: MailServer) -> list[str]:
    """What the keeper got: subject and text."""
    found = []
    for taken in server.messages:
        if taken.recipient == "keeper@example.org":
            message = message_from_bytes(taken.data, policy=policy.default)
            body = message.get_body(("plain",))
            assert body is not None
            found.append(f"{message['Subject']}\n{body.get_content()}")
    return found


def test_a_draft_that_fails_is_told_once_and_made_when_its_content_is_mended(
    tmp_path: Path,
) -> None:
    write_room(tmp_path)
    with smtp_server() as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        put(tmp_path, "items/2017-08-20-bad.md", item("Bad", "kind: nwes"))
        desk.until(DUE + 30 * MINUTE, 30 * MINUTE)
        first, *later = mails(server)
        assert "Small room: 1 failed" in first
        assert "items/2017-08-20-bad.md" in first
        # The draft came more than an hour after the first failed build: another piece of news.
        assert len(later) == 1
        assert "draft letter, failed, due Thu 31 Aug 2017 09:00 CEST" in later[0]
        desk.until(DUE + 120 * MINUTE, 10 * MINUTE)
        assert len(mails(server)) == 2
        put(tmp_path, "items/2017-08-20-bad.md", item("Bad"))
        desk.until(DUE + 150 * MINUTE, 10 * MINUTE)
        assert (tmp_path / "content/issues/letter/2017-01.md").exists()
        last = desk.store.runs.latest(1, flow=Flow.DRAFT)[0]
        assert (last.state, last.asked["day"]) == (RunState.DONE, "2017-08-31")
        assert len(mails(server)) == 2


def test_without_a_mail_server_a_released_issue_waits_and_goes_out_with_one(
    tmp_path: Path,
) -> None:
    write_room(tmp_path, 'release = "automatic"\n')
    subscribe(tmp_path, ["reader@example.org"])
    with at_work(tmp_path, "", START) as desk:
        desk.at(START)
        desk.at(DUE)
        (waiting,) = desk.store.runs.open()
        assert (waiting.flow, waiting.slot) == (Flow.SEND, "letter/2017-01")
        shown = enews(tmp_path, "status", env=environment(ENEWS_NOW=DUE.isoformat()))
        assert shown.returncode == 1
        assert "letter/2017-01 is not mailed: no mail server is set" in shown.stdout
    with smtp_server() as server, at_work(tmp_path, server.url, DUE + 60 * MINUTE) as desk:
        desk.at(DUE + 60 * MINUTE)
        assert [taken.recipient for taken in server.messages] == ["reader@example.org"]


def test_nothing_new_makes_no_issue_and_says_so(tmp_path: Path) -> None:
    write_room(tmp_path)
    (tmp_path / "content/items/2017-08-15-good.md").unlink()
    put(tmp_path, "items/2016-01-01-old.md", item("Old"))
    with smtp_server() as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        desk.at(DUE)
        run = desk.store.runs.latest(1, flow=Flow.DRAFT)[0]
        assert (run.state, run.reason) == (RunState.DONE, "nothing is new for letter: no issue")
        assert not (tmp_path / "content/issues").exists()
        assert mails(server) == []


def test_an_issue_that_the_gate_refuses_stays_a_draft_and_is_told(tmp_path: Path) -> None:
    write_room(tmp_path, 'release = "automatic"\n')
    put(tmp_path, "items/2017-08-16-todo.md", item("T" * 180))
    put(tmp_path, "items/2017-08-17-empty.md", item("Lorem ipsum", body="TODO"))
    with smtp_server() as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        desk.at(DUE)
        run = desk.store.runs.latest(1, flow=Flow.RELEASE)[0]
        assert run.state is RunState.FAILED
        assert "letter/2017-01 stays a draft, the gate refused it" in run.reason
        assert not (tmp_path / "content/issues/letter/2017-01.lock.json").exists()
        (told,) = mails(server)
        assert "release letter, failed" in told


def test_a_mail_server_that_stops_a_mailing_is_told_with_what_to_do(tmp_path: Path) -> None:
    write_room(tmp_path, 'release = "automatic"\n')
    subscribe(tmp_path, ["reader@example.org"])
    with smtp_server(Fault("sender")) as server, at_work(tmp_path, server.url, START) as desk:
        desk.at(START)
        desk.at(DUE)
        mailing = desk.store.ledger.mailing("letter/2017-01")
        assert mailing is not None
        assert mailing.state is MailingState.PAUSED
        assert mails(server) == []  # the same server refuses that, too
        server.faults = ()
        desk.until(DUE + 90 * MINUTE, 10 * MINUTE)
        (told,) = mails(server)
        assert "enews mailing resume letter/2017-01" in told
