"""Mailings that cannot go on, or not now: what editors are told, and what they can do."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.core.mailing import MailingState
from pipeline.flows.mailing import begin
from pipeline.postroom import Postroom
from pipeline.store.opening import open_store
from pipeline.store.tokens import TokenFolder
from tests.mailing_room import ISSUE, released, subscribe, write_mailing_room
from tests.newsrooms import app_in, environment
from tests.newsrooms import enews as call
from tests.smtp_server import Fault, Manners, smtp_server

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from pipeline.core.mailing import Mailing

PEOPLE = [f"reader-{number}@example.org" for number in range(5)]
SHORT = ISSUE.partition("/")[2]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_mailing_room(tmp_path_factory.mktemp("held") / "room")
    subscribe(root, PEOPLE)
    return root


@pytest.fixture
def room(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "room")


def enews(
    root: Path, *arguments: str, url: str = "", now: str = ""
) -> subprocess.CompletedProcess[str]:
    return call(root, *arguments, env=environment(ENEWS_NOW=now, ENEWS_SMTP_URL=url))


def status(root: Path) -> Any:
    done = enews(root, "mailing", "status", "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    return found


def release_anew(root: Path) -> None:
    """Take the release back, as nobody should, and release other words under the same name."""
    issues = root / "content" / "issues"
    for path in [*issues.rglob(f"{SHORT}*.eml"), *issues.rglob(f"{SHORT}*.lock.json")]:
        path.unlink()
    plan = issues / f"{ISSUE}.md"
    text = plan.read_text("utf-8")
    head, fence, body = text.partition("\n---\n")
    plan.write_text(f"{head}{fence}\nOther words above the news.\n{body}", "utf-8")
    released(root)


def limited(root: Path, words: str) -> None:
    toml = root / "content" / "newsroom.toml"
    text = toml.read_text("utf-8")
    toml.write_text(text.replace("[sending]\n", f"[sending]\n{words}\n", 1), "utf-8")


def mailing(root: Path) -> Mailing:
    with open_store("", root / ".pipeline" / "ledger.sqlite") as store:
        found = store.ledger.mailing(ISSUE)
    assert found is not None
    return found


def test_who_has_nothing_gets_the_newer_release_by_an_editors_word(room: Path) -> None:
    with smtp_server(Fault("sender")) as server:
        enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
    older = mailing(room).digest
    release_anew(room)
    with smtp_server() as server:
        plain = enews(room, "mailing", "resume", SHORT, url=server.url)
        assert plain.returncode == 1
        assert "was released anew since this mailing began" in plain.stderr
        assert f"to nobody twice: enews mailing resume {ISSUE} --late" in plain.stderr
        assert "was released anew since" in enews(room, "mailing", "status").stdout
        assert server.taken == []
        late = enews(room, "mailing", "resume", SHORT, "--late", url=server.url)
        assert late.returncode == 0, late.stderr
        assert late.stdout.startswith("5 of 5 get the newer release; 0 have the older one.\n")
        assert sorted(server.taken) == PEOPLE
        assert all(b"Other words above the news" in mail.data for mail in server.messages)
    found = mailing(room)
    assert found.digest != older
    assert found.state is MailingState.FINISHED


def test_who_has_the_older_release_keeps_it(room: Path) -> None:
    with smtp_server(Fault("sender", nth=3)) as server:
        enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        before = list(server.taken)
    assert 0 < len(before) < len(PEOPLE)
    release_anew(room)
    with smtp_server() as server:
        late = enews(room, "mailing", "resume", ISSUE, "--late", url=server.url)
        assert late.returncode == 0, late.stderr
        left = len(PEOPLE) - len(before)
        assert f"{left} of 5 get the newer release; {len(before)} ha" in late.stdout
        assert sorted([*before, *server.taken]) == PEOPLE


def test_who_has_the_older_release_at_hand_sends_no_more_of_it(room: Path) -> None:
    app = app_in(room)
    post = Postroom(app)
    with app.store(lambda _: None) as store:
        issue = post.released(ISSUE, waiting=lambda _: None)
        records = post.records(store)
        one = begin(records, issue, now=app.now(), begins=None, outbox=True)
        assert store.ledger.renew(one.id, "cd" * 32)
        done = post.send(store, issue, one, wait=True, watch=lambda _: None)
        assert done.sent == 0
        assert store.ledger.tally(one.id).queued == len(PEOPLE)
        newer = replace(one, digest="cd" * 32)
        assert post.send(store, issue, newer, wait=True, watch=lambda _: None).sent == len(PEOPLE)


def test_what_was_cancelled_in_time_begins_anew_with_what_is_released_now(room: Path) -> None:
    with smtp_server(Fault("sender")) as server:
        enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
    release_anew(room)
    gone = enews(room, "mailing", "cancel", SHORT, "--yes")
    assert f"Begin anew:        enews mailing start {ISSUE}" in gone.stdout
    with smtp_server() as server:
        done = enews(room, "mailing", "start", SHORT, "--yes", url=server.url)
        assert done.returncode == 0, done.stderr
        assert sorted(server.taken) == PEOPLE
        again = enews(room, "mailing", "start", SHORT, "--yes", url=server.url)
        assert again.returncode == 0
        assert sorted(server.taken) == PEOPLE


def test_cancelled_for_good_says_what_to_do(room: Path) -> None:
    with smtp_server(Fault("sender", nth=2)) as server:
        enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        taken = len(server.taken)
    assert taken
    enews(room, "mailing", "cancel", ISSUE, "--yes")
    with smtp_server() as server:
        done = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert done.returncode == 1
        assert f"for good: {taken} of 5 have it or may have it" in done.stderr
        assert "goes into another issue: enews issue build" in done.stderr
        assert server.taken == []


def test_a_short_name_is_enough_wherever_a_mailing_is_named(room: Path) -> None:
    enews(room, "mailing", "start", SHORT, "--yes", "--at", "2099-01-01T09:00")
    assert enews(room, "mailing", "pause", SHORT).returncode == 0
    assert enews(room, "mailing", "status", SHORT).returncode == 0
    assert "5 deliveries" in enews(room, "mailing", "who", SHORT).stderr
    assert "Nothing to do" in enews(room, "mailing", "retry", SHORT, "--failed").stdout
    assert "is scheduled" in enews(room, "mailing", "resume", SHORT).stdout
    assert enews(room, "mailing", "cancel", SHORT, "--yes").returncode == 0


def test_a_warm_up_names_itself_and_the_time(room: Path) -> None:
    limited(room, "warm_up = 2")
    with smtp_server() as server:
        done = enews(room, "mailing", "start", ISSUE, "--yes", "--no-wait", url=server.url)
        assert done.returncode == 0, done.stderr
        assert len(server.taken) == 2
    assert f"{ISSUE}: 2 today (warm_up): the next 3 from " in done.stdout
    assert "refused for now" not in done.stdout
    assert "2 today (warm_up): the next 3 from " in enews(room, "mailing", "status").stdout


def test_a_limit_an_hour_names_itself(room: Path) -> None:
    limited(room, "per_hour = 60")
    with smtp_server() as server:
        done = enews(room, "mailing", "start", ISSUE, "--yes", "--no-wait", url=server.url)
        assert len(server.taken) == 1
    assert f"{ISSUE}: 60 an hour (per_hour): 4 to go, the last at about " in done.stdout
    assert "60 an hour (per_hour): 4 to go" in enews(room, "mailing", "status").stdout


def test_why_nobody_sends_is_kept_until_somebody_does(room: Path) -> None:
    with smtp_server(Fault("greeting-554")) as server:
        done = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert done.returncode == 1
        since = status(room)["since"]
        assert "554" in status(room)["reason"]
    shown = enews(room, "mailing", "status").stdout
    assert "running since" in shown
    assert " refused: 554" in shown
    with smtp_server(Fault("greeting-554")) as server:
        enews(room, "worker", "--once", url=server.url)
    assert status(room)["since"] == since
    with smtp_server() as server:
        limited(room, "warm_up = 2")
        enews(room, "mailing", "resume", ISSUE, "--no-wait", url=server.url)
        assert (status(room)["state"], status(room)["reason"]) == ("running", "")


def test_a_refused_login_pauses_it_with_what_to_do(room: Path) -> None:
    with smtp_server(manners=Manners(users=(("desk", "right"),))) as server:
        wrong = server.url.replace("smtp://", "smtp://desk:wrong@")
        done = enews(room, "mailing", "start", ISSUE, "--yes", url=wrong)
        assert done.returncode == 1
        assert f"{ISSUE} is paused: the server 127.0.0.1" in done.stdout
        assert "refused the login: 535" in done.stdout
        assert "look at user and password in ENEWS_SMTP_URL" in done.stdout
        assert f"Go on:             enews mailing resume {ISSUE}" in done.stdout
        assert "is paused: the server 127.0.0.1" in enews(room, "status").stdout
        assert enews(room, "worker", "--once", url=wrong).returncode == 0
        assert server.taken == []
        right = server.url.replace("smtp://", "smtp://desk:right@")
        assert enews(room, "mailing", "resume", ISSUE, url=right).returncode == 0
        assert sorted(server.taken) == PEOPLE


def test_an_older_copy_without_the_mailing_is_refused_before_any_row(room: Path) -> None:
    ledger = room / ".pipeline" / "ledger.sqlite"
    copy = ledger.read_bytes()
    with smtp_server() as server:
        enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
    for path in room.glob(".pipeline/ledger.sqlite-*"):
        path.unlink()
    ledger.write_bytes(copy)
    with smtp_server() as server:
        done = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert done.returncode == 1
        assert "the database is an older copy: it knows no mailing of" in done.stderr
        assert "will get it" not in done.stdout
        assert "No mailing was started yet" in enews(room, "mailing", "status").stdout
        late = enews(room, "mailing", "start", ISSUE, "--yes", "--late", url=server.url)
        assert late.returncode == 0, late.stderr
        assert sorted(server.taken) == PEOPLE


def test_what_an_older_copy_knows_nothing_of_can_be_ended(room: Path) -> None:
    nothing = enews(room, "mailing", "cancel", SHORT, "--yes")
    assert nothing.returncode == 1
    assert f"no mailing of {SHORT} was started" in nothing.stderr
    TokenFolder(room / ".pipeline" / "sent").write(ISSUE, 40, lasting=True)
    asked = enews(room, "mailing", "cancel", SHORT)
    assert "does not know who got letter/2017-01. End it" in asked.stderr
    ended = enews(room, "mailing", "cancel", SHORT, "--yes")
    assert ended.stdout == f"{ISSUE} is cancelled.\n"
    assert (status(room)["state"], status(room)["total"]) == ("cancelled", 0)
    with smtp_server() as server:
        done = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert done.returncode == 1
        assert "the database is an older copy: it has counted 0 steps" in done.stderr
        assert server.taken == []


def test_status_says_what_resume_would(room: Path) -> None:
    with smtp_server(Fault("sender")) as server:
        enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
    shown = enews(room, "mailing", "status", now="2099-01-01T09:00+01:00").stdout
    assert "It cannot go on:   " in shown
    assert f"Then: enews mailing resume {ISSUE} --late" in shown
    assert "Go on:  " not in shown
