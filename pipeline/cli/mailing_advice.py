"""What a mailing waits for, and what would keep it from going on: read, not tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.mailing_output import ENDED
from pipeline.core.mailing import MailingState, may_go_on
from pipeline.core.mailing_limit import limit
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from pipeline.core.delivery import Tally
    from pipeline.core.mailing import Mailing
    from pipeline.core.mailing_limit import Limit
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store


def held_by(post: Postroom, store: Store, mailing: Mailing, tally: Tally) -> Limit | None:
    """The limit that what is queued waits for; None where none does. Raises ConfigError."""
    from pipeline.content.reader import ContentFolder
    from pipeline.postroom import SystemClock

    if mailing.state is not MailingState.RUNNING or not tally.queued:
        return None
    sending = ContentFolder(post.app.settings.folders.content).newsroom().sending
    # By the clock, not by ENEWS_NOW: the ledger's times are real ones.
    at = SystemClock(post.app).time()
    return limit(sending, store.ledger.sent_since, left=tally.queued, at=at)


def refusal(post: Postroom, store: Store, mailing: Mailing) -> str:
    """Why `mailing resume` would refuse, with what to do; "" where it would not. ConfigError."""
    from pipeline.content.reader import ContentFolder

    if mailing.state in ENDED:
        return ""
    sending = ContentFolder(post.app.settings.folders.content).newsroom().sending
    return may_go_on(
        mailing,
        _digest(post, mailing),
        token=post.records(store).tokens.read(mailing.issue),
        at=post.app.now(),
        hours=sending.late_hours,
        late=False,
    )


def _digest(post: Postroom, mailing: Mailing) -> str:
    """What is released now; the mailing's own where that cannot be read: `resume` says why."""
    from pipeline.content.lock import read_lock

    path = f"issues/{mailing.issue}.lock.json"
    try:
        raw = (post.app.settings.folders.content / path).read_bytes()
        return read_lock(path, raw).digest
    except (OSError, EnewsError):
        return mailing.digest
