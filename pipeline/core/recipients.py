"""Who gets a mailing, who is left out, and why; told before anything is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.address import domain_of
from pipeline.core.subscriber import SubscriberState
from pipeline.core.versions import version_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from pipeline.core.subscriber import Subscriber

EXAMPLES = 5
"""Addresses that are named of those left out for one reason."""


class LeftOut(StrEnum):
    """Why a subscriber does not get an issue."""

    PENDING = "has not confirmed yet"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed: never mailed"
    OTHERS = "did not ask for this newsletter"
    TOPICS = "none of their topics is in this issue"
    PAUSE = "asked for a pause that is not over yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a mailing looks for: a newsletter, and the themes of the issue's items.

    `themes` is None where the newsletter does not ask for topics; `languages` are those of the
    issue, the main one first; `at` is when it begins, None where no pause counts.
    """

    newsletter: str
    languages: tuple[str, ...]
    themes: frozenset[str] | None = None
    at: datetime | None = None


def left_out(subscriber: Subscriber, wanted: Wanted) -> LeftOut | None:
    """Why a subscriber gets nothing; None for one who gets the issue."""
    if subscriber.state is SubscriberState.SUPPRESSED:
        return LeftOut.SUPPRESSED
    if subscriber.state is SubscriberState.UNSUBSCRIBED:
        return LeftOut.UNSUBSCRIBED
    if wanted.newsletter not in subscriber.newsletters:
        waits = wanted.newsletter in subscriber.asked
        return LeftOut.PENDING if waits else LeftOut.OTHERS
    if subscriber.state is SubscriberState.PENDING:
        return LeftOut.PENDING
    if wanted.at is not None and subscriber.pauses(wanted.at):
        return LeftOut.PAUSE
    if wanted.themes is not None and subscriber.topics:
        return None if subscriber.topics & wanted.themes else LeftOut.TOPICS
    return None


def recipients(subscribers: Iterable[Subscriber], wanted: Wanted) -> Iterator[int]:
    """The ids of those who get the issue."""
    return (x.id for x in subscribers if left_out(x, wanted) is None)


@dataclass(slots=True, kw_only=True)
class Audience:
    """Counts of a mailing's recipients, and of those left out, by reason with a few addresses."""

    total: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    examples: dict[LeftOut, list[str]] = field(default_factory=dict)


def audience(subscribers: Iterable[Subscriber], wanted: Wanted) -> Audience:
    """Count everyone, in memory that does not grow with them (but for their domains)."""
    found = Audience()
    versions: dict[str, str] = {}
    for subscriber in subscribers:
        reason = left_out(subscriber, wanted)
        if reason is not None:
            found.left_out[reason] += 1
            named = found.examples.setdefault(reason, [])
            if len(named) < EXAMPLES:
                named.append(subscriber.address)
            continue
        found.total += 1
        language = subscriber.language
        if language not in versions:
            versions[language] = version_for(language, wanted.languages)
        found.languages[versions[language]] += 1
        found.domains[domain_of(subscriber.address)] += 1
    return found


def themes_of(items: Sequence[str], themes: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The themes that any of an issue's items has; `themes` has those of each item by id."""
    return frozenset(theme for item in items for theme in themes.get(item, ()))
