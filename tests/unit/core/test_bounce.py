"""What a refusal says of an address, and when an address is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.bounce import SAID_MOST, Bounce, BounceKind, due_suppression, kind_of
from pipeline.core.suppression import SuppressionReason

HARD, SOFT, POLICY = BounceKind.HARD, BounceKind.SOFT, BounceKind.POLICY
COMPLAINT, UNKNOWN = BounceKind.COMPLAINT, BounceKind.UNKNOWN
DAY_1 = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("5.1.1", HARD),
        ("5.1.2", SOFT),
        ("5.1.3", HARD),
        ("5.1.4", SOFT),
        ("5.1.6", HARD),
        ("5.1.7", POLICY),
        ("5.1.8", POLICY),
        ("5.1.10", HARD),
        ("5.2.1", HARD),
        ("5.2.2", SOFT),
        ("5.2.3", SOFT),
        ("5.2.4", SOFT),
        ("5.3.1", SOFT),
        ("5.3.2", SOFT),
        ("5.3.4", POLICY),
        ("5.4.1", SOFT),
        ("5.4.4", SOFT),
        ("5.4.310", SOFT),
        ("5.6.0", POLICY),
        ("5.6.7", POLICY),
        ("5.7.0", POLICY),
        ("5.7.1", POLICY),
        ("5.7.26", POLICY),
        ("4.1.1", SOFT),
        ("4.2.1", SOFT),
        ("4.2.2", SOFT),
        ("4.4.7", SOFT),
        ("4.7.0", POLICY),
        ("5.0.0", UNKNOWN),
        ("5.1.0", UNKNOWN),
        ("5.5.2", UNKNOWN),
        ("2.1.5", UNKNOWN),
        ("5", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_the_enhanced_code_says_it_alone(status: str, kind: BounceKind) -> None:
    assert kind_of(0, status, "") is kind


@pytest.mark.parametrize(
    ("code", "status", "said", "kind"),
    [
        # Codes that a provider uses for something else than the registry says.
        (550, "5.2.1", "The user you are trying to contact is receiving mail too quickly.", SOFT),
        (550, "5.2.1", "is receiving mail at a rate that prevents delivery", SOFT),
        (550, "5.2.1", "The email account that you tried to reach is disabled.", HARD),
        (550, "5.1.1", "Mailbox full, message refused", SOFT),
        (550, "5.1.1", "Rejected: your network is on our block list", POLICY),
        (554, "5.1.1", "sender listed at zen.dnsbl.example.org", POLICY),
        (550, "5.4.1", "Recipient address rejected: Access denied.", SOFT),
        (550, "5.7.1", "No such user here", POLICY),
        (450, "5.1.1", "User unknown in local recipient table", SOFT),
        (450, "4.7.1", "Greylisted, please try again in 300 seconds", SOFT),
        (421, "4.7.0", "Our system has detected an unusual rate of spam", POLICY),
        # Names are not words.
        (550, "5.1.1", "<spam-desk@example.org>: Recipient address unknown", HARD),
        (550, "5.1.1", "host relay.mail.example.org said: user unknown", HARD),
        # Of which not every word is one of policy or time.
        (550, "5.1.1", "address rejected: User unknown in relay recipient table", HARD),
        (550, "5.1.1", "Address does not exist, see our policy page", HARD),
        (550, "5.1.1", "User unknown, see https://mail.example.org/spam?why=blocked", HARD),
        (550, "5.2.1", "Mailbox blocked: user no longer exists", HARD),
        (550, "5.1.1", "Unknown user. Connection will be closed", HARD),
        (550, "5.2.1", "Mailbox blocked", POLICY),
        (550, "", "Address does not exist, see our policy page", POLICY),
        (550, "5.1.1", "User unknown, connection refused", SOFT),
        (550, "5.1.1", "User unknown, you may not relay", POLICY),
        (550, "", "relay access denied", POLICY),
        (0, "", "connection timed out", SOFT),
        # No code of three numbers, or one that says nothing.
        (550, "", "User unknown", HARD),
        (550, "5.0.0", "No such user here", HARD),
        (550, "5.5.0", "Requested action not taken: mailbox unavailable", HARD),
        (450, "", "Requested mail action not taken: mailbox unavailable", SOFT),
        (554, "", "delivery error: dd This user doesn't have a example.org account", HARD),
        (550, "", "sorry, no mailbox here by that name (#5.1.1)", HARD),
        (550, "", "mailbox not found", HARD),
        (550, "", "Benutzer: Empfänger unbekannt", HARD),
        (0, "5.0.0", "User wren (wren@example.org) not listed in Domino Directory", HARD),
        (0, "", "The account has been disabled or discontinued", HARD),
        (552, "", "", SOFT),
        (552, "", "Over quota", SOFT),
        (550, "", "user has exceeded their storage allocation", SOFT),
        (552, "", "Message size exceeds fixed limit", POLICY),
        (0, "5.0.0", "Unrouteable address", SOFT),
        (0, "", "retry timeout exceeded", SOFT),
        (0, "", "Host or domain name not found. Name service error", SOFT),
        (550, "", "Mail appears to be unsolicited", POLICY),
        (554, "", "Reject due to policy restrictions", POLICY),
        (550, "", "Relaying denied", POLICY),
        (550, "", "SPF check failed, no such user", POLICY),
        (451, "", "", SOFT),
        (550, "", "", UNKNOWN),
        (554, "", "Transaction failed", UNKNOWN),
    ],
)
def test_words_and_codes(code: int, status: str, said: str, kind: BounceKind) -> None:
    assert kind_of(code, status, said) is kind


@pytest.mark.parametrize("word", ["spam", "blocked", "policy", "DKIM", "access denied", "virus"])
@pytest.mark.parametrize("status", ["", "5.0.0", "5.1.1", "5.2.1", "5.1.10"])
def test_nothing_is_gone_for_a_word_of_policy(status: str, word: str) -> None:
    assert kind_of(550, status, f"user unknown ({word})") is not HARD


@pytest.mark.parametrize("end", ["a" * 10**6, "a." * 10**6, "@" * 10**6, "user " * 10**6])
def test_a_long_reply_is_not_read_to_its_end(end: str) -> None:
    assert kind_of(550, "", f"{'x' * SAID_MOST}user unknown{end}") is UNKNOWN
    assert kind_of(550, "", f"user unknown {end}") is HARD


def bounce(mailing: int, day: float, kind: BounceKind = SOFT, key: str = "") -> Bounce:
    return Bounce(
        key=key or f"{mailing}/{day}",
        subscriber=1,
        mailing=mailing,
        at=DAY_1 + timedelta(days=day),
        kind=kind,
        source="pipe",
    )


def test_a_hard_bounce_or_a_complaint_is_enough() -> None:
    assert due_suppression([bounce(1, 0, HARD)], ()) is SuppressionReason.HARD_BOUNCE
    assert due_suppression([bounce(1, 0, COMPLAINT)], ()) is SuppressionReason.COMPLAINT
    late = [bounce(2, 9), bounce(1, 0, HARD)]
    assert due_suppression(late, {1, 2}) is SuppressionReason.HARD_BOUNCE


@pytest.mark.parametrize("kind", [POLICY, UNKNOWN])
def test_what_says_nothing_of_an_address_never_suppresses_it(kind: BounceKind) -> None:
    assert due_suppression([bounce(day, day, kind) for day in range(1, 60)], ()) is None


def test_nothing_comes_of_nothing() -> None:
    assert due_suppression([], {1, 2}) is None


@pytest.mark.parametrize(
    ("days", "due"),
    [
        ([0, 8], False),
        ([0, 1, 2], False),
        ([0, 3, 6.9], False),
        ([0, 3, 7], True),
        ([0, 30, 60], True),
        ([0, 1, 2, 3, 4, 5, 6, 7], True),
    ],
)
def test_soft_ones_need_three_in_a_row_over_a_week(days: list[float], *, due: bool) -> None:
    reports = [bounce(number, day) for number, day in enumerate(days, 1)]
    expected = SuppressionReason.SOFT_BOUNCES if due else None
    assert due_suppression(reports, ()) is expected
    assert due_suppression(reports[::-1], ()) is expected


def test_a_mail_that_arrived_in_between_begins_the_row_anew() -> None:
    reports = [bounce(1, 0), bounce(2, 10), bounce(4, 30)]
    assert due_suppression(reports, {3}) is None
    assert due_suppression([*reports, bounce(5, 40)], {3}) is None
    six = [*reports, bounce(5, 40), bounce(6, 50)]
    assert due_suppression(six, {3}) is SuppressionReason.SOFT_BOUNCES


def test_a_mail_that_a_relay_took_and_sent_back_later_did_not_arrive() -> None:
    reports = [bounce(1, 0), bounce(2, 10), bounce(3, 30)]
    assert due_suppression(reports, {1, 2, 3}) is SuppressionReason.SOFT_BOUNCES
    sent_back = [bounce(1, 0), bounce(2, 10, POLICY), bounce(3, 20), bounce(4, 30)]
    assert due_suppression(sent_back, {1, 2, 3, 4}) is SuppressionReason.SOFT_BOUNCES


def test_a_mail_after_the_last_bounce_may_still_come_back() -> None:
    reports = [bounce(1, 0), bounce(2, 10), bounce(3, 30)]
    assert due_suppression(reports, {4}) is SuppressionReason.SOFT_BOUNCES


def test_two_reports_of_one_mail_count_once() -> None:
    reports = [bounce(1, 0), bounce(1, 4), bounce(2, 9)]
    assert due_suppression(reports, ()) is None


def test_reports_of_nobody_knows_which_mail() -> None:
    reports = [bounce(0, 0), bounce(0, 4), bounce(0, 9)]
    assert due_suppression(reports, ()) is SuppressionReason.SOFT_BOUNCES
    assert due_suppression([*reports[:2], bounce(7, 9)], {3}) is None
    assert due_suppression([*reports[:2], bounce(7, 9)], {8}) is SuppressionReason.SOFT_BOUNCES
