"""What is asked of the ledger, and of whoever carries letters to a server.

::

    flows.deliver ──claims, marks──▶ Ledger          (store)
         ▲  │
         │  └────────carries────────▶ Carrier        (mail: SMTP, or a folder)
         └── Round: what goes next, what became of it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from pipeline.core.delivery import Claim, Delivery, DeliveryState, Settled, Tally
    from pipeline.core.mailing import Mailing, MailingState
    from pipeline.core.reply import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What `Ledger.recover` found of workers that are gone: rows given back, and uncertain ones."""

    requeued: int = 0
    uncertain: int = 0


class Ledger(Protocol):
    """The lasting record of mailings and deliveries.

    Each method is one transaction. `claim` and everything that people ask for is durable when it
    returns, also after a power cut; `mark` survives a killed process, and is durable with the next
    `claim`. All raise StoreError; `claim`, `mark` and `give_back` raise FencedError where this
    worker was given up by another (it must not send a byte more).
    """

    def mailings(self) -> tuple[Mailing, ...]:
        """All of them, oldest first."""
        ...

    def mailing(self, issue: str) -> Mailing | None:
        """The one of an issue."""
        ...

    def create(self, mailing: Mailing, subscribers: Iterable[int]) -> Mailing:
        """Keep a mailing and a queued row for each subscriber: all, or nothing at all.

        Where another process created it meanwhile, theirs is returned and nothing is added.
        """
        ...

    def move(
        self,
        mailing: int,
        states: Collection[MailingState],
        to: MailingState,
        reason: str,
        at: datetime,
    ) -> bool:
        """Change the state where it is one of `states`; False where it is not.

        `FINISHED` is refused (False) while a row is not final.
        """
        ...

    def discard(self, mailing: int) -> bool:
        """Forget a mailing that only went into a folder, or was cancelled before anybody got it.

        False for any other, and while a worker has rows of it.
        """
        ...

    def renew(self, mailing: int, digest: str) -> bool:
        """By an editor's word: the release of this digest is what goes out from now on.

        False while a worker has rows of it, whose letters are of the release before.
        """
        ...

    def reschedule(self, mailing: int, begins: datetime) -> bool:
        """Let a mailing that has not begun begin at another time; False where it has."""
        ...

    def allow(self, mailing: int, until: datetime) -> None:
        """An editor's word that it may go on though it is late."""
        ...

    def tally(self, mailing: int) -> Tally:
        """How many rows are in each state."""
        ...

    def enter(self, worker: str) -> None:
        """Begin to be a worker: alive until this process, or its connection, ends."""
        ...

    def workers(self) -> int:
        """How many workers are alive, this one among them."""
        ...

    def recover(self, at: datetime) -> Recovered:
        """Settle what dead workers left: `sending` is uncertain, their other claims are free again.

        After a power cut (the machine or the database server began anew since the claim), what they
        had claimed is uncertain too. Safe to call at any time, by any number of processes.
        """
        ...

    def claim(self, mailing: int, most: int, at: float) -> Sequence[Claim]:
        """Take up to `most` rows that are queued, or deferred and due; nobody else gets them.

        A row whose subscriber may not be mailed any more (not active, left this newsletter,
        suppressed, erased) becomes `suppressed` on the way. One step more.
        () where nothing is due, or the mailing is not running: after a pause nobody takes more.
        """
        ...

    def steps(self, mailing: int) -> int:
        """How many steps a mailing had made, each a claim or a mark, with this worker's last claim.

        No power cut takes these back. 0 where it never claimed of it.
        """
        ...

    def mark(self, sending: Sequence[int], settled: Sequence[Settled]) -> int:
        """In one commit: these rows of this worker's are being sent now, and these came out so.

        All are of one mailing; how many steps it has made. 0 for no rows.
        """
        ...

    def give_back(self, rows: Collection[int] | None = None) -> None:
        """Free the rows that this worker claimed and did not send: these, or every one."""
        ...

    def next_due(self, mailing: int) -> float:
        """When the next deferred row is due, in seconds since the epoch; 0 for none."""
        ...

    def sent_since(self, at: float) -> int:
        """How many mails servers took since then, of all mailings."""
        ...

    def requeue(self, mailing: int, states: Collection[DeliveryState], at: datetime) -> int:
        """Queue rows of these final states again, by an editor's word; how many.

        A finished mailing runs again for them. Those who may not be mailed any more stay as they
        are, with the server's words. Raises ValueError for `sent`: nothing is sent twice.
        """
        ...

    def deliveries(
        self,
        *,
        mailing: int = 0,
        subscriber: int = 0,
        states: Collection[DeliveryState] = (),
    ) -> Iterator[Delivery]:
        """Rows, by mailing and id, in bounded memory; 0 and () mean any."""
        ...


class Tokens(Protocol):
    """What a restored database cannot have: how far each mailing had come, kept outside of it."""

    def read(self, issue: str) -> int:
        """The steps that a database must have counted to be the newest; 0 for none."""
        ...

    def write(self, issue: str, steps: int, *, lasting: bool) -> None:
        """Note them, never fewer than before; `lasting` ones survive a power cut (a claim's)."""
        ...

    def accept(self, issue: str, steps: int) -> None:
        """By an editor's word: this database is the newest."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One copy, ready for the wire.

    `sender` and `recipient` are the envelope's addresses without angle brackets; `pieces` are, one
    behind the other, the message's bytes as DATA takes them: CRLF, dots stuffed (RFC 5321 §4.5.2),
    without the final dot; there is at least one. Most are the same objects in every letter, so that
    nobody has to copy a message to send it.
    """

    claim: Claim
    sender: str
    recipient: str
    pieces: Sequence[bytes]

    @property
    def size(self) -> int:
        """Bytes of the message."""
        return sum(map(len, self.pieces))

    @property
    def data(self) -> bytes:
        """The whole message."""
        return b"".join(self.pieces)


class Round(Protocol):
    """A round of sending, as a carrier sees it. Every method is quick; none waits."""

    def next(self) -> Letter | float | None:
        """What to send next; or the seconds to wait before asking again; None: no more at all."""
        ...

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        """Before the first byte of the letters `begun` leaves; and what servers said of others."""
        ...

    def put_back(self, letter: Letter) -> None:
        """Nothing of it left: it goes again, by another connection."""
        ...


class Carrier(Protocol):
    """Carries letters until a round has no more."""

    def carry(self, letters: Round) -> None:
        """Send everything; raises MailError where the server cannot be used at all."""
        ...


class Letters(Protocol):
    """Writes each subscriber's copy of one issue."""

    def expect(self, claims: Sequence[Claim]) -> None:
        """These are asked for next, most of them: what takes long may begin. Never raises."""
        ...

    def letter(self, claim: Claim) -> Letter:
        """Their copy; raises AddressError where the address cannot be written."""
        ...


class Clock(Protocol):
    """The time, twice."""

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    def steady(self) -> float:
        """Seconds of a clock that never steps."""
        ...
