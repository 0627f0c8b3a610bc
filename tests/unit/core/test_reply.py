"""What follows from a server's answer."""

import pytest

from pipeline.core.reply import Reply, Stage, Verdict, verdict


@pytest.mark.parametrize(
    ("stage", "code", "status", "text", "expected"),
    [
        (Stage.CONTENT, 250, "2.0.0", "Ok: queued", Verdict.SENT),
        (Stage.CONTENT, 0, "", "connection lost", Verdict.UNCERTAIN),
        (Stage.DATA, 0, "", "connection lost", Verdict.DEFERRED),
        (Stage.RECIPIENT, 0, "", "connection lost", Verdict.DEFERRED),
        (Stage.RECIPIENT, 450, "4.7.1", "greylisted", Verdict.DEFERRED),
        (Stage.CONTENT, 451, "", "try later", Verdict.DEFERRED),
        (Stage.CONTENT, 421, "4.3.2", "closing", Verdict.DEFERRED),
        (Stage.SENDER, 452, "4.3.1", "no space", Verdict.DEFERRED),
        (Stage.RECIPIENT, 550, "5.1.1", "no such user", Verdict.FAILED),
        (Stage.RECIPIENT, 550, "", "go away", Verdict.FAILED),
        (Stage.RECIPIENT, 553, "5.6.7", "needs SMTPUTF8", Verdict.FAILED),
        (Stage.RECIPIENT, 530, "5.7.0", "login first", Verdict.STOPPED),
        (Stage.SENDER, 550, "5.7.1", "not your domain", Verdict.STOPPED),
        (Stage.SENDER, 552, "5.3.4", "too big", Verdict.STOPPED),
        (Stage.CONTENT, 554, "5.7.1", "looks like spam", Verdict.STOPPED),
        (Stage.CONTENT, 554, "", "no", Verdict.STOPPED),
        (Stage.CONTENT, 550, "5.1.1", "no such user", Verdict.FAILED),
        (Stage.DATA, 552, "5.2.2", "mailbox full", Verdict.FAILED),
        (Stage.DATA, 503, "5.5.1", "bad sequence", Verdict.STOPPED),
    ],
)
def test_verdict(stage: Stage, code: int, status: str, text: str, expected: Verdict) -> None:
    assert verdict(Reply(stage, code, status, text)) is expected


def test_only_an_answer_of_the_recipients_own_counts_as_a_try() -> None:
    assert Reply(Stage.RECIPIENT, 450).counts
    assert not Reply(Stage.RECIPIENT, 421).counts
    assert not Reply(Stage.DATA, 0).counts


@pytest.mark.parametrize(
    ("code", "status", "slows"),
    [
        (421, "", True),
        (452, "", True),
        (452, "4.3.1", True),
        (452, "4.5.3", True),
        (452, "4.2.2", False),
        (451, "4.3.2", True),
        (450, "4.7.1", False),
        (250, "", False),
    ],
)
def test_slows(code: int, status: str, slows: bool) -> None:
    assert Reply(Stage.CONTENT, code, status).slows is slows


def test_words_are_those_of_the_server_once_each() -> None:
    assert (
        Reply(Stage.CONTENT, 550, "5.1.1", "5.1.1 No such user").words == "550 5.1.1 No such user"
    )
    assert Reply(Stage.CONTENT, 550, "5.1.1", "No such user").words == "550 5.1.1 No such user"
    assert Reply(Stage.CONTENT, 0, "", "connection lost").words == "connection lost"
