"""The connections to one server, and the desk they work at.

::

    Round ──next──▶ Crew ──▶ Talk, Talk, Talk … ──▶ server
      ▲               │ ◀── replies, letters that may begin
      └── commit ─────┘     one for all that came in one turn of the loop

One connection at first; another for each letter that the server takes, up to the limit. Where it
says 421, refuses or drops a connection, there are fewer, and more come slowly.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from pipeline.core.reply import Reply
from pipeline.errors import MailError, MailRefusedError, MailTemporaryError
from pipeline.mail.smtp_talk import Talk

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.core.reply import Stage
    from pipeline.mail.smtp_desk import Patience
    from pipeline.mail.smtp_opening import Opening
    from pipeline.ports.sending import Letter, Round

LOSSES_MOST = 2
"""How often a letter's envelope may end a connection, until that is what is said of the letter."""

PRICE_MOST = 64
"""Letters that have to be taken for another connection, after trouble with connections."""


class Crew:
    """Carries one round; `work` is called once. All of it runs in the loop's one thread."""

    def __init__(
        self, letters: Round, opening: Opening, server: str, limit: int, patience: Patience
    ) -> None:
        self._round = letters
        self._opening = opening
        self._server = server
        self._limit = max(1, limit)
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._talks: set[Talk] = set()
        self._idle: deque[Talk] = deque()
        self._opener: asyncio.Task[None] | None = None
        self._begun: list[Talk] = []
        self._done: list[tuple[Letter, Reply]] = []
        self._flushing: asyncio.Handle | None = None
        self._waiting: asyncio.TimerHandle | None = None  # the round said when to ask again
        self._again: asyncio.TimerHandle | None = None  # when to connect again
        self._in_hand: Letter | None = None  # taken before there was a connection
        self._none_left = False
        self._away = 0  # letters that were given, and neither settled nor put back
        self._waits_for_them = False  # the round said to wait while some were
        self._stopping = False
        self._failed = False
        self._worked = False  # there was a connection
        self._allowed = 1  # connections
        self._price = 1  # letters taken for another connection
        self._earned = 0
        self._tries = 0  # without a connection that works
        self._since: float | None = None  # when that began
        self._losses: dict[int, int] = {}  # by claim

    async def work(self) -> None:
        """Carry until the round has no more; what ends it otherwise is raised."""
        ticking = self._loop.create_task(self._tick())
        try:
            self._look()
            await self._over
        except asyncio.CancelledError:
            await self._wind_up()
            raise
        finally:
            await self._close(ticking)

    # What connections ask: the desk.

    def seconds(self) -> float:
        """The loop's clock."""
        return self._loop.time()

    def next(self) -> Letter | None:
        """The next letter; None for none now, or no more."""
        if self._in_hand is not None:
            letter, self._in_hand = self._in_hand, None
            return letter
        if self._stopping or self._failed or self._none_left or self._waiting is not None:
            return None
        try:
            found = self._round.next()
        except Exception as error:  # the round's own: it goes to who called us
            self._fail(error)
            return None
        if found is None:
            self._none_left = True
            return None
        if isinstance(found, float | int):
            self._waiting = self._loop.call_later(max(found, 0.0), self._asked_to_wait)
            self._waits_for_them = self._away > 0
            return None
        self._away += 1
        return found

    def begin(self, talk: Talk) -> None:
        """A letter may go, with the next commit."""
        self._begun.append(talk)
        self._soon()

    def withdraw(self, talk: Talk) -> None:
        """Its connection is gone before the commit."""
        if talk in self._begun:
            self._begun.remove(talk)

    def settle(self, letter: Letter, reply: Reply) -> None:
        """What became of a letter, for the next commit."""
        if self._failed:
            return
        self._done.append((letter, reply))
        self._away -= 1
        self._soon()
        if self._losses:
            self._losses.pop(letter.claim.id, None)
        if reply.code not in {0, 421}:
            self._tries, self._since = 0, None
            self._earned += 1
            if self._earned >= self._price and self._allowed < self._limit:
                self._earned = 0
                self._allowed += 1

    def put_back(self, letter: Letter) -> None:
        """It goes again."""
        if self._failed:
            return
        self._away -= 1
        self._ask_again()
        self._called(lambda: self._round.put_back(letter))
        self._soon()

    def lost(self, letter: Letter, stage: Stage, why: str) -> None:
        """It goes again; but a letter that ends each connection would go for ever."""
        losses = self._losses.get(letter.claim.id, 0) + 1
        if losses >= LOSSES_MOST:
            self.settle(letter, Reply(stage, 0, "", why))
        else:
            self._losses[letter.claim.id] = losses
            self.put_back(letter)

    def idle(self, talk: Talk) -> None:
        """It gets the next letter that comes."""
        self._idle.append(talk)
        self._soon()

    def ended(self, talk: Talk, why: str) -> None:
        """A connection is gone; another comes if there is work."""
        self._talks.discard(talk)
        if talk in self._idle:
            self._idle.remove(talk)
        self._soon()
        if talk.leaving or self._failed:
            return
        if talk.dismissed:
            self._slow_down(max(1, self._allowed // 2))
        if not talk.answered:
            self._trouble(MailTemporaryError(f"{self._server}: {why}", self._server))

    # What follows.

    def _soon(self) -> None:
        if self._flushing is None and not self._failed:
            self._flushing = self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Commit what this turn of the loop brought; then let the letters go that it allows."""
        self._flushing = None
        begun, self._begun = self._begun, []
        done, self._done = self._done, []
        if begun or done:
            letters = [talk.opened for talk in begun if talk.opened is not None]
            if not self._called(lambda: self._round.commit(letters, done)):
                return
            for talk in begun:
                talk.send()
        if self._waits_for_them and not self._away:
            # All that it may have waited for is known now.
            self._ask_again()
        self._look()

    def _look(self) -> None:
        """Give work to those without, get more of them, or end."""
        for _ in range(len(self._idle)):
            letter = self.next()
            if letter is None:
                break
            self._idle.popleft().start(letter)
        self._hire()
        if self._failed or self._over.done():
            return
        if (self._none_left and self._in_hand is None) or self._stopping or self._long_wait():
            self._dismiss_idle()
        ended = self._none_left or self._stopping
        if ended and not self._talks and self._flushing is None and self._in_hand is None:
            self._over.set_result(None)

    def _hire(self) -> None:
        """One connection more, if it is allowed, nobody is free, and there is a letter for it."""
        if self._idle or self._again is not None or self._stopping or self._failed:
            return
        if self._opener is not None or len(self._talks) >= self._allowed:
            return
        if self._in_hand is None:
            self._in_hand = self.next()
        if self._in_hand is not None:
            self._opener = self._loop.create_task(self._open())

    async def _open(self) -> None:
        try:
            await self._opened()
        finally:
            self._opener = None

    async def _opened(self) -> None:
        try:
            line = await self._opening()
        except MailError as error:
            self._trouble(error)
            return
        except Exception as error:  # nobody awaits this task
            self._fail(error)
            return
        if self._stopping or self._failed:
            line.transport.abort()
            return
        self._worked = True
        talk = Talk(line, self, self._patience)
        self._talks.add(talk)
        talk.go_on()
        self._soon()

    def _trouble(self, error: MailError) -> None:
        """A connection that could not be made, or did nothing: slower, and in the end no more."""
        if self._failed or self._stopping:
            return
        if self._talks:
            self._slow_down(len(self._talks))
            return
        self._slow_down(1)
        now = self._loop.time()
        self._since = self._since if self._since is not None else now
        pause = min(self._patience.again * 2**self._tries, self._patience.again_most)
        self._tries += 1
        for_good = isinstance(error, MailRefusedError) and not self._worked
        patience = self._patience
        most = patience.unreachable if self._worked else patience.unreachable_first
        if for_good or now + pause - self._since > most:
            if self._in_hand is not None:
                letter, self._in_hand = self._in_hand, None
                self._called(lambda: self._round.put_back(letter))
            self._fail(error)
        elif self._again is None:
            self._again = self._loop.call_later(pause, self._connect_again)

    def _slow_down(self, allowed: int) -> None:
        self._allowed = min(self._allowed, allowed)
        self._price = min(2 * self._price, PRICE_MOST)
        self._earned = 0

    def _connect_again(self) -> None:
        self._again = None
        self._look()

    def _asked_to_wait(self) -> None:
        self._waiting = None
        self._waits_for_them = False
        self._look()

    def _ask_again(self) -> None:
        """The round has something again, whatever it said before."""
        self._none_left = self._waits_for_them = False
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _long_wait(self) -> bool:
        """Whether the next letter is so far off that the server would not wait for it."""
        waiting = self._waiting
        return waiting is not None and waiting.when() - self._loop.time() > self._patience.idle

    def _dismiss_idle(self) -> None:
        while self._idle:
            self._idle.popleft().quit()

    def _called(self, call: Callable[[], object]) -> bool:
        """Ask the round; whether it did not raise. Nothing more is sent if it did."""
        try:
            call()
        except Exception as error:  # the round's own: it goes to who called us
            self._fail(error)
            return False
        return True

    def _fail(self, error: BaseException) -> None:
        """End at once: not a byte more, and no word to the round."""
        self._failed = True
        if not self._over.done():
            self._over.set_exception(error)
        for talk in tuple(self._talks):
            talk.break_off("given up")

    async def _tick(self) -> None:
        """Look for connections that hang."""
        patience = self._patience
        waits = (patience.command, patience.data, patience.block, patience.content, patience.quit)
        while True:
            await asyncio.sleep(min(1.0, min(waits) / 4))
            now = self._loop.time()
            for talk in tuple(self._talks):
                talk.watch(now)

    # The end.

    async def _wind_up(self) -> None:
        """After Ctrl-C: begin nothing more, and wait for the replies to what is on its way."""
        if self._failed:
            self._over.result()
        self._stopping = True
        self._over = self._loop.create_future()
        if self._in_hand is not None:
            letter, self._in_hand = self._in_hand, None
            self.put_back(letter)
        for talk in tuple(self._talks):
            if talk not in self._idle:
                talk.abandon()
        self._soon()
        await asyncio.wait((self._over,), timeout=self._patience.interrupted)
        for talk in tuple(self._talks):
            talk.break_off("interrupted")
        await self._turns(lambda: bool(self._talks or self._flushing))
        if self._over.done() and not self._over.cancelled():
            self._over.result()

    async def _close(self, ticking: asyncio.Task[None]) -> None:
        """Let go of the loop: no timer, no task, no open connection is left."""
        self._stopping = True
        for timer in (self._waiting, self._again):
            if timer is not None:
                timer.cancel()
        tasks = [ticking] if self._opener is None else [ticking, self._opener]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for talk in tuple(self._talks):
            talk.break_off("given up")
        await self._turns(lambda: bool(self._talks or self._flushing))
        # Transports close their sockets in the turn after.
        await asyncio.sleep(0)

    async def _turns(self, busy: Callable[[], bool]) -> None:
        """Let the loop turn while something is left to be told; what is aborted ends in a few."""
        for _ in range(100):
            if not busy():
                return
            await asyncio.sleep(0)
