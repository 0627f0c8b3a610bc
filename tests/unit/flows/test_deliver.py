"""A round of sending over the ledger in memory."""

from collections import Counter
from datetime import timedelta
from itertools import count

import pytest

from pipeline.core.bounce import BounceKind
from pipeline.core.delivery import DeliveryState, Tally
from pipeline.core.mailing import MailingState
from pipeline.core.portion import LEAST, MOST
from pipeline.core.reply import Reply, Stage
from pipeline.core.sending import Sending
from pipeline.core.suppression import Suppression, SuppressionReason
from pipeline.errors import FencedError
from pipeline.flows.deliver import DOUBTS_FIRST, DOUBTS_MOST, REFUSALS_FIRST, REFUSALS_MOST
from pipeline.ports.sending import Letter
from tests.post_desk import BEGAN, GREYLISTED, ISSUE, LOST, NO_USER, OK, PostDesk

ADA, BOB, CAT = "ada@example.org", "bob@example.com", "cat@example.net"


def many(count: int, domain: str = "example.org") -> list[str]:
    return [f"reader-{number}@{domain}" for number in range(count)]


def test_everyone_gets_one_and_the_mailing_is_finished() -> None:
    desk = PostDesk(many(3 * MOST + 7))
    going = desk.round()
    desk.carry(going)
    assert going.close()
    assert desk.accepted == Counter(many(3 * MOST + 7))
    assert desk.tally == Tally(sent=3 * MOST + 7)
    assert desk.state is MailingState.FINISHED
    assert going.progress.sent == 3 * MOST + 7
    found = desk.store.ledger.mailing(ISSUE)
    assert found is not None
    assert desk.tokens.steps == {ISSUE: found.steps}
    assert 0 < desk.tokens.lasting[ISSUE] < found.steps


def test_greylisted_ones_are_tried_again_when_they_are_due() -> None:
    desk = PostDesk([ADA, BOB])
    tries: list[tuple[str, float]] = []

    def answer(letter: Letter) -> Reply:
        tries.append((letter.recipient, desk.clock.now - BEGAN.timestamp()))
        return GREYLISTED if letter.recipient == ADA and len(tries) < 4 else OK

    going = desk.round()
    desk.carry(going, answer)
    assert going.close()
    times = [at for who, at in tries if who == ADA]
    assert times == [
        pytest.approx(0, abs=1),
        pytest.approx(300, abs=6),
        pytest.approx(1200, abs=12),
    ]
    assert desk.tally == Tally(sent=2)


def test_without_waiting_a_round_ends_and_tells_when_the_next_try_is_due() -> None:
    desk = PostDesk([ADA, BOB])
    going = desk.round(wait=False)
    desk.carry(going, lambda letter: GREYLISTED if letter.recipient == ADA else OK)
    assert not going.close()
    assert desk.tally == Tally(sent=1, deferred=1)
    assert going.progress.waits == pytest.approx(BEGAN.timestamp() + 300, abs=1)
    assert desk.state is MailingState.RUNNING


def test_given_up_after_the_limit_of_hours() -> None:
    desk = PostDesk([ADA])
    going = desk.round()
    desk.carry(going, lambda _: GREYLISTED)
    assert going.close()
    (row,) = desk.store.ledger.deliveries()
    assert row.state is DeliveryState.FAILED
    assert row.said == "given up after 2 hours: greylisted"
    assert row.at is not None
    assert timedelta(hours=2) <= row.at - BEGAN < timedelta(hours=2.5)


def test_one_refused_recipient_fails_alone_and_counts_as_a_bounce() -> None:
    desk = PostDesk([ADA, BOB, CAT])
    going = desk.round()
    desk.carry(going, lambda letter: NO_USER if letter.recipient == BOB else OK)
    assert going.close()
    assert desk.tally == Tally(sent=2, failed=1)
    (bounce,) = desk.bounces
    assert (bounce.kind, bounce.subscriber, bounce.source) == (BounceKind.HARD, 2, "smtp")
    assert desk.store.subscribers.bounces(2) == (bounce,)


def test_an_address_that_cannot_be_written_stops_nobody() -> None:
    desk = PostDesk(["bad@example.org", ADA])
    going = desk.round()
    desk.carry(going)
    assert going.close()
    assert desk.tally == Tally(sent=1, failed=1)
    (row,) = desk.store.ledger.deliveries(states=[DeliveryState.FAILED])
    assert "cannot be written" in row.said


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(Stage.SENDER, 550, "5.7.1", "not yours"),
            "refused at MAIL FROM: 550 5.7.1 not yours",
        ),
        (Reply(Stage.CONTENT, 554, "5.7.1", "spam"), "refused at content: 554 5.7.1 spam"),
    ],
)
def test_a_refused_sender_or_content_pauses_the_mailing_and_says_so(
    reply: Reply, words: str
) -> None:
    desk = PostDesk(many(50))
    going = desk.round()
    desk.carry(going, lambda _: reply)
    assert not going.close()
    assert desk.state is MailingState.PAUSED
    assert words in desk.reason
    assert words in going.progress.stopped
    assert desk.tally.failed == 0
    desk.store.ledger.move(desk.mailing.id, [MailingState.PAUSED], MailingState.RUNNING, "", BEGAN)
    again = desk.round()
    desk.carry(again)
    assert again.close()
    assert desk.accepted == Counter(many(50))


