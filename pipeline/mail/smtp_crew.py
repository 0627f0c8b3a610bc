"""The connections to one server, and the desk they work at.

::

    Round ──next──▶ Crew ──▶ Talk, Talk, Talk … ──▶ server
      ▲               │ ◀── replies, letters that may begin
      └── commit ─────┘     one for what several connections heard within a millisecond

Who waited for a connection asks the round anew: the mailing may be paused by then.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from pipeline.core.reply import Reply
from pipeline.errors import FencedError, MailError, MailRefusedError, MailTemporaryError, StoreError
from pipeline.mail.smtp_hiring import Hiring
from pipeline.mail.smtp_talk import Talk

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.core.reply import Stage
    from pipeline.mail.smtp_desk import Patience
    from pipeline.mail.smtp_opening import Line, Opening
    from pipeline.ports.sending import Letter, Round

LOSSES_MOST = 3
"""How often a letter's envelope may end a connection, until that is what is said of the letter."""

CONNECTIONS_A_COMMIT = 2
"""With ten connections a commit has the news of five: it costs as much as a letter does."""

GATHER = 0.001
"""Seconds that news may wait for others; uvloop takes less than this for none."""


class Crew:
    """Carries one round; `work` is called once. All of it runs in the loop's one thread."""

    def __init__(
        self, letters: Round, opening: Opening, server: str, limit: int, patience: Patience
    ) -> None:
        self._round = letters
        self._opening = opening
        self._server = server
        self._patience = patience
        self._hiring = Hiring(limit, patience)
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._talks: set[Talk] = set()
        self._idle: deque[Talk] = deque()
        self._opener: asyncio.Task[None] | None = None
        self._begun: list[Talk] = []
        self._done: list[tuple[Letter, Reply]] = []
        self._flushing: asyncio.Handle | None = None
        self._gathering = False  # `_flushing` is a timer
        self._waiting: asyncio.TimerHandle | None = None  # the round said when to ask again
        self._again: asyncio.TimerHandle | None = None  # when to connect again
        self._in_hand: Letter | None = None  # why a connection is being made
        self._held = False  # `_flushing` tries again what the store could not do
        self._tries = 0  # of that
        self._stumble: StoreError | None = None  # the first of them
        self._none_left = False
        self._away = 0  # letters that were given, and neither settled nor put back
        self._waits_for_them = False  # the round said to wait while some were
        self._stopping = False
        self._failed = False
        self._losses: dict[int, int] = {}  # by claim

    async def work(self) -> None:
        """Carry until the round has no more; what ends it otherwise is raised."""
        ticking = self._loop.create_task(self._tick())
        try:
            self._look()
            await self._over
        except (asyncio.CancelledError, MailError, StoreError):
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
        self._empty_hand()
        if self._stopping or self._held or self._over.done():
            return None
        if self._none_left or self._waiting is not None:
            return None
        try:
            found = self._round.next()
        except Exception as error:  # the round's own: it goes to who called us
            known = isinstance(error, StoreError) and not isinstance(error, FencedError)
            (self._give_up if known else self._fail)(error)
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
        self._before_long()

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
        self._before_long()
        if self._losses:
            self._losses.pop(letter.claim.id, None)
        if reply.code not in {0, 421}:
            self._hiring.answered()

    def put_back(self, letter: Letter) -> None:
        """It goes again."""
        if self._failed:
            return
        self._away -= 1
        self._ask_again()
        try:
            self._round.put_back(letter)
        except Exception as error:  # the round's own: it goes to who called us
            self._fail(error)
        self._soon()

    def lost(self, letter: Letter, stage: Stage, why: str) -> None:
        """It goes again; but a letter that ends each connection would go for ever."""
        losses = self._losses.get(letter.claim.id, 0) + 1
        if losses >= LOSSES_MOST:
            self.settle(letter, Reply(stage, 0, "", why))
        else:
            self._losses[letter.claim.id] = losses
            self.put_back(letter)

    def heard(self) -> None:
        """Commit now if it is worth it: others may have something for the same commit soon."""
        if self._held or self._failed:
            return
        if max(len(self._begun), len(self._done)) * CONNECTIONS_A_COMMIT >= len(self._talks):
            self._flush()

    def idle(self, talk: Talk) -> None:
        """It gets the next letter that comes."""
        talk.idle_since = self._loop.time()
        self._idle.append(talk)
        self._soon()

    def ended(self, talk: Talk, why: str) -> None:
        """A connection is gone; another comes if there is work."""
        self._talks.discard(talk)
        self._hiring.pipelining &= not talk.unheard
        if was_idle := talk in self._idle:
            self._idle.remove(talk)
        self._soon()
        if talk.leaving or self._failed:
            return
        if talk.dismissed:
            self._hiring.slow_down(max(1, self._hiring.allowed // 2))
        if not talk.answered and not was_idle:
            self._trouble(MailTemporaryError(f"{self._server}: {why}", self._server))

    # What follows.

    def _soon(self) -> None:
        """Flush in the next turn of the loop."""
        if self._failed or (self._flushing is not None and not self._gathering):
            return
        if self._flushing is not None:
            self._flushing.cancel()
        self._gathering = False
        self._flushing = self._loop.call_soon(self._flush)

    def _before_long(self) -> None:
        """Flush in a moment, if it is not worth it before."""
        if self._flushing is None and not self._failed:
            self._gathering = True
            self._flushing = self._loop.call_later(GATHER, self._flush)

    def _flush(self) -> None:
        """Commit what came since the last time; then let the letters go that this allows."""
        if self._flushing is not None:
            self._flushing.cancel()
        self._flushing, self._held = None, False
        begun, self._begun = self._begun, []
        done, self._done = self._done, []
        if begun or done:
            letters = [talk.opened for talk in begun if talk.opened is not None]
            try:
                self._round.commit(letters, done)
            except StoreError as error:
                self._begun, self._done = begun, done
                self._stumbled(error)
                return
            except Exception as error:  # it goes to who called us
                self._fail(error)
                return
            self._tries, self._stumble = 0, None
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
        ended = self._stopping or (self._none_left and self._in_hand is None)
        while ended and self._idle:
            self._idle.popleft().quit()
        if ended and not self._talks and self._flushing is None:
            self._over.set_result(None)

    def _hire(self) -> None:
        """One connection more, if it is allowed, nobody is free, and there is a letter for it."""
        if self._idle or self._again is not None or self._stopping or self._failed:
            return
        if self._opener is not None or len(self._talks) >= self._hiring.allowed:
            return
        self._in_hand = self.next()
        if self._in_hand is not None:
            self._opener = self._loop.create_task(self._open())

    async def _open(self) -> None:
        began = self._loop.time()
        try:
            line = await self._opening(self._hiring.opening)
        except MailError as error:
            self._trouble(error, self._loop.time() - began)
        except Exception as error:  # nobody awaits this task
            self._fail(error)
        else:
            self._opened(line)
        finally:
            self._opener = None

    def _opened(self, line: Line) -> None:
        if self._stopping or self._failed:
            line.transport.abort()
            return
        self._hiring.worked = True
        talk = Talk(line, self, self._patience, pipelining=self._hiring.pipelining)
        self._talks.add(talk)
        talk.go_on()
        self._soon()

    def _trouble(self, error: MailError, took: float = 0.0) -> None:
        """A connection that could not be made, or did nothing: slower, and in the end no more."""
        if self._failed or self._stopping:
            return
        self._empty_hand()
        self._hiring.slow_down(max(1, len(self._talks)))
        if self._talks:
            return
        for_good = isinstance(error, MailRefusedError) and not self._hiring.worked
        pause = None if for_good else self._hiring.failed(took)
        if pause is None:
            self._give_up(error)
        elif self._again is None:
            self._again = self._loop.call_later(pause, self._connect_again)

    def _empty_hand(self) -> None:
        """The round decides anew whether that letter goes."""
        if self._in_hand is not None:
            letter, self._in_hand = self._in_hand, None
            self.put_back(letter)

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

    def _stumbled(self, error: StoreError) -> None:
        """A commit failed: it is tried a few times more, for the replies in it are known.

        Nothing new begins meanwhile. Errors of a later try only follow from the first.
        """
        self._stumble = self._stumble or error
        pauses = self._patience.store_again
        if isinstance(error, FencedError) or self._tries >= len(pauses):
            self._fail(self._stumble)
            return
        self._held, self._gathering = True, False
        self._flushing = self._loop.call_later(pauses[self._tries], self._flush)
        self._tries += 1

    def _give_up(self, error: Exception) -> None:
        """End as after Ctrl-C: what is known is kept."""
        if not self._over.done():
            self._over.set_exception(error)

    def _fail(self, error: BaseException) -> None:
        """End at once: not a byte more, and no word to the round."""
        self._failed = True
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        if not self._over.done():
            self._over.set_exception(error)
        for talk in tuple(self._talks):
            talk.break_off("given up")

    async def _tick(self) -> None:
        """Look for connections that hang, and for those that nobody needs."""
        patience = self._patience
        while True:
            await asyncio.sleep(patience.look)
            now = self._loop.time()
            for talk in tuple(self._talks):
                talk.watch(now)
            while self._idle and now - self._idle[0].idle_since >= patience.idle:
                self._idle.popleft().quit()

    # The end.

    async def _wind_up(self) -> None:
        """Begin nothing more, and wait for the replies to what is on its way."""
        if self._failed:
            self._over.result()
        self._stopping = True
        self._over = self._loop.create_future()
        self._empty_hand()
        for talk in tuple(self._talks):
            if talk not in self._idle:
                talk.abandon()
        self._soon()
        await asyncio.wait((self._over,), timeout=self._patience.interrupted)
        for talk in tuple(self._talks):
            talk.break_off("interrupted")
        await self._turns(lambda: bool(self._talks))
        if self._flushing is not None:
            self._flush()
        if self._stumble is not None:
            raise self._stumble
        if self._over.done() and not self._over.cancelled():
            self._over.result()

    async def _close(self, ticking: asyncio.Task[None]) -> None:
        """Let go of the loop: no timer, no task, no open connection is left."""
        self._stopping = True
        for timer in (self._waiting, self._again, self._flushing):
            if timer is not None:
                timer.cancel()
        tasks = [ticking] if self._opener is None else [ticking, self._opener]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for talk in tuple(self._talks):
            talk.break_off("given up")
        await self._turns(lambda: bool(self._talks))
        # Transports close their sockets in the turn after.
        await asyncio.sleep(0)

    async def _turns(self, busy: Callable[[], bool]) -> None:
        """Let the loop turn while something is left to be told; what is aborted ends in a few."""
        for _ in range(100):
            if not busy():
                return
            await asyncio.sleep(0)
