"""One look at every mailing: what is due is sent. `enews worker` and the service do it alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.mailing import MailingState
from pipeline.errors import EnewsError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.core.mailing import Mailing
    from pipeline.flows.deliver import Progress
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What came of one mailing in one look, as it stands now.

    `trouble` says why it could not go on, "" where it could; `progress` is what was done, None
    where nothing was.
    """

    mailing: Mailing
    progress: Progress | None = None
    trouble: str = ""


def is_due(post: Postroom, store: Store, mailing: Mailing) -> bool:
    """True for one that begins now, has something to send now, or nothing left at all."""
    now = post.app.now()
    if mailing.state is MailingState.SCHEDULED:
        return mailing.begins <= now
    if mailing.state is not MailingState.RUNNING:
        return False
    tally = store.ledger.tally(mailing.id)
    return tally.open != tally.deferred or store.ledger.next_due(mailing.id) <= now.timestamp()


def carry(
    post: Postroom,
    store: Store,
    stopping: Callable[[], bool] = bool,
    rests: Callable[[Mailing], bool] = lambda _: False,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Carried]:
    """Send what is due of every mailing, one after another, but for those that `rests` names.

    `watch` hears often of how each goes.

    Raises StoreError; what else stops a mailing is told of it, and stops no other.
    """
    for mailing in store.ledger.mailings():
        if stopping():
            return
        if rests(mailing) or not is_due(post, store, mailing):
            continue
        try:
            yield _carry(post, store, mailing, stopping, watch)
        except StoreError:
            raise
        except EnewsError as error:
            now = store.ledger.mailing(mailing.issue) or mailing
            yield Carried(mailing=now, trouble=str(error))


def _carry(
    post: Postroom,
    store: Store,
    mailing: Mailing,
    stopping: Callable[[], bool],
    watch: Callable[[Progress], None],
) -> Carried:
    from pipeline.flows.mailing import go_on

    issue = post.released(mailing.issue, waiting=lambda _: None)
    running = go_on(
        post.records(store),
        mailing,
        issue,
        now=post.app.now(),
        outbox=post.outbox() is not None,
    )
    if running.state is not MailingState.RUNNING:
        return Carried(mailing=running)
    done = post.send(store, issue, running, wait=False, watch=watch, stopping=stopping)
    now = store.ledger.mailing(mailing.issue) or running
    return Carried(mailing=now, progress=done, trouble=done.stopped)
