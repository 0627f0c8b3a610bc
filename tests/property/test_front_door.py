"""Anybody types addresses, replays links and waits: who said nothing gets no mail."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pipeline.core.notice import NoticeKind
from pipeline.core.preferences import Choice
from pipeline.core.subscriber import SubscriberState
from pipeline.flows import preferences
from pipeline.flows.subscribe import erase, suppress
from tests.front_desks import FrontDoor

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.flows.notices import Prepared

MAILBOXES = ["a@example.org", "b@example.org"]
ADDRESSES = [*MAILBOXES, "A@example.org"]
addresses = st.sampled_from(ADDRESSES)
newsletters = st.sets(st.sampled_from(["weekly", "yearly"]), min_size=1)


class TheFrontDoor(RuleBasedStateMachine):
    """`agreed` are the mailboxes whose last word was yes, as those who read them would say."""

    def __init__(self) -> None:
        super().__init__()
        self.door = FrontDoor()
        self.agreed: set[str] = set()
        self.never: set[str] = set()
        self.sent: list[tuple[str, NoticeKind, datetime]] = []
        self.spent: Counter[str] = Counter()
        self.mails: list[tuple[Prepared, int]] = []

    @rule(typed=addresses, wanted=newsletters, at_once=st.booleans())
    def sign_up(self, typed: str, wanted: set[str], at_once: bool) -> None:
        self.door.sign_up(typed, *wanted)
        if at_once:
            self.carry()

    @rule(typed=addresses)
    def ask_link(self, typed: str) -> None:
        preferences.ask_link(self.door.desk, typed, language="en", now=self.door.now)
        self.carry()

    def carry(self) -> None:
        for ready in self.door.sent():
            mailbox = ready.notice.address.lower()
            assert mailbox not in self.never
            self.sent.append((mailbox, ready.notice.kind, self.door.now))
            self.mails.append((ready, self.spent[mailbox]))

    @rule()
    def follow(self) -> None:
        """Whoever has mails of ours presses all their buttons, again, and years later."""
        for ready, spent in self.mails:
            if ready.notice.kind is NoticeKind.CONFIRM:
                self.press(ready, spent)

    def press(self, ready: Prepared, spent: int) -> None:
        mailbox = ready.notice.address.lower()
        before = self.newsletters(mailbox)
        self.door.confirm(ready.url.rpartition("/")[2])
        after = self.newsletters(mailbox)
        if after != before:
            assert spent == self.spent[mailbox]
            assert self.door.now - ready.notice.created <= timedelta(days=7)
            assert mailbox not in self.never
            self.agreed.add(mailbox)
            self.spent[mailbox] += 1

    @rule(everything=st.booleans())
    def choose(self, everything: bool) -> None:
        """They choose by the page of their newest mail that leads there, or leave."""
        pages = [ready for ready, _ in self.mails if ready.notice.kind is not NoticeKind.CONFIRM]
        if not pages:
            return
        ready = pages[-1]
        mailbox = ready.notice.address.lower()
        choice = Choice(newsletters=frozenset() if everything else frozenset({"yearly"}))
        before = self.newsletters(mailbox)
        token = ready.url.rpartition("/")[2]
        preferences.save(self.door.desk, token, choice, now=self.door.now)
        after = self.newsletters(mailbox)
        if after != before:
            self.spent[mailbox] += 1
        (self.agreed.add if after else self.agreed.discard)(mailbox)

    @rule(mailbox=st.sampled_from(MAILBOXES), how=st.integers(0, 15))
    def end(self, mailbox: str, how: int) -> None:
        """Seldom, since nothing more happens to them after it."""
        if how == 1:
            suppress(self.door.store.subscribers, mailbox, "asked", how="test", at=self.door.now)
            self.never.add(mailbox)
        if how == 2 and erase(self.door.store.subscribers, mailbox, at=self.door.now):
            self.never.add(mailbox)
            self.agreed.discard(mailbox)

    @rule(hours=st.sampled_from([0.1, 1.5, 12, 80, 200]))
    def wait(self, hours: float) -> None:
        self.door.later(hours=hours)

    def newsletters(self, mailbox: str) -> frozenset[str]:
        found = self.door.store.subscribers.find_folded([mailbox]).get(mailbox, ())
        return frozenset().union(*(one.newsletters for one in found))

    @invariant()
    def only_who_agreed_is_active(self) -> None:
        for one in self.door.store.subscribers.each(state=SubscriberState.ACTIVE):
            assert one.address.lower() in self.agreed - self.never

    @invariant()
    def a_mailbox_is_one_row(self) -> None:
        rows = Counter(one.address.lower() for one in self.door.store.subscribers.each())
        assert set(rows.values()) <= {1}

    @invariant()
    def nobody_is_flooded(self) -> None:
        for key, count in Counter((who, kind) for who, kind, _ in self.sent).items():
            if count < 4:
                continue
            times = [at for who, kind, at in self.sent if (who, kind) == key]
            # A notice that waits may go out next to a later one; it is asked for that is bounded.
            spans = [after - first for first, after in zip(times, times[6:], strict=False)]
            assert all(span > timedelta(hours=12) for span in spans)


TestTheFrontDoor = TheFrontDoor.TestCase
TestTheFrontDoor.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
