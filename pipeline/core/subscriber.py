"""Someone who asked for newsletters, and the record of what they agreed to.

::

    sign up ─▶ pending ── confirm ──▶ active ── leave ──▶ unsubscribed
                  │ expires              ▲                    │
                  ▼                      └──── sign up and ───┘
               (erased)                        confirm again
    suppressed: from any state, at any time; back only by a human's word

`core.subscription` has the moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SubscriberState(StrEnum):
    """Whether a subscriber gets mail."""

    PENDING = "pending"  # asked, and has not confirmed yet
    ACTIVE = "active"  # gets the newsletters they asked for
    UNSUBSCRIBED = "unsubscribed"  # left all of them
    SUPPRESSED = "suppressed"  # must not be mailed, whoever asks: the suppression list says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One address and what it asked for.

    `id` is given by the store (0: not kept yet) and never given again; `address` as `core.address`
    writes it; `language` is a BCP 47 tag, "" for each newsletter's main one; `newsletters` are the
    keys of what they get once active, `topics` keys of themes, none meaning all; `asked` are
    newsletters asked for and not confirmed yet; `since` is when `state` began, aware. They pause
    until `quiet_until`: no mailing goes to them before.
    """

    id: int = 0
    address: str
    name: str = ""
    language: str = ""
    newsletters: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    state: SubscriberState = SubscriberState.PENDING
    since: datetime
    quiet_until: datetime | None = None

    def pauses(self, at: datetime) -> bool:
        """True where they asked for no mail now."""
        return self.quiet_until is not None and at < self.quiet_until


class ConsentAction(StrEnum):
    """What a subscriber, or somebody for them, did."""

    ASKED = "asked"  # signed up, unconfirmed
    CONFIRMED = "confirmed"  # followed the link in the confirmation mail
    ADDED = "added"  # an editor's word that they asked
    IMPORTED = "imported"  # came with a list; in old records: or was added by an editor
    CHANGED = "changed"  # other newsletters, topics, language, name or address
    LEFT = "left"  # unsubscribed from some newsletters, or from all
    SUPPRESSED = "suppressed"  # a bounce, a complaint or an editor ended all mail
    RESTORED = "restored"  # an editor lifted a suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A line of the record that is only ever added to.

    `how` is the way (`import subscribers.csv`, `command line`, `form`, `one-click`), `text` the
    words that were shown to them, `detail` what changed (`core.subscription` writes and reads it),
    `origin` where from (an IP address or a page), "" where nobody noted it.
    """

    at: datetime
    action: ConsentAction
    how: str
    text: str = ""
    detail: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A subscriber as they are from now on (id 0: a new one), and the line of their record.

    `before` is how they were when that was decided: a store that finds them otherwise by then
    refuses, so that nobody who left meanwhile comes back. None: whatever they are.
    """

    subscriber: Subscriber
    consent: Consent
    before: Subscriber | None = None
