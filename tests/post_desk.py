"""A mailing in memory: a clock that is set by hand, letters of one line, a carrier to talk to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.reply import Reply, Stage
from pipeline.core.sending import Sending
from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.errors import AddressError
from pipeline.flows.deliver import Delivering, Desk, Progress
from pipeline.ports.sending import Letter
from pipeline.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pipeline.core.bounce import Bounce
    from pipeline.core.delivery import Claim, Tally
    from pipeline.ports.sending import Ledger, Round

BEGAN = datetime(2017, 6, 29, 9, tzinfo=UTC)
ISSUE = "weekly/2017-05"
OK = Reply(Stage.CONTENT, 250, "2.0.0", "Ok")
GREYLISTED = Reply(Stage.RECIPIENT, 450, "4.7.1", "greylisted")
NO_USER = Reply(Stage.RECIPIENT, 550, "5.1.1", "no such user")
LOST = Reply(Stage.CONTENT, 0, "", "connection lost")


@dataclass(slots=True)
class HandClock:
    """Both times move together, by hand."""

    now: float = BEGAN.timestamp()

    def time(self) -> float:
        return self.now

    def steady(self) -> float:
        return self.now


@dataclass(slots=True)
class MemoryTokens:
    """The port `Tokens`; `lasting` are the steps that a power cut does not take."""

    steps: dict[str, int] = field(default_factory=dict)
    lasting: dict[str, int] = field(default_factory=dict)

    def read(self, issue: str) -> int:
        return self.steps.get(issue, 0)

    def write(self, issue: str, steps: int, *, lasting: bool) -> None:
        self.steps[issue] = max(steps, self.read(issue))
        if lasting:
            self.lasting[issue] = steps

    def accept(self, issue: str, steps: int) -> None:
        self.steps[issue] = self.lasting[issue] = steps


class PlainLetters:
    """Letters that hold nothing but the address; one that begins with `bad` cannot be written."""

    def expect(self, claims: Sequence[Claim]) -> None:
        pass

    def letter(self, claim: Claim) -> Letter:
        if claim.address.startswith("bad"):
            raise AddressError(f"{claim.address} cannot be written")
        return Letter(claim, "news@example.org", claim.address, (claim.address.encode(),))


class PostDesk:
    """A store with subscribers and a running mailing, and what happened to it."""

    def __init__(self, addresses: Iterable[str], sending: Sending | None = None) -> None:
        self.store = MemoryStore()
        self.clock = HandClock()
        self.tokens = MemoryTokens()
        self.sending = sending or Sending(retry_minutes=(5, 15), retry_hours=2)
        self.bounces: list[Bounce] = []
        self.accepted: Counter[str] = Counter()
        self.seen: list[Progress] = []
        self.store.subscribers.save(
            [Change(subscriber=s, consent=AGREED) for s in people(addresses)]
        )
        self.mailing = self.store.ledger.create(
            mailing(), (one.id for one in self.store.subscribers.each())
        )

    def round(self, *, ledger: Ledger | None = None, wait: bool = True) -> Delivering:
        """A worker that begins a round."""
        mine = ledger or self.store.ledger
        mine.enter("test")
        desk = Desk(
            ledger=mine,
            subscribers=self.store.subscribers,
            tokens=self.tokens,
            letters=PlainLetters(),
            sending=self.sending,
            clock=self.clock,
            chance=lambda: 0.5,
            bounced=self.bounces.append,
            watch=self.seen.append,
            wait=wait,
        )
        return Delivering(desk, self.mailing)

    def carry(
        self,
        going: Round,
        answer: Callable[[Letter], Reply | None] = lambda _: OK,
        most: int = 10**6,
    ) -> None:
        """One connection that sends up to `most` letters; None puts a letter back."""
        for _ in range(most):
            letter = going.next()
            if letter is None:
                return
            if isinstance(letter, float | int):
                self.clock.now += letter
                continue
            self.clock.now += 0.001
            reply = answer(letter)
            if reply is None:
                going.put_back(letter)
                continue
            if reply.stage is Stage.CONTENT:
                going.commit([letter], [])
            if reply.stage is Stage.CONTENT and reply.code == 250:
                self.accepted[letter.recipient] += 1
            going.commit([], [(letter, reply)])

    @property
    def tally(self) -> Tally:
        return self.store.ledger.tally(self.mailing.id)

    @property
    def state(self) -> MailingState:
        found = self.store.ledger.mailing(ISSUE)
        assert found is not None
        return found.state

    @property
    def reason(self) -> str:
        found = self.store.ledger.mailing(ISSUE)
        assert found is not None
        return found.reason


AGREED = Consent(at=BEGAN, action=ConsentAction.IMPORTED, how="test")


def people(addresses: Iterable[str]) -> list[Subscriber]:
    """Active subscribers of `weekly`."""
    return [
        Subscriber(
            address=address,
            newsletters=frozenset({"weekly"}),
            state=SubscriberState.ACTIVE,
            since=BEGAN,
        )
        for address in addresses
    ]


def mailing(state: MailingState = MailingState.RUNNING) -> Mailing:
    """A mailing of `ISSUE`."""
    return Mailing(
        issue=ISSUE,
        newsletter="weekly",
        digest="ab" * 32,
        state=state,
        created=BEGAN,
        begins=BEGAN,
        since=BEGAN,
    )
