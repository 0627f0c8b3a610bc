"""When a delivery is tried again, and when it is given up."""

import pytest

from pipeline.core.delivery import Claim, DeliveryState
from pipeline.core.reply import Reply, Stage
from pipeline.core.retrying import SAID_MOST, SOON, settled, wait
from pipeline.core.sending import Sending

SENDING = Sending(retry_minutes=(5, 15, 60), retry_hours=48)
AT = 1_500_000_000.0
GREYLISTED = Reply(Stage.RECIPIENT, 450, "4.7.1", "come back")


def claim(attempts: int = 0, first: float = 0.0) -> Claim:
    return Claim(7, 3, "ada@example.org", "Ada", "en", attempts, first)


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 5), (1, 15), (2, 60), (3, 60), (1000, 60)])
def test_waits_follow_the_newsrooms_list_and_its_last_one_stays(
    attempts: int, minutes: float
) -> None:
    assert wait(attempts, SENDING, counts=True, chance=0.5) == minutes * 60


def test_waits_are_spread_by_a_fifth() -> None:
    assert wait(0, SENDING, counts=True, chance=0.0) == pytest.approx(240)
    assert wait(0, SENDING, counts=True, chance=1.0) == pytest.approx(360)


def test_a_try_that_says_nothing_of_the_recipient_is_made_again_soon() -> None:
    assert wait(2, SENDING, counts=False, chance=0.5) == SOON
    quick = Sending(retry_minutes=(0.01,))
    assert wait(0, quick, counts=False, chance=0.5) == pytest.approx(0.6)


def test_deferred_until_the_limit_of_hours_then_failed_with_the_reason() -> None:
    found = settled(claim(1, AT - 47 * 3600), GREYLISTED, SENDING, at=AT, chance=0.5)
    assert (found.state, found.due) == (DeliveryState.DEFERRED, AT + 15 * 60)
    assert found.counts
    found = settled(claim(9, AT - 48 * 3600), GREYLISTED, SENDING, at=AT, chance=0.5)
    assert found.state is DeliveryState.FAILED
    assert found.said == "given up after 48 hours: come back"
    assert (found.code, found.status) == (450, "4.7.1")


def test_a_row_of_a_stopped_mailing_is_due_at_once_when_it_goes_on() -> None:
    refused = Reply(Stage.SENDER, 550, "5.7.1", "not your domain")
    found = settled(claim(), refused, SENDING, at=AT, chance=0.5)
    assert (found.state, found.due, found.counts) == (DeliveryState.DEFERRED, AT, False)
    assert not found.tried


@pytest.mark.parametrize("reply", [GREYLISTED, Reply(Stage.CONNECT, 0, "", "lost")])
def test_with_any_other_reply_the_hours_begin(reply: Reply) -> None:
    assert settled(claim(), reply, SENDING, at=AT, chance=0.5).tried


def test_final_states_keep_code_and_words() -> None:
    sent = settled(claim(), Reply(Stage.CONTENT, 250, "2.0.0", "ok"), SENDING, at=AT, chance=0)
    assert (sent.state, sent.code, sent.status, sent.said) == (
        DeliveryState.SENT,
        250,
        "2.0.0",
        "ok",
    )
    lost = settled(claim(), Reply(Stage.CONTENT, 0, "", "lost"), SENDING, at=AT, chance=0)
    assert (lost.state, lost.due) == (DeliveryState.UNCERTAIN, 0)
    long = Reply(Stage.RECIPIENT, 550, "", "x" * 5000)
    assert len(settled(claim(), long, SENDING, at=AT, chance=0).said) == SAID_MOST