def test_a_server_that_refuses_everyone_for_what_we_are_is_not_asked_for_ever() -> None:
    desk = PostDesk(many(200))
    going = desk.round()
    desk.carry(going, lambda _: Reply(Stage.RECIPIENT, 554, "5.7.1", "relay access denied"))
    going.close()
    assert desk.tally.failed == REFUSALS_MOST
    assert desk.state is MailingState.PAUSED
    assert "enews mailing retry weekly/2017-05 --failed" in desk.reason


@pytest.mark.parametrize(("accepted", "most"), [(0, REFUSALS_FIRST), (30, REFUSALS_MOST)])
def test_a_server_that_has_lost_its_list_suppresses_nobody(accepted: int, most: int) -> None:
    desk = PostDesk(many(200))
    numbers = count()
    going = desk.round()
    desk.carry(going, lambda _: OK if next(numbers) < accepted else NO_USER)
    late = going.progress
    assert not going.close()
    assert desk.state is MailingState.PAUSED
    assert f"called {most} recipients in a row unknown" in desk.reason
    assert "enews mailing retry weekly/2017-05 --failed" in late.stopped
    assert desk.bounces == []
    assert desk.tally == Tally(sent=accepted, failed=most, queued=200 - accepted - most)


def test_what_comes_back_of_a_storm_afterwards_is_not_believed_either() -> None:
    desk = PostDesk(many(200))
    going = desk.round()
    letters = [found for found in (going.next() for _ in range(10)) if isinstance(found, Letter)]
    for letter in letters:
        going.commit([], [(letter, NO_USER if letter is not letters[-1] else OK)])
    going.close()
    assert len(letters) == 10
    assert desk.bounces == []
    assert going.progress.stopped == desk.reason


@pytest.mark.parametrize(("readers", "believed"), [(1, 1), (2, 0), (4, 0)])
def test_of_a_few_of_whom_none_was_taken_only_a_single_one_is_believed(
    readers: int, believed: int
) -> None:
    desk = PostDesk(many(readers))
    going = desk.round()
    desk.carry(going, lambda _: NO_USER)
    assert going.close()
    assert desk.tally == Tally(failed=readers)
    assert len(desk.bounces) == believed


def test_those_refused_at_the_end_are_believed_where_others_were_taken() -> None:
    desk = PostDesk(many(10))
    numbers = count()
    going = desk.round()
    desk.carry(going, lambda _: OK if next(numbers) < 6 else NO_USER)
    assert going.close()
    assert [bounce.subscriber for bounce in desk.bounces] == [7, 8, 9, 10]


def test_a_lost_connection_after_the_last_byte_is_uncertain_and_never_repeated() -> None:
    desk = PostDesk([ADA, BOB])
    going = desk.round()
    desk.carry(going, lambda letter: LOST if letter.recipient == ADA else OK)
    assert going.close()
    assert desk.tally == Tally(sent=1, uncertain=1)
    again = desk.round()
    desk.carry(again)
    assert desk.accepted == {BOB: 1}


def test_a_letter_that_was_put_back_goes_first() -> None:
    desk = PostDesk([ADA, BOB, CAT])
    order: list[str] = []

    def answer(letter: Letter) -> Reply | None:
        order.append(letter.recipient)
        return None if order.count(BOB) == 1 and letter.recipient == BOB else OK

    going = desk.round()
    desk.carry(going, answer)
    assert going.close()
    assert order == [ADA, BOB, BOB, CAT]


def test_a_letter_that_was_put_back_counts_for_no_limit() -> None:
    desk = PostDesk([ADA, BOB], Sending(per_second=1))
    going = desk.round()
    letter = going.next()
    assert isinstance(letter, Letter)
    going.put_back(letter)
    assert going.next() == letter
    assert isinstance(going.next(), float)


@pytest.mark.parametrize("to", [MailingState.PAUSED, MailingState.CANCELLED])
def test_a_pause_is_noticed_within_a_second_and_rows_are_given_back(to: MailingState) -> None:
    desk = PostDesk(many(LEAST))

    def answer(letter: Letter) -> Reply:
        if letter.recipient.startswith("reader-10@"):
            desk.store.another().move(desk.mailing.id, [MailingState.RUNNING], to, "lunch", BEGAN)
        desk.clock.now += 0.2
        return OK

    going = desk.round()
    desk.carry(going, answer)
    assert not going.close()
    assert desk.state is to
    assert going.progress.stopped == "lunch"
    assert 11 <= desk.tally.sent <= 16
    assert desk.tally.queued == LEAST - desk.tally.sent
    assert desk.store.another().tally(desk.mailing.id).sending == 0


