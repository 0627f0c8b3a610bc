"""What stands in the way of a mailing, over the store in memory."""

from collections.abc import Sequence

import pytest

from pipeline.core.mailing import MailingState
from pipeline.core.reply import Reply
from pipeline.errors import FencedError, MailLoginError, MailTemporaryError, StoreError
from pipeline.flows.mailing_trouble import Telling, hindered, note
from pipeline.ports.sending import Letter
from pipeline.store.memory import MemoryStore
from tests.people import LATER, NOW, mailing

FULL = StoreError("the disk is full")


class Stumbling:
    """A round whose commits fail with these errors, None for one that does not."""

    def __init__(self, *errors: StoreError | None) -> None:
        self.errors = list(errors)
        self.back: list[Letter] = []

    def next(self) -> float:
        return 7.0

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        del begun, done
        if error := self.errors.pop(0):
            raise error

    def put_back(self, letter: Letter) -> None:
        self.back.append(letter)


def test_a_commit_that_waits_for_the_store_is_told_once_each_time_it_begins_to() -> None:
    said: list[str] = []
    going = Telling(Stumbling(FULL, FULL, None, None, FULL), said.append)
    assert going.next() == 7.0
    for fails in (True, True, False, False, True):
        if fails:
            with pytest.raises(StoreError):
                going.commit([], [])
        else:
            going.commit([], [])
    assert said == ["Waiting for the ledger, nothing new is sent: the disk is full"] * 2


def test_who_was_given_up_does_not_wait() -> None:
    said: list[str] = []
    with pytest.raises(FencedError):
        Telling(Stumbling(FencedError("given up")), said.append).commit([], [])
    assert said == []


def test_why_nobody_sends_is_kept_and_it_runs_since_it_did() -> None:
    store = MemoryStore()
    kept = store.ledger.create(mailing(), [1])
    assert hindered(store.ledger, kept, MailTemporaryError("cannot be reached", "h"), LATER) == ""
    found = store.ledger.mailing(kept.issue)
    assert found is not None
    assert (found.state, found.reason) == (MailingState.RUNNING, "cannot be reached")
    assert found.since == kept.since
    note(store.ledger, kept, "")
    assert store.ledger.mailing(kept.issue) == kept
    assert store.ledger.move(kept.id, [MailingState.RUNNING], MailingState.PAUSED, "lunch", NOW)
    note(store.ledger, kept, "")
    found = store.ledger.mailing(kept.issue)
    assert found is not None
    assert (found.state, found.reason) == (MailingState.PAUSED, "lunch")


def test_a_refused_login_pauses_it() -> None:
    store = MemoryStore()
    kept = store.ledger.create(mailing(), [1])
    error = MailLoginError("h:587 refused the login: 535 5.7.8 no", "h:587")
    why = hindered(store.ledger, kept, error, LATER)
    assert why == "the server h:587 refused the login: 535 5.7.8 no"
    found = store.ledger.mailing(kept.issue)
    assert found is not None
    assert (found.state, found.reason, found.since) == (MailingState.PAUSED, why, LATER)
