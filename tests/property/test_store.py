"""The store in memory and the one in SQLite say the same, whatever is asked of them in a row."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.core.address import salted_hash
from pipeline.core.bounce import BounceKind
from pipeline.core.delivery import FINAL, DeliveryState, Settled
from pipeline.core.mailing import MailingState
from pipeline.core.subscriber import Subscriber, SubscriberState
from pipeline.core.suppression import Suppression, SuppressionReason
from pipeline.errors import EnewsError
from pipeline.store.rows import moment, seconds
from tests.databases import DatabaseStores, MemoryStores
from tests.people import AT, LATER, NOW, bounce, change, mailing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.databases import AnyStore

NAMES = ["ann", "Ann", "bob", "straße", "STRASSE", "eve"]
KEYS = st.frozensets(st.sampled_from(["a", "b"]))
SUBSCRIBERS = st.builds(
    Subscriber,
    address=st.sampled_from([f"{name}@example.org" for name in NAMES]),
    name=st.sampled_from(["", "Ann", "Ünal", "%"]),
    newsletters=KEYS,
    asked=KEYS,
    topics=KEYS,
    state=st.sampled_from(SubscriberState),
    since=st.integers(0, 5).map(lambda days: NOW + timedelta(days=days)),
)
IDS = st.integers(1, 9)
FLAGS = st.booleans()
MAILINGS = st.integers(1, 3)
TIMES = st.integers(0, 9).map(lambda minutes: AT + 60 * minutes)
RETRIED = sorted(FINAL - {DeliveryState.SENT})


@given(st.datetimes(datetime(1970, 1, 2), datetime(2242, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_times_come_back_to_the_microsecond(at: datetime) -> None:
    assert moment(seconds(at)) == at


class Twins(RuleBasedStateMachine):
    """Two workers on each store; what one answers, the other does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.memory = MemoryStores()
        self.sqlite = DatabaseStores(Path(self.folder.name) / "ledger.sqlite")
        self.first = (self.memory.open(), self.sqlite.open())
        # The twin hashes with the same salt.
        self.memory._store._state.salt = self.first[1].subscribers.salt
        self.workers = [self._hired(), self._hired()]
        self.claimed: list[list[int]] = [[], []]

    def _hired(self) -> tuple[AnyStore, AnyStore]:
        pair = (self.memory.open(), self.sqlite.open())
        for store in pair:
            store.ledger.enter("worker")
        return pair

    def teardown(self) -> None:
        self.sqlite.close()
        self.memory.close()
        self.folder.cleanup()

    def same(
        self, ask: Callable[[AnyStore], object], pair: tuple[AnyStore, AnyStore] | None = None
    ) -> object:
        """The answer of both, or None where both refuse with the same kind of error."""
        answers: list[object] = []
        for store in pair or self.first:
            try:
                answers.append(ask(store))
            except (EnewsError, ValueError) as error:
                answers.append(type(error))
        assert answers[0] == answers[1]
        return None if isinstance(answers[0], type) else answers[0]

    @rule(
        batch=st.lists(st.tuples(st.integers(0, 6), SUBSCRIBERS), max_size=4), known=st.booleans()
    )
    def save(self, batch: list[tuple[int, Subscriber]], known: bool) -> None:
        changes = [change(replace(one, id=id_)) for id_, one in batch]
        if known:
            get = self.first[0].subscribers.get
            changes = [replace(one, before=get(one.subscriber.id)) for one in changes]
        self.same(lambda store: store.subscribers.save(changes))

    @rule(name=st.sampled_from(NAMES), reason=st.sampled_from(SuppressionReason))
    def suppress(self, name: str, reason: SuppressionReason) -> None:
        entry = self._entry(name, reason)
        self.same(lambda store: store.subscribers.suppress([entry], "test"))

    @rule(name=st.sampled_from(NAMES), one=st.none() | SUBSCRIBERS, id_=IDS)
    def restore(self, name: str, one: Subscriber | None, id_: int) -> None:
        entry = self._entry(name, SuppressionReason.MANUAL)
        kept = change(replace(one, id=id_)) if one else None
        self.same(lambda store: store.subscribers.restore(entry.hash, kept))

    @rule(subscriber=IDS, name=st.sampled_from(NAMES))
    def erase(self, subscriber: int, name: str) -> None:
        entry = self._entry(name, SuppressionReason.ERASED)
        self.same(lambda store: store.subscribers.erase(subscriber, entry))

    def _entry(self, name: str, reason: SuppressionReason) -> Suppression:
        address = f"{name}@example.org"
        entry = salted_hash(address, self.first[0].subscribers.salt)
        return Suppression(hash=entry, address=address, reason=reason, at=NOW, detail="x")

    @rule(key=st.sampled_from("abc"), subscriber=IDS, kind=st.sampled_from(BounceKind))
    def add_bounce(self, key: str, subscriber: int, kind: BounceKind) -> None:
        report = bounce(key, subscriber, kind=kind)
        self.same(lambda store: store.subscribers.add_bounce(report))

    @rule(number=MAILINGS, ids=st.lists(IDS, max_size=8))
    def create(self, number: int, ids: list[int]) -> None:
        made = mailing(f"a/{number}", newsletter="a")
        self.same(lambda store: store.ledger.create(made, ids))

    @rule(
        of=MAILINGS, states=st.sets(st.sampled_from(MailingState)), to=st.sampled_from(MailingState)
    )
    def move(self, of: int, states: set[MailingState], to: MailingState) -> None:
        self.same(lambda store: store.ledger.move(of, states, to, "why", NOW))

    @rule(who=st.integers(0, 1), of=MAILINGS, most=st.integers(1, 5), at=TIMES)
    def claim(self, who: int, of: int, most: int, at: float) -> None:
        claims = self.same(lambda store: list(store.ledger.claim(of, most, at)), self.workers[who])
        assert isinstance(claims, list)
        self.claimed[who] += [claim.id for claim in claims]

    @precondition(lambda self: any(self.claimed))
    @rule(who=st.integers(0, 1), data=st.data())
    def mark(self, who: int, data: st.DataObject) -> None:
        known = st.sampled_from(sorted({*self.claimed[0], *self.claimed[1]}))
        begun = data.draw(st.lists(known, unique=True, max_size=3))
        rest = [row for row in self.claimed[who] if row not in begun]
        done = data.draw(st.lists(st.sampled_from(rest), unique=True, max_size=3)) if rest else []
        outcomes = [data.draw(self._outcomes(row)) for row in done]
        self.same(lambda store: store.ledger.mark(begun, outcomes), self.workers[who])

    @staticmethod
    def _outcomes(row: int) -> st.SearchStrategy[Settled]:
        return st.builds(
            Settled,
            st.just(row),
            st.sampled_from(sorted(set(DeliveryState) - {DeliveryState.SENDING})),
            TIMES,
            st.sampled_from([0, 250, 450]),
            st.sampled_from(["", "4.2.1"]),
            st.sampled_from(["", "words"]),
            st.just(0.0) | TIMES,
            st.booleans(),
        )

    @rule(who=st.integers(0, 1))
    def give_back(self, who: int) -> None:
        self.same(lambda store: store.ledger.give_back(), self.workers[who])

    @rule(of=MAILINGS, states=st.sets(st.sampled_from(RETRIED)))
    def requeue(self, of: int, states: set[DeliveryState]) -> None:
        self.same(lambda store: store.ledger.requeue(of, states, LATER))

    @rule(who=st.integers(0, 1))
    def die(self, who: int) -> None:
        memory, sqlite = self.workers[who]
        self.memory.kill(memory)
        self.sqlite.kill(sqlite)
        self._recover([who])

    @rule()
    def power_cut(self) -> None:
        """All of a machine's workers end with it."""
        for memory, sqlite in self.workers:
            self.memory.power_cut(memory)
            self.sqlite.power_cut(sqlite)
        self._recover([0, 1])

    def _recover(self, ended: list[int]) -> None:
        self.same(lambda store: store.ledger.recover(NOW))
        for who in ended:
            self.workers[who] = self._hired()
            self.claimed[who] = []

    @invariant()
    def they_hold_the_same(self) -> None:
        self.same(lambda store: list(store.subscribers.each()))
        self.same(lambda store: list(store.subscribers.each(newsletter="a", matching="n")))
        self.same(lambda store: [store.subscribers.consents(id_) for id_ in range(1, 7)])
        self.same(lambda store: list(store.subscribers.suppressions()))
        self.same(lambda store: [store.subscribers.bounces(id_) for id_ in range(1, 10)])
        self.same(lambda store: store.subscribers.counts("a"))
        self.same(lambda store: store.ledger.mailings())
        self.same(lambda store: list(store.ledger.deliveries()))
        self.same(lambda store: [store.ledger.next_due(run.id) for run in store.ledger.mailings()])
        self.same(lambda store: store.ledger.workers())

    @invariant()
    def the_counts_are_those_of_the_rows(self) -> None:
        for run in self.first[1].ledger.mailings():
            tally = self.same(lambda store, of=run.id: store.ledger.tally(of))  # type: ignore[misc]
            rows = list(self.first[1].ledger.deliveries(mailing=run.id))
            for state in DeliveryState:
                assert getattr(tally, state) == sum(row.state is state for row in rows)


TestTwins = Twins.TestCase
TestTwins.settings = settings(
    max_examples=12,
    stateful_step_count=16,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
