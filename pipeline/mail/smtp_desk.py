"""What a connection waits for, and whom it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pipeline.core.reply import Stage

if TYPE_CHECKING:
    from pipeline.core.reply import Reply
    from pipeline.mail.smtp_talk import Talk
    from pipeline.ports.sending import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait; for replies as RFC 5321 §4.5.3.2 asks, since giving up early on a letter
    that the server took makes it uncertain.

    `opening` is shorter than there (five minutes): a relay that needs longer is tried again, and
    nothing was sent.
    """

    opening: float = 60.0  # each step until mails can be sent
    opening_first: float = 20.0  # the same before there was any connection: an editor waits for it
    command: float = 300.0  # the reply to MAIL FROM or RCPT TO
    data: float = 120.0  # the reply to DATA
    block: float = 180.0  # a part of a letter to leave this machine
    content: float = 600.0  # the reply to a letter
    idle: float = 15.0  # a connection without a letter stays open
    quit: float = 2.0  # the reply to QUIT
    again: float = 1.0  # before a second try to connect; doubled each time
    again_most: float = 30.0
    unreachable: float = 120.0  # without any connection that works, until it is given up
    unreachable_first: float = 5.0  # the same before there was any
    store_again: tuple[float, ...] = (1.0, 3.0, 6.0)  # pauses, where the ledger cannot be written
    interrupted: float = 10.0  # after Ctrl-C, for the replies to letters on their way

    @property
    def look(self) -> float:
        """How often to look for connections that hang, or that nobody needs."""
        waits = (self.command, self.data, self.block, self.content, self.quit, self.idle)
        return min(1.0, min(waits) / 4)

    def until(self, stage: Stage | None) -> float:
        """How long a reply may take."""
        if stage is Stage.CONTENT:
            return self.content
        return self.data if stage is Stage.DATA else self.command


class Desk(Protocol):
    """Where a connection gets letters and tells what became of them; nothing here raises."""

    def next(self) -> Letter | None:
        """The next letter, if there is one now."""
        ...

    def begin(self, talk: Talk) -> None:
        """`talk.opened` may go: `talk.send()` follows its commit."""
        ...

    def withdraw(self, talk: Talk) -> None:
        """Take the last `begin` back, if its commit has not been."""
        ...

    def settle(self, letter: Letter, reply: Reply) -> None:
        """What became of a letter."""
        ...

    def put_back(self, letter: Letter) -> None:
        """Nothing of it left, and it is not to blame."""
        ...

    def lost(self, letter: Letter, stage: Stage, why: str) -> None:
        """The connection ended while its envelope was answered."""
        ...

    def heard(self) -> None:
        """All of the replies that came together have been told."""
        ...

    def idle(self, talk: Talk) -> None:
        """A connection has nothing to do."""
        ...

    def ended(self, talk: Talk, why: str) -> None:
        """A connection is gone."""
        ...

    def seconds(self) -> float:
        """A clock that only goes forward."""
        ...
