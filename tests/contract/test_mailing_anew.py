"""An issue released anew, and a mailing begun anew: in memory, SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.core.delivery import DeliveryState, Settled, Tally
from pipeline.core.mailing import MailingState
from pipeline.core.subscriber import Change
from pipeline.errors import MailingError
from pipeline.flows.mailing import Records, begin, cancel, go_on, pause
from tests.mailing_releases import NEWER, RELEASED
from tests.post_desk import AGREED, BEGAN, ISSUE, MemoryTokens, people

if TYPE_CHECKING:
    from pipeline.core.mailing import Mailing
    from tests.databases import AnyStore

LATER = BEGAN + timedelta(hours=1)
ADDRESSES = ["ada@example.org", "bob@example.org", "cat@example.org"]


def begun(store: AnyStore) -> tuple[Records, Mailing]:
    store.subscribers.save([Change(subscriber=s, consent=AGREED) for s in people(ADDRESSES)])
    desk = Records(subscribers=store.subscribers, ledger=store.ledger, tokens=MemoryTokens())
    store.ledger.enter("test")
    return desk, begin(desk, RELEASED, now=BEGAN, begins=None, outbox=False)


def settle(desk: Records, mailing: Mailing, state: DeliveryState) -> int:
    """One row comes out so; whose it was."""
    (claim,) = desk.ledger.claim(mailing.id, 1, BEGAN.timestamp())
    desk.ledger.mark([], [Settled(claim.id, state, BEGAN.timestamp())])
    return claim.subscriber


def test_the_newer_release_goes_to_who_has_nothing_yet(store: AnyStore) -> None:
    desk, mailing = begun(store)
    has = settle(desk, mailing, DeliveryState.SENT)
    pause(desk.ledger, ISSUE, "", now=BEGAN)
    with pytest.raises(MailingError, match=f"released anew since .* resume {ISSUE} --late"):
        go_on(desk, mailing, NEWER, now=LATER, outbox=False, by_hand=True)
    going = go_on(desk, mailing, NEWER, now=LATER, outbox=False, by_hand=True, late=True)
    assert (going.state, going.digest) == (MailingState.RUNNING, NEWER.lock.digest)
    assert desk.ledger.tally(going.id) == Tally(queued=2, sent=1)
    left = desk.ledger.claim(going.id, 9, LATER.timestamp())
    assert has not in {claim.subscriber for claim in left}
    assert len(left) == 2


def test_what_nobody_got_begins_anew_and_every_row_is_there_once(store: AnyStore) -> None:
    desk, mailing = begun(store)
    settle(desk, mailing, DeliveryState.FAILED)
    cancel(desk.ledger, ISSUE, "", now=LATER)
    anew = begin(desk, NEWER, now=LATER, begins=None, outbox=False, by_hand=True)
    assert (anew.state, anew.digest) == (MailingState.RUNNING, NEWER.lock.digest)
    assert desk.ledger.tally(anew.id) == Tally(queued=3)
    assert {row.mailing for row in desk.ledger.deliveries()} == {anew.id}
    assert begin(desk, NEWER, now=LATER, begins=None, outbox=False, by_hand=True) == anew


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.UNCERTAIN])
def test_what_somebody_may_have_stays_cancelled(store: AnyStore, state: DeliveryState) -> None:
    desk, mailing = begun(store)
    settle(desk, mailing, state)
    gone = cancel(desk.ledger, ISSUE, "", now=LATER)
    assert begin(desk, NEWER, now=LATER, begins=None, outbox=False, by_hand=True) == gone
    with pytest.raises(MailingError, match="for good: 1 of 3 have it or may have it"):
        go_on(desk, gone, NEWER, now=LATER, outbox=False, by_hand=True, late=True)
