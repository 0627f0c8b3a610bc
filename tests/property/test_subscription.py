"""Whatever happens to a subscriber, in whatever order: what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.core.subscription import (
    Occasion,
    Wishes,
    change,
    confirm,
    enlist,
    enlist_left,
    last_asked,
    leave,
    left_of,
    restore,
    sign_up,
)

KEYS = st.frozensets(st.sampled_from("abc"), min_size=1)
WEEK = timedelta(days=7)
ADDRESS = "jane@example.org"
PENDING, ACTIVE = SubscriberState.PENDING, SubscriberState.ACTIVE
UNSUBSCRIBED, SUPPRESSED = SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED
LEGAL = {
    (None, PENDING), (None, ACTIVE), (None, UNSUBSCRIBED),
    (PENDING, ACTIVE), (PENDING, UNSUBSCRIBED),
    (ACTIVE, UNSUBSCRIBED), (UNSUBSCRIBED, ACTIVE),
    (SUPPRESSED, ACTIVE), (SUPPRESSED, UNSUBSCRIBED),
    (PENDING, SUPPRESSED), (ACTIVE, SUPPRESSED), (UNSUBSCRIBED, SUPPRESSED),
}  # fmt: skip


class Life(RuleBasedStateMachine):
    """One address, and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.one: Subscriber | None = None
        self.record: list[Consent] = []
        self.at = datetime(2017, 1, 1, tzinfo=UTC)

    def word(self) -> Occasion:
        self.at += timedelta(hours=1)
        return Occasion(at=self.at, how="test")

    def keep(self, found: object) -> None:
        if not isinstance(found, Change):
            return
        before = self.one.state if self.one else None
        after = found.subscriber.state
        assert before is after or (before, after) in LEGAL
        if before is not after:
            assert found.subscriber.since <= self.at
        self.one = found.subscriber
        self.record.append(found.consent)

    @rule(days=st.integers(1, 10))
    def wait(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule(keys=KEYS)
    def sign_up(self, keys: frozenset[str]) -> None:
        before = self.one
        self.keep(sign_up(ADDRESS, before, Wishes(newsletters=keys, name="X"), self.word()))
        assert self.one is not None
        assert self.one.newsletters == (before.newsletters if before else frozenset())

    @precondition(lambda self: last_asked(self.record) is not None)
    @rule()
    def confirm(self) -> None:
        assert self.one is not None
        asked = last_asked(self.record)
        assert asked is not None
        found = confirm(self.one, self.word(), asked=asked, within=WEEK)
        assert found is None or self.at - asked <= WEEK
        self.keep(found)

    @precondition(lambda self: self.one is not None)
    @rule(keys=KEYS | st.none())
    def leave(self, keys: frozenset[str] | None) -> None:
        assert self.one is not None
        gone = keys or self.one.newsletters
        self.keep(leave(self.one, self.word(), keys))
        assert not self.one.newsletters & gone

    @rule(keys=KEYS, again=st.booleans())
    def enlist(self, keys: frozenset[str], again: bool) -> None:
        left = left_of(self.record)
        wishes = Wishes(newsletters=keys)
        found = enlist(ADDRESS, self.one, wishes, self.word(), left=left, again=again)
        if isinstance(found, Change) and not again:
            before = self.one.newsletters if self.one else frozenset()
            assert not (found.subscriber.newsletters - before) & left
        self.keep(found)

    @rule()
    def left_elsewhere(self) -> None:
        self.keep(enlist_left(ADDRESS, self.one, self.word()))
        assert self.one is not None
        assert self.one.state is not ACTIVE

    @precondition(lambda self: self.one is not None)
    @rule(topics=st.frozensets(st.sampled_from("xy")))
    def change(self, topics: frozenset[str]) -> None:
        assert self.one is not None
        self.keep(change(self.one, self.word(), topics=topics))

    @precondition(lambda self: self.one is not None)
    @rule()
    def suppress(self) -> None:
        """As a store does it."""
        assert self.one is not None
        word = self.word()
        line = Consent(at=word.at, action=ConsentAction.SUPPRESSED, how="test")
        after = replace(self.one, state=SUPPRESSED, since=word.at)
        self.keep(Change(subscriber=after, consent=line))

    @precondition(lambda self: self.one is not None)
    @rule()
    def restore(self) -> None:
        assert self.one is not None
        self.keep(restore(self.one, self.word()))
        assert self.one.state is not SUPPRESSED

    @invariant()
    def state_and_wishes_agree(self) -> None:
        if self.one is None:
            return
        assert not self.one.newsletters & self.one.asked
        if self.one.state is ACTIVE:
            assert self.one.newsletters
        elif self.one.state is PENDING:
            assert self.one.asked
            assert not self.one.newsletters
        elif self.one.state is UNSUBSCRIBED:
            assert not self.one.newsletters

    @invariant()
    def the_record_tells_what_they_get(self) -> None:
        gets: set[str] = set()
        for line in self.record:
            if line.action is ConsentAction.ASKED:
                continue
            for word in line.detail.partition("; ")[0].split():
                if word[0] == "+":
                    gets.add(word[1:])
                elif word[0] == "-":
                    gets.discard(word[1:])
        assert gets == (self.one.newsletters if self.one else set())
        assert [line.at for line in self.record] == sorted(line.at for line in self.record)


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestLife = Life.TestCase
