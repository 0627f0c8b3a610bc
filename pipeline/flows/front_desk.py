"""What the flows of the front door work with, and what they ask first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.core import links
from pipeline.core.address import parse_address, salted_hash
from pipeline.core.links import Purpose
from pipeline.core.preferences import generation
from pipeline.core.versions import languages

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from pipeline.core.address import Address
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.subscriber import Consent, Subscriber
    from pipeline.ports.people import Subscribers
    from pipeline.ports.running import Notices
    from pipeline.ports.sending import Ledger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A_DAY = 3
"""Mails of one kind that an address gets a day, whoever asks for them; one an hour."""
AGAIN = 3
"""Times that a change is tried anew where somebody else's came in between."""
NAME_MOST = 120
TOPICS_MOST = 200
_TOPIC = re.compile(r"[\w.-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDesk:
    """Who signs links is the first of `keys`, and all are known.

    `message_ids` gives what tells the Message-ID of a copy by an issue's id and a subscriber's;
    `forget` removes what files outside of the store hold of some addresses.
    """

    newsroom: Newsroom
    keys: Sequence[bytes]
    subscribers: Subscribers
    ledger: Ledger
    notices: Notices
    message_ids: Callable[[], Callable[[str, int], str]]
    forget: Callable[[Collection[str]], object]


def same_mailbox(subscribers: Subscribers, address: Address) -> tuple[Subscriber, ...]:
    """The subscribers who have an address in any case, the very one first."""
    found = subscribers.find_folded([address.folded]).get(address.folded, ())
    return tuple(sorted(found, key=lambda one: one.address != str(address)))


def is_suppressed(subscribers: Subscribers, address: str) -> bool:
    """True for an address that is never mailed again, whoever asks."""
    entry = salted_hash(address, subscribers.salt)
    return entry in subscribers.suppressed([entry])


def is_free(subscribers: Subscribers, address: str, subscriber: int) -> bool:
    """True where a subscriber may move to an address: not suppressed, and nobody else's."""
    same = same_mailbox(subscribers, parse_address(address))
    return not is_suppressed(subscribers, address) and all(one.id == subscriber for one in same)


def offered_languages(newsroom: Newsroom) -> tuple[str, ...]:
    """The languages that one can ask for: the newsroom's, and those of its newsletters."""
    found = (tag for newsletter in newsroom.newsletters for tag in languages(newsletter, newsroom))
    return tuple(dict.fromkeys((newsroom.language, *found)))


def known_topics(topics: Collection[str]) -> frozenset[str]:
    """Those that can be keys of themes; more than anybody has are none."""
    good = frozenset(topic for topic in topics if _TOPIC.fullmatch(topic))
    return good if len(good) <= TOPICS_MOST else frozenset()


def preferences_token(desk: FrontDesk, subscriber: int, record: Sequence[Consent]) -> str:
    """The token of their preferences page, good until the next change of their address.

    `record` is to be no newer than the address that the token is for: it would open their page to
    who reads the one of before.
    """
    return links.sign(desk.keys[0], Purpose.PREFERENCES, subscriber, generation(record))
