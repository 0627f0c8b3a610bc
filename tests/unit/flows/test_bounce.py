"""What follows from bounces, complaints and whatever else arrives where they do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.core.address import salted_hash
from pipeline.core.bounce import Bounce, BounceKind
from pipeline.core.delivery import DeliveryState, Settled, message_id
from pipeline.core.links import Purpose, sign
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.report import Refused, Report, ReportKind
from pipeline.core.subscriber import (
    Change,
    Consent,
    ConsentAction,
    Subscriber,
    SubscriberState,
)
from pipeline.core.suppression import SuppressionReason
from pipeline.errors import StoreError
from pipeline.flows.bounce import Arrival, Desk, Outcome, Upshot, follow_bounce, take
from pipeline.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 6, 20, 9, tzinfo=UTC)
BEGAN = datetime(2026, 5, 29, 14, tzinfo=UTC)
KEY = b"a key that is long enough for a test"
GONE = Refused(addresses=("wren@example.net",), code=550, status="5.1.1", said="No such user")
FULL = Refused(addresses=("wren@example.net",), code=552, status="5.2.2", said="Mailbox full")
BLOCKED = Refused(addresses=("wren@example.net",), code=554, status="5.7.1", said="Blocked")
ODD = Refused(addresses=("wren@example.net",), code=550)


@dataclass
class Room:
    """A store with one subscriber, and mailings to her."""

    store: MemoryStore
    kept: dict[str, bytes] = field(default_factory=dict)
    signed: bool = True
    wren: int = 0
    numbers: int = 0

    @property
    def desk(self) -> Desk:
        return Desk(
            subscribers=self.store.subscribers,
            ledger=self.store.ledger,
            keys=[KEY],
            signed=self.signed,
            keep=self.kept.__setitem__,
        )

    def add(self, address: str = "wren@example.net") -> int:
        subscriber = Subscriber(
            address=address,
            newsletters=frozenset({"letter", "other"}),
            state=SubscriberState.ACTIVE,
            since=BEGAN,
        )
        consent = Consent(at=BEGAN, action=ConsentAction.CONFIRMED, how="form")
        return self.store.subscribers.save([Change(subscriber=subscriber, consent=consent)])[0].id

    def mailing(self, begins: datetime = BEGAN, *, sent: bool = True) -> int:
        """One more issue, sent to Wren, or refused."""
        ledger = self.store.ledger
        self.numbers += 1
        mailing = ledger.create(
            Mailing(
                issue=f"letter/2026-{self.numbers:02}",
                newsletter="letter",
                digest="d",
                state=MailingState.RUNNING,
                created=begins,
                begins=begins,
                since=begins,
            ),
            [self.wren],
        )
        (claim,) = ledger.claim(mailing.id, 10, begins.timestamp())
        state = DeliveryState.SENT if sent else DeliveryState.FAILED
        ledger.mark([claim.id], [])
        ledger.mark([], [Settled(claim.id, state, begins.timestamp(), 250)])
        return mailing.id

    def address(self, mailing: int, subscriber: int = 0) -> str:
        return f"<b+{sign(KEY, Purpose.BOUNCE, subscriber or self.wren, mailing)}@news.example.org>"

    def take(self, report: Report, now: datetime = NOW) -> Outcome:
        arrival = Arrival(raw=b"raw", report=report, source="pipe", now=now)
        (outcome,) = take(self.desk, arrival)
        return outcome

    def report(self, mailing: int, refused: Refused = GONE, day: float = 0) -> Report:
        """A report that came to the address which we signed."""
        self.numbers += 1
        return Report(
            key=f"report {self.numbers}",
            kind=ReportKind.BOUNCE,
            refused=(refused,),
            marks=(self.address(mailing),),
            at=BEGAN + timedelta(days=day),
        )

    @property
    def state(self) -> SubscriberState:
        wren = self.store.subscribers.get(self.wren)
        assert wren is not None
        return wren.state

    @property
    def bounces(self) -> tuple[Bounce, ...]:
        return self.store.subscribers.bounces(self.wren)

    @property
    def list(self) -> list[SuppressionReason]:
        return [entry.reason for entry in self.store.subscribers.suppressions()]


@pytest.fixture
def room() -> Iterator[Room]:
    with MemoryStore() as store:
        store.ledger.enter("test")
        found = Room(store)
        found.wren = found.add()
        yield found


def test_who_is_gone_is_suppressed_at_once(room: Room) -> None:
    mailing = room.mailing()
    outcome = room.take(room.report(mailing, day=1))
    assert (outcome.upshot, outcome.address) == (Upshot.HARD, "wren@example.net")
    assert outcome.suppression is not None
    assert outcome.suppression.hash == salted_hash("wren@example.net", room.store.subscribers.salt)
    assert (outcome.suppression.detail, outcome.suppression.at) == ("No such user", NOW)
    assert room.state is SubscriberState.SUPPRESSED
    assert room.list == [SuppressionReason.HARD_BOUNCE]
    (bounce,) = room.bounces
    assert bounce == Bounce(
        key=bounce.key,
        subscriber=room.wren,
        mailing=mailing,
        at=BEGAN + timedelta(days=1),
        kind=BounceKind.HARD,
        code=550,
        status="5.1.1",
        said="No such user",
        source="pipe",
    )
    assert "wren" not in bounce.key
    last = room.store.subscribers.consents(room.wren)[-1]
    assert (last.action, last.how) == (ConsentAction.SUPPRESSED, "bounce")


def test_a_complaint_is_enough(room: Room) -> None:
    complaint = replace(
        room.report(room.mailing()), kind=ReportKind.COMPLAINT, refused=(Refused(),)
    )
    outcome = room.take(complaint)
    assert outcome.upshot is Upshot.COMPLAINT
    assert room.list == [SuppressionReason.COMPLAINT]
    assert room.store.subscribers.consents(room.wren)[-1].how == "complaint"


def test_the_same_report_counts_once(room: Room) -> None:
    report = room.report(room.mailing(), FULL)
    assert room.take(report).upshot is Upshot.SOFT
    assert room.take(report).upshot is Upshot.REPEATED
    assert len(room.bounces) == 1


def test_three_soft_ones_in_a_row_over_a_week_suppress(room: Room) -> None:
    for day in (0, 5):
        mailing = room.mailing(BEGAN + timedelta(days=day))
        assert room.take(room.report(mailing, FULL, day=day + 1)).suppression is None
    mailing = room.mailing(BEGAN + timedelta(days=10))
    outcome = room.take(room.report(mailing, FULL, day=11))
    assert outcome.upshot is Upshot.SOFT
    assert outcome.suppression is not None
    assert room.list == [SuppressionReason.SOFT_BOUNCES]


def test_reports_that_were_read_late_still_span_their_days(room: Room) -> None:
    mailings = [room.mailing(BEGAN + timedelta(days=day)) for day in (0, 5, 10)]
    reports = [
        room.report(mailing, FULL, day=day)
        for mailing, day in zip(mailings, (1, 6, 11), strict=True)
    ]
    assert [room.take(report).suppression is not None for report in reports] == [False, False, True]


def test_a_mail_that_arrived_in_between_ends_a_row(room: Room) -> None:
    first, second, _, fourth = (room.mailing(BEGAN + timedelta(days=d)) for d in (0, 5, 10, 15))
    for mailing, day in ((first, 1), (second, 6), (fourth, 16)):
        assert room.take(room.report(mailing, FULL, day=day)).suppression is None
    assert room.state is SubscriberState.ACTIVE


def test_a_report_is_not_older_than_its_mailing_nor_from_the_future(room: Room) -> None:
    mailing = room.mailing()
    room.take(room.report(mailing, FULL, day=-3000))
    room.take(room.report(mailing, FULL, day=3000))
    room.take(replace(room.report(mailing, FULL), at=None))
    assert [bounce.at for bounce in room.bounces] == [BEGAN, NOW, NOW]


def test_what_was_refused_for_what_we_are_is_noted_and_no_more(room: Room) -> None:
    assert room.take(room.report(room.mailing(), BLOCKED)).upshot is Upshot.POLICY
    assert (room.state, room.list, len(room.bounces)) == (SubscriberState.ACTIVE, [], 1)
    assert room.kept == {}


def test_a_bounce_that_nobody_understands_is_noted_and_kept(room: Room) -> None:
    report = room.report(room.mailing(), ODD)
    assert room.take(report).upshot is Upshot.UNKNOWN
    assert room.kept == {report.key: b"raw"}
    assert [bounce.kind for bounce in room.bounces] == [BounceKind.UNKNOWN]
    assert room.state is SubscriberState.ACTIVE


def test_of_several_recipients_ours_counts_and_else_the_first(room: Room) -> None:
    report = room.report(room.mailing())
    other = replace(BLOCKED, addresses=("robin@example.net",))
    named = replace(GONE, addresses=("old@example.com", "wren@EXAMPLE.net"))
    assert room.take(replace(report, refused=(other, named))).upshot is Upshot.HARD
    forwarded = replace(report, key="2", refused=(other,))
    assert room.take(forwarded).upshot is Upshot.POLICY


def test_in_words_nobody_is_gone_who_is_not_named(room: Room) -> None:
    report = room.report(room.mailing())
    other = replace(GONE, addresses=("robin@example.net",), in_words=True)
    for number, refused in enumerate((other, replace(other, addresses=()))):
        letter = replace(report, key=f"{number}", refused=(refused,))
        assert room.take(letter).upshot is Upshot.UNKNOWN
        assert letter.key in room.kept
    assert room.state is SubscriberState.ACTIVE
    assert [bounce.kind for bounce in room.bounces] == [BounceKind.UNKNOWN] * 2
    full = replace(FULL, addresses=(), in_words=True)
    assert room.take(replace(report, key="full", refused=(full,))).upshot is Upshot.SOFT
    named = replace(GONE, addresses=("WREN@example.net",), in_words=True)
    assert room.take(replace(report, refused=(other, named))).upshot is Upshot.HARD


def test_a_report_on_somebody_erased_leaves_nothing(room: Room) -> None:
    report = replace(room.report(room.mailing()), marks=(room.address(1, subscriber=99),))
    assert room.take(report).upshot is Upshot.ERASED
    assert room.kept == {}
    assert room.store.subscribers.bounce_counts() == {}


@pytest.mark.parametrize(
    "forged",
    [
        {"marks": ()},
        {"marks": ("<b+aaaaaaaaaaaaaaaaaaaaaaaaa@news.example.org>",)},
        {"marks": (), "message_id": "copy"},
    ],
)
def test_with_a_return_path_nothing_is_believed_that_we_did_not_sign(
    room: Room, forged: dict[str, object]
) -> None:
    mailing = room.mailing()
    if "message_id" in forged:
        forged = {**forged, "message_id": message_id("letter/2026-01", room.wren, "example.org")}
    report = replace(room.report(mailing), **forged)  # type: ignore[arg-type]
    assert room.take(report).upshot is Upshot.UNKNOWN
    assert (room.state, room.bounces) == (SubscriberState.ACTIVE, ())
    assert list(room.kept) == [report.key]
    counts = room.store.subscribers.bounce_counts()
    assert counts == {BounceKind.UNKNOWN: 1}
    assert room.take(report).upshot is Upshot.REPEATED
    assert room.store.subscribers.bounce_counts() == counts


def test_a_token_for_leaving_in_the_returned_mail_says_whose_it_is_too(room: Room) -> None:
    token = sign(KEY, Purpose.UNSUBSCRIBE, room.wren, room.mailing())
    mark = f"<https://news.example.org/u/{token}>, <mailto:b@news.example.org>"
    assert room.take(replace(room.report(1), marks=(mark,))).upshot is Upshot.HARD


class TestWithoutAReturnPath:
    """What a report names has to be about a mail of ours."""

    @pytest.fixture(autouse=True)
    def unsigned(self, room: Room) -> None:
        room.signed = False

    def report(self, room: Room, **changes: object) -> Report:
        return replace(room.report(0), marks=(), **changes)  # type: ignore[arg-type]

    def copy(self, room: Room) -> str:
        """The Message-ID of Wren's copy of the first issue."""
        return message_id("letter/2026-01", room.wren, "news.example.org")

    def test_the_message_id_of_their_copy(self, room: Room) -> None:
        first = room.mailing()
        room.mailing()
        ident = message_id("letter/2026-01", room.wren, "another.example")
        assert room.take(self.report(room, message_id=ident)).upshot is Upshot.HARD
        assert room.bounces[0].mailing == first

    def test_a_message_id_of_somebody_elses_mail(self, room: Room) -> None:
        room.mailing()
        others = message_id("letter/2026-01", room.wren + 1, "news.example.org")
        for ident in (others, "<reply.12@mail.example.org>"):
            report = self.report(room, message_id=ident)
            assert room.take(report).upshot is Upshot.UNKNOWN
        assert room.state is SubscriberState.ACTIVE

    @pytest.mark.parametrize("kind", [ReportKind.BOUNCE, ReportKind.COMPLAINT])
    def test_an_address_alone_suppresses_nobody(self, room: Room, kind: ReportKind) -> None:
        room.mailing()
        report = self.report(room, kind=kind)
        assert room.take(report).upshot is Upshot.UNKNOWN
        assert (room.state, room.bounces, room.list) == (SubscriberState.ACTIVE, (), [])
        assert list(room.kept) == [report.key]

    def test_an_address_that_nobody_has_or_that_is_none(self, room: Room) -> None:
        room.mailing()
        copy = self.copy(room)
        for name in ("robin@example.net", "wren", "wren@example.net\r\nRCPT TO:<a@b.example>"):
            refused = (replace(GONE, addresses=(name,)),)
            report = self.report(room, refused=refused, message_id=copy)
            assert room.take(report).upshot is Upshot.UNKNOWN
        report = self.report(room, refused=(), message_id=copy)
        assert room.take(report).upshot is Upshot.UNKNOWN

    def test_an_address_in_other_letters(self, room: Room) -> None:
        room.mailing()
        refused = (replace(GONE, addresses=("WREN@Example.NET",)),)
        report = self.report(room, refused=refused, message_id=self.copy(room))
        assert room.take(report).upshot is Upshot.HARD

    def test_two_subscribers_whom_case_alone_tells_apart(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        room.mailing()
        wren = room.store.subscribers.get(room.wren)
        assert wren is not None
        both = {wren.address: (wren, replace(wren, id=99, address="Wren@example.net"))}
        monkeypatch.setattr(room.store.subscribers, "find_folded", lambda _: both)
        refused = (replace(GONE, addresses=("WREN@example.net",)),)
        report = self.report(room, refused=refused, message_id=self.copy(room))
        assert room.take(report).upshot is Upshot.UNKNOWN

    def test_each_recipient_by_itself(self, room: Room) -> None:
        room.mailing()
        robin = replace(GONE, addresses=("robin@example.net",))
        report = self.report(room, refused=(robin, FULL, GONE), message_id=self.copy(room))
        assert room.take(report).upshot is Upshot.SOFT
        assert len(room.bounces) == 1


@pytest.mark.parametrize(
    ("kind", "upshot"),
    [(ReportKind.NOTICE, Upshot.NOTICE), (ReportKind.AUTO_REPLY, Upshot.AUTO_REPLY)],
)
def test_what_is_no_bounce_does_nothing(room: Room, kind: ReportKind, upshot: Upshot) -> None:
    report = replace(room.report(room.mailing()), kind=kind)
    assert room.take(report).upshot is upshot
    assert (room.kept, room.bounces, room.list) == ({}, (), [])
    assert room.store.subscribers.bounce_counts() == {}


def test_what_is_no_report_is_kept(room: Room) -> None:
    report = replace(room.report(room.mailing()), kind=ReportKind.OTHER)
    assert room.take(report).upshot is Upshot.UNKNOWN
    assert (list(room.kept), room.bounces) == ([report.key], ())


@pytest.mark.parametrize(
    "kind", [ReportKind.OTHER, ReportKind.AUTO_REPLY, ReportKind.NOTICE, ReportKind.BOUNCE]
)
def test_somebody_leaves_by_mail(room: Room, kind: ReportKind) -> None:
    token = sign(KEY, Purpose.UNSUBSCRIBE, room.wren, room.mailing())
    report = Report(key="k", kind=kind, subject=f"unsubscribe {token}")
    assert room.take(report).upshot is Upshot.LEFT
    wren = room.store.subscribers.get(room.wren)
    assert wren is not None
    assert wren.newsletters == {"other"}
    last = room.store.subscribers.consents(room.wren)[-1]
    assert (last.action, last.how, last.at) == (ConsentAction.LEFT, "mail", NOW)
    assert room.take(report).upshot is Upshot.REPEATED


def test_who_leaves_by_the_mail_of_no_known_mailing_leaves_everything(room: Room) -> None:
    token = sign(KEY, Purpose.UNSUBSCRIBE, room.wren, 99)
    room.take(Report(key="k", kind=ReportKind.OTHER, subject=f"unsubscribe {token}"))
    assert room.state is SubscriberState.UNSUBSCRIBED


def test_nobody_leaves_by_a_word_or_the_token_of_a_return_path(room: Room) -> None:
    token = sign(KEY, Purpose.BOUNCE, room.wren, room.mailing())
    for subject in ("unsubscribe", f"unsubscribe {token}"):
        report = Report(key=subject, kind=ReportKind.OTHER, subject=subject)
        assert room.take(report).upshot is Upshot.UNKNOWN
    gone = sign(KEY, Purpose.UNSUBSCRIBE, 99, 1)
    left = Report(key="k", kind=ReportKind.OTHER, subject=f"unsubscribe {gone}")
    assert room.take(left).upshot is Upshot.ERASED
    assert room.state is SubscriberState.ACTIVE


def test_whom_an_editor_gave_another_chance_begins_anew(room: Room) -> None:
    report = room.report(room.mailing(), day=1)
    room.take(report)
    wren = room.store.subscribers.get(room.wren)
    assert wren is not None
    back = Change(
        subscriber=replace(wren, state=SubscriberState.ACTIVE, since=NOW),
        consent=Consent(at=NOW, action=ConsentAction.RESTORED, how="command line"),
    )
    entry = salted_hash(wren.address, room.store.subscribers.salt)
    assert room.store.subscribers.restore(entry, back)
    later = NOW + timedelta(days=5)
    assert room.take(report, later).upshot is Upshot.REPEATED
    assert room.take(room.report(room.mailing(NOW), FULL, day=26), later).suppression is None
    assert room.state is SubscriberState.ACTIVE
    assert room.take(room.report(room.mailing(NOW), day=26), later).suppression is not None


def test_what_a_killed_process_left_undone_is_done_the_next_time(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = room.report(room.mailing())

    def killed(*_: object) -> int:
        raise StoreError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(room.store.subscribers, "suppress", killed)
        with pytest.raises(StoreError):
            room.take(report)
    assert len(room.bounces) == 1
    assert room.take(report).upshot is Upshot.HARD
    assert room.list == [SuppressionReason.HARD_BOUNCE]
    assert len(room.bounces) == 1


def test_refusals_at_once_follow_the_same_rule(room: Room) -> None:
    mailing = room.mailing(sent=False)
    bounce = Bounce(
        key="smtp:1:0",
        subscriber=room.wren,
        mailing=mailing,
        at=NOW,
        kind=BounceKind.HARD,
        source="smtp",
    )
    subscribers, ledger = room.store.subscribers, room.store.ledger
    subscribers.add_bounce(bounce)
    entry = follow_bounce(subscribers, ledger, bounce, NOW)
    assert entry is not None
    assert entry.reason is SuppressionReason.HARD_BOUNCE
    assert follow_bounce(subscribers, ledger, bounce, NOW) is None
    assert follow_bounce(subscribers, ledger, replace(bounce, subscriber=99), NOW) is None
