"""`enews mailing` as an editor calls it, against a real mail server."""

from __future__ import annotations

import json
import shutil
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.core.address import salted_hash
from pipeline.core.suppression import Suppression, SuppressionReason
from pipeline.store.opening import open_store
from tests.mailing_room import BEGAN, ISSUE, subscribe, write_mailing_room
from tests.newsrooms import enews as call
from tests.newsrooms import environment
from tests.smtp_server import Fault, smtp_server

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

PEOPLE = [f"reader-{number}@example.org" for number in range(6)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_mailing_room(tmp_path_factory.mktemp("mailing") / "room")
    subscribe(root, PEOPLE)
    return root


@pytest.fixture
def room(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "room")


def enews(
    root: Path, *arguments: str, url: str = "", now: str = ""
) -> subprocess.CompletedProcess[str]:
    return call(root, *arguments, env=environment(ENEWS_NOW=now, ENEWS_SMTP_URL=url))


def said(result: subprocess.CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_demo_sends_nothing_and_leaves_messages_that_open(room: Path) -> None:
    done = enews(room, "mailing", "start", ISSUE, "--yes")
    assert done.returncode == 0, done.stderr
    assert "6  will get it" in done.stdout
    assert "through the folder" in done.stdout
    assert f"{ISSUE} is finished: 6 written to " in done.stdout
    assert f".pipeline/outbox/{ISSUE}; nothing was sent." in done.stdout
    assert "6 sent" not in done.stdout
    shown = enews(room, "mailing", "status", ISSUE).stdout
    assert "nothing is sent" in shown
    assert "100%  written" in shown
    files = sorted((room / ".pipeline" / "outbox").rglob("*.eml"))
    assert [file.name.partition("-")[2].removesuffix(".eml") for file in files] == PEOPLE
    mail = message_from_bytes(files[0].read_bytes())
    assert mail["To"] == PEOPLE[0]
    assert "subscriber.invalid" not in files[0].read_text()


def test_after_a_demo_a_mail_server_gets_it_all(room: Path) -> None:
    asked = enews(room, "mailing", "start", ISSUE)
    assert asked.returncode == 2
    assert "Write 6 messages into " in asked.stderr
    assert f".pipeline/outbox/{ISSUE}? No mail server is set (ENEWS_SMTP_URL)." in asked.stderr
    assert said(enews(room, "mailing", "start", ISSUE, "--yes", "--json"))["outbox"] is True
    with smtp_server() as server:
        refused = enews(room, "mailing", "start", ISSUE, url=server.url)
        assert "Send it to 6 subscribers?" in refused.stderr
        done = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert done.stdout.endswith(f"{ISSUE} is finished.\n6 sent\n")
        assert sorted(server.taken) == PEOPLE


def test_the_plan_says_who_is_left_out_and_why(room: Path) -> None:
    with open_store("", room / ".pipeline" / "ledger.sqlite") as store:
        gone = store.subscribers.find([PEOPLE[2]])[PEOPLE[2]]
        entry = Suppression(
            hash=salted_hash(gone.address, store.subscribers.salt),
            address=gone.address,
            reason=SuppressionReason.MANUAL,
            at=BEGAN,
        )
        assert store.subscribers.suppress([entry], "test") == 1
    plan = said(enews(room, "mailing", "start", ISSUE, "--dry-run", "--json"))
    assert plan == {
        "issue": ISSUE,
        "recipients": 5,
        "languages": {"en": 5},
        "domains": {"example.org": 5},
        "left_out": [{"reason": "suppressed: never mailed", "count": 1, "examples": [PEOPLE[2]]}],
    }
    assert said(enews(room, "mailing", "status", "--json")) == []


def test_without_a_terminal_nobody_is_asked_and_nothing_is_sent(room: Path) -> None:
    with smtp_server() as server:
        done = enews(room, "mailing", "start", ISSUE, url=server.url)
    assert done.returncode == 2
    assert "Send it to 6 subscribers? Nobody can be asked here: say --yes" in done.stderr
    assert server.taken == []
    assert "No mailing was started yet" in enews(room, "mailing", "status").stdout


def test_a_draft_and_a_changed_message_are_refused(room: Path) -> None:
    built = said(
        enews(room, "issue", "build", "--special", "A day", "--json", now="2017-08-01T12:00+02:00")
    )
    done = enews(room, "mailing", "start", built["id"], "--yes")
    assert done.returncode == 1
    assert "is a draft, and only what was released is sent" in done.stderr
    message = room / "content" / "issues" / f"{ISSUE}.eml"
    message.write_bytes(message.read_bytes().replace(b"Desk", b"Disk", 1))
    done = enews(room, "mailing", "start", ISSUE, "--yes")
    assert done.returncode == 3
    assert "this message was released: restore the file" in done.stderr


def test_a_test_goes_to_one_address_and_into_no_ledger(room: Path) -> None:
    with smtp_server() as server:
        done = enews(
            room, "mailing", "start", ISSUE, "--test", "editor@example.net", url=server.url
        )
        assert done.returncode == 0, done.stderr
        assert server.taken == ["editor@example.net"]
    assert said(enews(room, "mailing", "status", "--json")) == []
    with smtp_server(Fault("refuse")) as server:
        done = enews(
            room, "mailing", "start", ISSUE, "--test", "editor@example.net", url=server.url
        )
        assert done.returncode == 1
        assert "was not taken" in done.stderr
    done = enews(room, "mailing", "start", ISSUE, "--test", "editor@\r\nexample.net")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("fault", "words"), [("garbage", "not a reply: what?"), ("drop-before-data", "connection lost")]
)
def test_a_test_tells_what_the_server_did(room: Path, fault: str, words: str) -> None:
    command = ("mailing", "start", ISSUE, "--test", "editor@example.net")
    with smtp_server(Fault(fault)) as server:
        done = enews(room, *command, url=server.url)
    assert done.returncode == 1
    assert words in done.stdout
    assert "was not taken" in done.stderr


def test_every_question_afterwards_has_an_answer(room: Path) -> None:
    faults = (Fault("refuse", recipient=PEOPLE[1]), Fault("drop-after-data", recipient=PEOPLE[2]))
    with smtp_server(*faults) as server:
        done = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert done.returncode == 0, done.stderr
        assert "4 sent, 1 failed, 1 uncertain" in done.stdout
        (status,) = said(enews(room, "mailing", "status", "--json"))
        assert status["state"] == "finished"
        assert (status["sent"], status["failed"], status["uncertain"]) == (4, 1, 1)
        assert status["due"] is None
        assert status["workers"] == 0
        by_state = enews(room, "mailing", "who", ISSUE, "Failed")
        assert PEOPLE[1] in by_state.stdout
        assert "550 5.1.1" in by_state.stdout
        (row,) = said(enews(room, "mailing", "who", PEOPLE[2], "--json"))
        assert row["state"] == "uncertain"
        took = {message.recipient: message.message_id for message in server.messages}
        assert row["message_id"] == took[PEOPLE[2]]
        assert "5 deliveries" not in by_state.stderr
    with smtp_server() as server:
        again = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert "nothing to do" in again.stdout
        assert server.taken == []
        retry = enews(room, "mailing", "retry", ISSUE, "--uncertain", "--yes", url=server.url)
        assert retry.returncode == 0, retry.stderr
        assert server.taken == [PEOPLE[2]]
        assert server.messages[0].message_id == took[PEOPLE[2]]
        nothing = enews(room, "mailing", "retry", ISSUE, "--uncertain", "--yes", url=server.url)
        assert "Nothing to do" in nothing.stdout


def test_a_refused_sender_pauses_it_with_the_servers_words_and_resume_goes_on(room: Path) -> None:
    with smtp_server(Fault("sender")) as server:
        done = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert done.returncode == 1
        assert "is paused: the server refused at MAIL FROM: 550" in done.stdout
    shown = enews(room, "mailing", "status", ISSUE).stdout
    assert "paused" in shown
    assert "enews mailing resume letter/2017-01" in shown
    with smtp_server() as server:
        assert enews(room, "mailing", "resume", ISSUE, url=server.url).returncode == 0
        assert sorted(server.taken) == PEOPLE


def test_no_server_is_a_clear_error_and_nothing_is_lost(room: Path) -> None:
    with smtp_server() as server:
        url = server.url
    done = enews(room, "mailing", "start", ISSUE, "--yes", "--no-wait", url=url)
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr
    with smtp_server() as server:
        assert enews(room, "mailing", "start", ISSUE, "--yes", url=server.url).returncode == 0
        assert sorted(server.taken) == PEOPLE


def test_pause_schedule_and_cancel(room: Path) -> None:
    at = enews(room, "mailing", "start", ISSUE, "--yes", "--at", "2099-01-01T09:00")
    assert "is scheduled for" in at.stdout
    assert enews(room, "worker", "--once").returncode == 0
    (status,) = said(enews(room, "mailing", "status", "--json"))
    assert (status["state"], status["begins"], status["queued"]) == (
        "scheduled",
        "2099-01-01T08:00:00+00:00",
        6,
    )
    assert enews(room, "mailing", "pause", ISSUE, "--reason", "lunch").returncode == 0
    shown = enews(room, "mailing", "status").stdout
    assert "lunch" in shown
    assert "begins 2099-01-01 09:00 CET" in shown
    assert enews(room, "mailing", "cancel", ISSUE).returncode == 2
    cancelled = enews(room, "mailing", "cancel", ISSUE, "--yes")
    assert "6 subscribers did not get it" in cancelled.stdout
    for command in ("resume", "cancel"):
        done = enews(room, "mailing", command, ISSUE)
        assert done.returncode == 1
        assert "was cancelled on 2" in done.stderr
        assert f"To begin anew: enews mailing start {ISSUE}" in done.stderr
        assert "say --yes" not in done.stderr
    shown = enews(room, "mailing", "status").stdout
    assert "6   100%  queued  never sent" in shown
    assert "never sent" in enews(room, "mailing", "who", PEOPLE[0]).stdout
    with smtp_server() as server:
        anew = enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
        assert anew.returncode == 0, anew.stderr
        assert "cancelled before anybody got it: this one begins anew" in anew.stdout
        assert sorted(server.taken) == PEOPLE


def test_times_are_the_newsrooms_and_are_never_over(room: Path) -> None:
    late = enews(room, "mailing", "start", ISSUE, "--yes", "--at", "2017-07-01T09:00")
    assert late.returncode == 2
    assert "--at 2017-07-01 09:00 CEST is in the past" in late.stderr
    assert said(enews(room, "mailing", "status", "--json")) == []
    at = enews(room, "mailing", "start", ISSUE, "--at", "2099-01-01T09:00")
    assert "into " in at.stderr
    assert " on 2099-01-01 09:00 CET? No mail server" in at.stderr
    at = enews(room, "mailing", "start", ISSUE, "--yes", "--at", "2099-01-01T09:00")
    assert "is scheduled for 2099-01-01 09:00 CET." in at.stdout
    at = enews(room, "mailing", "start", ISSUE, "--at", "2099-07-01T08:30-00:00")
    assert "is scheduled for 2099-07-01 10:30 CEST." in at.stdout
    (status,) = said(enews(room, "mailing", "status", "--json"))
    assert status["begins"] == "2099-07-01T08:30:00+00:00"


def test_a_scheduled_one_waits_for_its_time_unless_an_editor_says_now(room: Path) -> None:
    with smtp_server() as server:
        enews(room, "mailing", "start", ISSUE, "--yes", "--at", "2099-01-01T09:00", url=server.url)
        enews(room, "mailing", "pause", ISSUE, url=server.url)
        back = enews(room, "mailing", "resume", ISSUE, url=server.url)
        assert "is scheduled for 2099-01-01 09:00 CET." in back.stdout
        assert f"now: enews mailing resume {ISSUE} --now" in back.stdout
        assert server.taken == []
        done = enews(room, "mailing", "resume", ISSUE, "--now", url=server.url)
        assert done.returncode == 0, done.stderr
        assert sorted(server.taken) == PEOPLE
        again = enews(room, "mailing", "start", ISSUE, "--at", "2099-02-01T09:00", url=server.url)
        assert again.returncode == 1
        assert "is finished since" in again.stderr
        gone = enews(room, "mailing", "cancel", ISSUE, url=server.url)
        assert gone.returncode == 1
        assert "nothing is left to cancel" in gone.stderr


def test_who_is_suppressed_by_now_is_not_tried_again(room: Path) -> None:
    faults = [Fault("refuse", recipient=address) for address in PEOPLE[:2]]
    with smtp_server(*faults) as server:
        enews(room, "mailing", "start", ISSUE, "--yes", url=server.url)
    restored = enews(room, "subscriber", "restore", PEOPLE[0], "--consent", "they wrote")
    assert restored.returncode == 0, restored.stderr
    with smtp_server() as server:
        done = enews(room, "mailing", "retry", ISSUE, "--failed", "--yes", url=server.url)
        assert "1 of them left or is suppressed by now, and stays so." in done.stderr
        assert server.taken == [PEOPLE[0]]


def test_a_follower_is_told_why_it_ends(room: Path) -> None:
    enews(room, "mailing", "start", ISSUE, "--yes", "--at", "2099-01-01T09:00")
    enews(room, "mailing", "pause", ISSUE, "--reason", "lunch")
    done = enews(room, "mailing", "status", "--follow")
    assert done.returncode == 0
    assert done.stdout.endswith(f"{ISSUE} is paused: lunch.\n")


def test_every_command_has_its_whole_line_of_help(room: Path) -> None:
    assert "..." not in enews(room, "mailing", "--help").stdout.partition("Commands:")[2]


def test_what_stands_in_dns_for_people_and_for_scripts(room: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    pem = generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (room / "mail.pem").write_bytes(pem)
    env = environment(ENEWS_DKIM_KEYS="mail:mail.pem")
    (record,) = said(call(room, "mailing", "dkim", "--json", env=env))
    assert record["name"] == "mail._domainkey.news.example.org"
    assert record["text"] == "".join(record["strings"])
    assert record["text"].startswith("v=DKIM1; k=rsa; p=")
    assert [len(string) for string in record["strings"]] == [255, 155]
    shown = call(room, "mailing", "dkim", env=env).stdout
    assert " ".join(f'"{string}"' for string in record["strings"]) in shown


def test_a_worker_sends_what_is_due(room: Path) -> None:
    with smtp_server() as server:
        enews(room, "mailing", "start", ISSUE, "--yes", "--at", "2099-01-01T09:00", url=server.url)
        later = "2099-01-01T10:00+01:00"
        done = enews(room, "worker", "--once", url=server.url, now=later)
        assert done.returncode == 0, done.stderr
        counts = "6 sent, 0 deferred, 0 failed, 0 uncertain, of 6"
        assert done.stdout == f"{ISSUE} is finished: {counts}\n"
        assert sorted(server.taken) == PEOPLE


def test_a_worker_tells_totals_and_of_a_folder_that_nothing_was_sent(room: Path) -> None:
    later = "2099-01-01T10:00+01:00"
    enews(room, "mailing", "start", ISSUE, "--yes", "--at", "2099-01-01T09:00")
    with smtp_server() as server:
        refused = enews(room, "worker", "--once", url=server.url, now=later)
        assert refused.stderr.startswith(f"{ISSUE} was only written into a folder")
        assert server.taken == []
    done = enews(room, "worker", "--once", now=later)
    assert "6 written, 0 deferred, 0 failed, 0 uncertain, of 6" in done.stdout
    assert f".pipeline/outbox/{ISSUE}; nothing was sent." in done.stdout


def test_a_restored_backup_sends_nothing_again(room: Path) -> None:
    state = room / ".pipeline"
    with smtp_server(Fault("greylist", recipient=PEOPLE[0])) as server:
        first = enews(room, "mailing", "start", ISSUE, "--yes", "--no-wait", url=server.url)
        assert first.returncode == 0, first.stderr
        backup = room / "backup"
        backup.mkdir()
        for file in state.glob("ledger.sqlite*"):
            if file.is_file():
                shutil.copy(file, backup)
        enews(room, "mailing", "resume", ISSUE, url=server.url)
        assert sorted(server.taken) == PEOPLE
        for file in state.glob("ledger.sqlite*"):
            if file.is_file():
                file.unlink()
        for file in backup.iterdir():
            shutil.copy(file, state)
        again = enews(room, "mailing", "resume", ISSUE, url=server.url)
        assert again.returncode == 1
        assert "the database is an older copy" in again.stderr
        assert "--late" in again.stderr
        assert sorted(server.taken) == PEOPLE
