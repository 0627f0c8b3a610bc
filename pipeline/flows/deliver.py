"""A round of sending: what goes out next, and what became of it.

::

    claim ─▶ pace ─▶ letter ─▶ carrier ─▶ reply ─▶ mark
      ▲                                     │
      └── nothing due: recover the dead,    └─▶ bounce ─▶ suppression
          wait, or end

The ledger decides; nothing is kept here that a killed process would take with it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.core.address import domain_of
from pipeline.core.bounce import Bounce, BounceKind, kind_of
from pipeline.core.delivery import DeliveryState, Settled
from pipeline.core.mailing import MailingState
from pipeline.core.pace import DAY, HOUR, Pace, warmed_up
from pipeline.core.portion import LEAST, WIDE, Portion
from pipeline.core.reply import Verdict, verdict
from pipeline.core.retrying import settled
from pipeline.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.core.delivery import Claim
    from pipeline.core.mailing import Mailing
    from pipeline.core.reply import Reply
    from pipeline.core.sending import Sending
    from pipeline.ports.people import Subscribers
    from pipeline.ports.sending import Clock, Ledger, Letter, Letters, Tokens

LOOK = 1.0
"""Seconds between two looks at what others did: paused, cancelled, ended."""

FRESH = 10.0
"""Seconds after a claim until what is left is asked for again, without who has left by then."""

NAP = 5.0
"""The longest wait in one go, in seconds, so that a pause or a dead worker is soon noticed."""

REFUSALS_FIRST, REFUSALS_MOST = 5, 20
"""Recipients in a row that were refused before the mailing is stopped: a server that knows none of
its own has lost its list, and one that takes nothing from us means us. The first where none was
taken in this round, and all are called unknown."""

DOUBTS_FIRST, DOUBTS_MOST = 3, 20
"""Letters that nobody knows of before the mailing is stopped: where none was taken in this round,
and where fewer than ten were for each of them. No connection may leave more than one, and there is
one connection until a letter was taken."""

WARM_UP_DAYS = 30

SENT, FAILED = DeliveryState.SENT, DeliveryState.FAILED
"""Asked of each mail; by way of the class that takes a tenth of a microsecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a round works with.

    `chance` gives a number from 0 to 1, other each time; `bounced` hears of a bounce that was kept
    and may be believed, `watch` often of how the round goes; `wait` says whether the round waits
    for deferred rows that are due later. Once `stopping` is True nothing more begins: what is on
    its way is finished.
    """

    ledger: Ledger
    subscribers: Subscribers
    tokens: Tokens
    letters: Letters
    sending: Sending
    clock: Clock
    chance: Callable[[], float]
    bounced: Callable[[Bounce], None]
    watch: Callable[[Progress], None]
    wait: bool = True
    stopping: Callable[[], bool] = bool


@dataclass(slots=True, kw_only=True)
class Progress:
    """What this round did; `waits` is when the next deferred row is due (epoch), 0 for none."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    uncertain: int = 0
    waits: float = 0.0
    stopped: str = ""


