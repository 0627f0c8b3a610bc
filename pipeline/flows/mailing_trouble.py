"""What stands in the way of a mailing: kept in the ledger, and told to who looks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.mailing import MailingState
from pipeline.errors import FencedError, MailLoginError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pipeline.core.mailing import Mailing
    from pipeline.core.reply import Reply
    from pipeline.errors import MailError
    from pipeline.ports.sending import Ledger, Letter, Round

RUNNING = (MailingState.RUNNING,)


def note(ledger: Ledger, mailing: Mailing, why: str) -> None:
    """Keep why nobody sends a running mailing, "" once somebody does; it runs since it did."""
    there = ledger.mailing(mailing.issue)
    if there is not None and there.reason != why:
        ledger.move(there.id, RUNNING, MailingState.RUNNING, why, there.since)


def hindered(ledger: Ledger, mailing: Mailing, error: MailError, now: datetime) -> str:
    """Keep why a mail server could not be used; where that pauses the mailing, the reason, else "".

    A refused login does: each try more may lock the account, and none mends it.
    """
    if not isinstance(error, MailLoginError):
        note(ledger, mailing, str(error))
        return ""
    why = f"the server {error}"
    ledger.move(mailing.id, RUNNING, MailingState.PAUSED, why, now)
    return why


class Telling:
    """A round, the port `Round`, that says once when a commit has to wait for the store.

    Who carries letters tries the commit again a few times, and nothing moves meanwhile.
    """

    def __init__(self, going: Round, tell: Callable[[str], None]) -> None:
        # As they are: a mail more should cost nothing more.
        self.next = going.next
        self.put_back = going.put_back
        self._commit = going.commit
        self._tell = tell
        self._told = False

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        """As the round does."""
        try:
            self._commit(begun, done)
        except FencedError:
            raise
        except StoreError as error:
            if not self._told:
                self._told = True
                self._tell(f"Waiting for the ledger, nothing new is sent: {error}")
            raise
        self._told = False