def test_a_dead_workers_claims_are_sent_and_what_it_was_sending_is_uncertain() -> None:
    desk = PostDesk(many(250))
    dead = desk.store.another()
    dying = desk.round(ledger=dead)
    desk.carry(dying, most=30)
    letter = dying.next()
    assert isinstance(letter, Letter)
    dying.commit([letter], [])
    dead.die()
    going = desk.round()
    desk.carry(going)
    assert going.close()
    assert desk.tally == Tally(sent=249, uncertain=1)
    assert set(desk.accepted.values()) == {1}
    with pytest.raises(FencedError):
        dying.commit([], [(letter, OK)])


def test_two_workers_share_and_never_overlap() -> None:
    desk = PostDesk(many(1000))
    one, two = desk.round(), desk.round(ledger=desk.store.another())
    while desk.tally.open:
        desk.carry(one, most=70)
        desk.carry(two, most=30)
    assert one.progress.sent > 0
    assert two.progress.sent > 0
    finished = [one.close(), two.close()]
    assert finished.count(True) == 1
    assert desk.accepted == Counter(many(1000))


@pytest.mark.parametrize(("seconds", "held"), [(0.0, MOST), (0.1, LEAST)])
def test_a_power_cut_finds_few_rows_of_a_slow_round_and_many_of_a_fast_one(
    seconds: float, held: int
) -> None:
    desk = PostDesk(many(3 * MOST))

    def answer(_: Letter) -> Reply:
        desk.clock.now += seconds
        return OK

    going = desk.round()
    desk.carry(going, answer, most=2 * MOST)
    before = desk.tally.sent
    desk.store.power_cut()
    desk.store.another().recover(BEGAN)
    assert held / 2 < desk.tally.uncertain <= held
    assert desk.tally.sent == before


def test_limits_hold_and_busy_domains_wait_alone() -> None:
    desk = PostDesk(
        many(10, "busy.example") + many(10, "other.example"), Sending(per_domain_per_minute=60)
    )
    began, when = desk.clock.now, {}

    def answer(letter: Letter) -> Reply:
        when[letter.recipient] = desk.clock.now - began
        return OK

    going = desk.round()
    desk.carry(going, answer)
    assert going.close()
    assert max(when.values()) == pytest.approx(9, abs=1)
    assert sorted(at for who, at in when.items() if "other" in who)[0] < 1


def test_who_leaves_meanwhile_gets_nothing() -> None:
    desk = PostDesk([ADA, BOB])
    desk.store.subscribers.erase(
        2, Suppression(hash="00", reason=SuppressionReason.ERASED, at=BEGAN)
    )
    going = desk.round()
    desk.carry(going)
    assert going.close()
    assert desk.tally == Tally(sent=1, suppressed=1)


def test_421_slows_down_and_is_no_try_of_the_recipients() -> None:
    desk = PostDesk([ADA])
    storm = iter([Reply(Stage.RECIPIENT, 421, "4.3.2", "busy")] * 3)
    going = desk.round()
    desk.carry(going, lambda _: next(storm, OK))
    assert going.close()
    (row,) = desk.store.ledger.deliveries()
    assert (row.state, row.attempts) == (DeliveryState.SENT, 1)


def test_a_mailing_of_which_nobody_knows_whether_it_arrives_is_stopped() -> None:
    desk = PostDesk(many(60))
    going = desk.round()
    desk.carry(going, lambda _: LOST)
    assert not going.close()
    assert desk.tally == Tally(queued=60 - DOUBTS_FIRST, uncertain=DOUBTS_FIRST)
    assert desk.state is MailingState.PAUSED
    assert "3 letters are uncertain, the last with: connection lost" in desk.reason
    desk.store.ledger.move(desk.mailing.id, [MailingState.PAUSED], MailingState.RUNNING, "", BEGAN)
    again = desk.round()
    desk.carry(again)
    assert desk.tally == Tally(sent=60 - DOUBTS_FIRST, uncertain=DOUBTS_FIRST)


@pytest.mark.parametrize(("every", "stops"), [(2, True), (5, True), (20, False)])
def test_some_letters_that_nobody_knows_of_stop_it_where_they_are_many(
    every: int, stops: bool
) -> None:
    desk = PostDesk(many(1000))
    numbers = count(1)
    desk.carry(desk.round(), lambda _: OK if next(numbers) % every else LOST)
    assert (desk.state is MailingState.PAUSED) is stops
    assert desk.tally.uncertain <= (2 * DOUBTS_MOST if stops else 50)