class Delivering:
    """The port `Round` for one running mailing and one worker."""

    def __init__(self, desk: Desk, mailing: Mailing) -> None:
        self._desk = desk
        self._mailing = mailing
        self._queue: deque[Claim] = deque()
        self._away = 0  # letters that a carrier has
        self._claimed = 0.0  # when the queue was filled
        self._portion = Portion(WIDE if desk.sending.per_domain_per_minute else LEAST)
        self._more = False  # more may be due than the queue holds
        self._steps = mailing.steps  # of the mailing, by then
        self._looked = -LOOK
        self._refusals = 0  # in a row, for what we are
        self._gone: list[Bounce] = []  # in a row, called unknown
        self._storm = False  # they were so many that nobody believes it
        self._doubts = 0.0
        self._ended = False
        self._shared = self._sharing()
        self._pace = self._new_pace()
        self.progress = Progress()

    def next(self) -> Letter | float | None:
        """What to send next; or the seconds to wait before asking again; None: no more at all."""
        now = self._desk.clock.steady()
        if self._over(now):
            return None
        if not self._queue:
            waits = self._fill(now)
            if waits is None or waits > 0:
                return waits
        elif self._more and len(self._queue) <= self._portion.low:
            self._refill(now)
        return self._pick(now)

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        """Note both in the ledger, in one transaction, then what follows from the replies."""
        at = self._desk.clock.time()
        outcomes = [self._settled(letter.claim, reply, at) for letter, reply in done]
        for (letter, reply), outcome in zip(done, outcomes, strict=True):
            if outcome.state is FAILED and reply.code:
                # First: a process that is killed in between may leave a row without an answer, but
                # no refusal that nobody knows of.
                self._bounce(letter.claim, reply, at)
        self._mark([letter.claim.id for letter in begun], outcomes)
        self._away -= len(done)
        for (_, reply), outcome in zip(done, outcomes, strict=True):
            if outcome.state is SENT:
                self._took_it()
            else:
                self._follow(reply, outcome)
        if done:
            self._desk.watch(self.progress)

    def put_back(self, letter: Letter) -> None:
        """It goes again, before the others."""
        self._away -= 1
        self._pace.put_back(domain_of(letter.claim.address))
        self._queue.appendleft(letter.claim)

    def close(self) -> bool:
        """Give back what was not sent; True where the mailing is finished now."""
        self._queue.clear()
        if self.progress.sent or len(self._gone) == 1:
            self._believe()
        self._desk.ledger.give_back()
        at = datetime.fromtimestamp(self._desk.clock.time(), UTC)
        running = (MailingState.RUNNING,)
        return self._desk.ledger.move(self._mailing.id, running, MailingState.FINISHED, "", at)

    def _over(self, now: float) -> bool:
        """True where there is no more to do here; looks at the ledger now and then."""
        if not self._ended and now - self._looked >= LOOK:
            self._looked = now
            if self._desk.stopping():
                self._ended = True
                return True
            mailing = self._desk.ledger.mailing(self._mailing.issue)
            if mailing is None or mailing.state is not MailingState.RUNNING:
                self._ended = True
                self.progress.stopped = self.progress.stopped or _why(mailing)
            elif (shared := self._sharing()) != self._shared:
                self._shared = shared
                before, self._pace = self._pace, self._new_pace()
                self._pace.go_on_like(before)
            if self._queue and now - self._claimed > FRESH:
                self._desk.ledger.give_back([claim.id for claim in self._queue])
                self._queue.clear()
        return self._ended

    def _sharing(self) -> tuple[int, int]:
        """What the limits depend on: the day, and how many workers share them."""
        sending = self._desk.sending
        limited = sending.per_second or sending.per_hour or sending.per_domain_per_minute
        day = int(self._desk.clock.time() // DAY) if sending.warm_up else 0
        return day, self._desk.ledger.workers() if limited or sending.warm_up else 1

    def _fill(self, now: float) -> float | None:
        """0 where there are claims now; else how long to wait, or None at the end."""
        ledger, clock = self._desk.ledger, self._desk.clock
        if waits := self._pace.waits_for_all(now):
            if waits > NAP and not self._desk.wait and not self._away:
                self.progress.waits = clock.time() + min(waits, DAY)
                return None
            # Not to hold rows that another worker could send.
            return min(waits, NAP)
        most = self._pace.room(now, self._portion.size, NAP)
        claims = ledger.claim(self._mailing.id, most, clock.time())
        if not claims:
            return self._idle()
        # With limits there is nothing to gain, and rows to hold from other workers.
        self._more = len(claims) == most and not self._desk.sending.is_limited
        self._take(claims, now)
        return 0.0

    def _refill(self, now: float) -> None:
        """Claim as many as make a portion again."""
        most = self._portion.size - len(self._queue)
        claims = self._desk.ledger.claim(self._mailing.id, most, self._desk.clock.time())
        self._more = len(claims) == most
        if claims:
            self._take(claims, now)

    def _take(self, claims: Sequence[Claim], now: float) -> None:
        """These are ours."""
        self._claimed = now
        self._portion.took(now)
        ledger = self._desk.ledger
        if steps := ledger.steps(self._mailing.id):
            self._steps = steps
            self._desk.tokens.write(self._mailing.issue, steps, lasting=True)
        self._queue.extend(claims)
        self._desk.letters.expect(claims)

    def _mark(self, sending: Sequence[int], settled: Sequence[Settled]) -> None:
        """In the ledger, then beside it: what a restored copy of it will not know."""
        steps = self._desk.ledger.mark(sending, settled)
        self._desk.tokens.write(self._mailing.issue, steps, lasting=False)

    def _idle(self) -> float | None:
        """Nothing is due: what dead workers left, what is deferred, what others have."""
        ledger, clock = self._desk.ledger, self._desk.clock
        found = ledger.recover(datetime.fromtimestamp(clock.time(), UTC))
        if found.requeued:
            return 0.01
        tally = ledger.tally(self._mailing.id)
        due = ledger.next_due(self._mailing.id)
        self.progress.waits = due
        self._desk.watch(self.progress)
        if not tally.open or (
            not self._away and not self._desk.wait and tally.open == tally.deferred
        ):
            return None
        until = due - clock.time() if due else LOOK
        return max(0.01, min(until, NAP if tally.open == tally.deferred else LOOK))

    def _pick(self, now: float) -> Letter | float | None:
        """The first letter that may go now; those of a busy domain wait for others."""
        shortest = NAP
        for _ in range(len(self._queue)):
            claim = self._queue.popleft()
            waits = self._pace.wait(domain_of(claim.address), now)
            if waits > 0:
                shortest = min(shortest, waits)
                self._queue.append(claim)
                continue
            try:
                letter = self._desk.letters.letter(claim)
            except AddressError as error:
                self._refuse(claim, str(error))
                continue
            self._away += 1
            return letter
        return shortest if self._queue else 0.0

    def _refuse(self, claim: Claim, why: str) -> None:
        """An address that cannot be written is a failure of its own, and stops nobody else."""
        at = self._desk.clock.time()
        outcome = Settled(claim.id, DeliveryState.FAILED, at, 0, "5.1.3", why)
        self._mark((), [outcome])
        self.progress.failed += 1

    def _settled(self, claim: Claim, reply: Reply, at: float) -> Settled:
        return settled(claim, reply, self._desk.sending, at=at, chance=self._desk.chance())

    def _took_it(self) -> None:
        """The server did."""
        self.progress.sent += 1
        self._refusals = 0
        self._doubts = max(0.0, self._doubts - 0.1)
        self._pace.went_well()

    def _follow(self, reply: Reply, outcome: Settled) -> None:
        """What a reply that is no 250 means beyond its own row."""
        self._count(outcome.state)
        if reply.slows:
            self._pace.slow_down(self._desk.clock.steady())
        if verdict(reply) is Verdict.STOPPED:
            self._stop(f"the server refused at {reply.stage}: {reply.words}")
        if outcome.state is DeliveryState.UNCERTAIN:
            self._doubt(reply)
        if self._refusals >= REFUSALS_MOST:
            self._stop(
                f"the server refused {self._refusals} recipients in a row for what we are, the "
                f"last with: {reply.words}. When that is mended, send to them again: "
                f"enews mailing retry {self._mailing.issue} --failed"
            )
        if len(self._gone) >= (REFUSALS_MOST if self.progress.sent else REFUSALS_FIRST):
            self._stop(
                f"the server called {len(self._gone)} recipients in a row unknown, the last with: "
                f"{reply.words}. None of these was suppressed. If the server is wrong, send to "
                f"them again when it is mended: enews mailing retry {self._mailing.issue} "
                f"--failed. If they are gone: enews mailing resume {self._mailing.issue}"
            )
            self._storm = True

    def _believe(self) -> None:
        """What the server said of those it does not know: it knows others."""
        gone, self._gone = self._gone, []
        for bounce in gone if not self._storm else ():
            self._desk.bounced(bounce)

    def _doubt(self, reply: Reply) -> None:
        """Something on the way ends connections behind letters: no more of them, till it is found.

        Only an editor can say what becomes of each of these.
        """
        self._doubts += 1
        least = max(DOUBTS_MOST, 2 * self._desk.sending.connections)
        if self._doubts >= (least if self.progress.sent else DOUBTS_FIRST):
            self._stop(
                f"{self.progress.uncertain} letters are uncertain, the last with: {reply.words}. "
                f"Who: enews mailing who {self._mailing.issue} --state uncertain. When it "
                f"is mended: enews mailing resume {self._mailing.issue}"
            )

    def _count(self, state: DeliveryState) -> None:
        name = state.value
        setattr(self.progress, name, getattr(self.progress, name) + 1)

    def _bounce(self, claim: Claim, reply: Reply, at: float) -> None:
        kind = kind_of(reply.code, reply.status, reply.text)
        bounce = Bounce(
            # Other after a retry, the same where a commit is tried again.
            key=f"smtp:{self._mailing.id}:{claim.id}:{self._steps}",
            subscriber=claim.subscriber,
            mailing=self._mailing.id,
            at=datetime.fromtimestamp(at, UTC),
            kind=kind,
            code=reply.code,
            status=reply.status,
            said=reply.text,
            source="smtp",
        )
        if self._desk.subscribers.add_bounce(bounce):
            if kind is BounceKind.HARD:
                self._gone.append(bounce)
            else:
                self._desk.bounced(bounce)
        self._refusals = self._refusals + 1 if kind is BounceKind.POLICY else 0

    def _stop(self, why: str) -> None:
        at = datetime.fromtimestamp(self._desk.clock.time(), UTC)
        running = (MailingState.RUNNING,)
        self._desk.ledger.move(self._mailing.id, running, MailingState.PAUSED, why, at)
        self._ended = True
        # What was under way may say the same again.
        self.progress.stopped = self.progress.stopped or why

    def _new_pace(self) -> Pace:
        ledger, sending, at = self._desk.ledger, self._desk.sending, self._desk.clock.time()
        midnight = at - at % DAY
        days: list[int] = []
        if sending.warm_up:
            sums = [ledger.sent_since(midnight - day * DAY) for day in range(WARM_UP_DAYS + 1)]
            days = [earlier - later for later, earlier in pairwise(sums)]
        return Pace(
            sending,
            now=self._desk.clock.steady(),
            last_hour=ledger.sent_since(at - HOUR) if sending.per_hour else 0,
            today=ledger.sent_since(midnight) if sending.warm_up else 0,
            allowed_today=warmed_up(sending, days),
            workers=self._shared[1],
        )


def _why(mailing: Mailing | None) -> str:
    if mailing is None:
        return "the mailing is gone from the ledger"
    return mailing.reason or f"the mailing is {mailing.state}"
