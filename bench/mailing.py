"""The mailing that every sender sends: one issue, a row for each of its readers.

All texts are made here, the same on every machine; no line begins with a dot, so that what one
sender has to look for and another looked for once costs neither anything.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.message import Message
from pipeline.core.newsroom import Author, Newsroom
from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.mail.letters import letter_writer
from pipeline.mail.message import compose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.mail.dkim_keys import DkimKey
    from pipeline.mail.letters import LetterWriter

ISSUE = "news/2026-01"
KEY = b"the key of a benchmark, which signs nothing of worth"
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
AT_ONCE = 5000  # subscribers that are kept in one transaction
ROOM = Newsroom(
    title="A newsroom",
    base_url="https://news.example.org",
    timezone="UTC",
    authority="news.example.org,2026",
    author=Author(name="The desk"),
    kinds={"news": "News"},
    series={},
)
WORDS = (
    *("members", "market", "harvest", "price", "meeting", "store", "list", "village", "road"),
    *("water", "school", "season", "letter", "workers", "council", "summer", "loan", "seed"),
    *("bread", "wool", "river", "bridge", "hall", "morning", "evening", "figure", "vote"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """An issue's two texts, with the tokens in them that each reader's addresses go to."""

    text: str
    html: str


def texts(size: int) -> Texts:
    """Texts whose letter has about `size` bytes on the wire."""
    chance = random.Random(2026)
    plain: list[str] = []
    rich: list[str] = []
    length = 1400  # of the header and the parts' own
    while length < size:
        words = [" ".join(chance.choices(WORDS, k=12)).capitalize() for _ in range(4)]
        rich.append(f'<tr><td style="padding:8px 0"><p>{".</p><p>".join(words)}.</p></td></tr>')
        length += len(rich[-1]) * 105 // 100
        if len(rich) % 3 == 0:  # the plain text has no tables, no styles, and summaries only
            plain.append(f"{words[0]}.\n{words[1]}.\n")
            length += len(plain[-1])
    feet = f"Leave: {UNSUBSCRIBE}\nChoose: {PREFERENCES}\n"
    links = f'<p><a href="{UNSUBSCRIBE}">Leave</a> <a href="{PREFERENCES}">Choose</a></p>'
    table = "\n".join(rich)
    return Texts(text="\n".join(plain) + feet, html=f"<table>\n{table}\n</table>\n{links}\n")


def message(given: Texts) -> Message:
    """The issue as it was released."""
    return Message(
        sender="A newsroom <news@example.org>",
        subject="News No. 1, January 2026",
        date=BEGAN,
        list_id="news.news.example.org",
        list_title="News",
        lang="en",
        text=given.text,
        html=given.html,
    )


def writer(size: int, signers: tuple[DkimKey, ...] = ()) -> LetterWriter:
    """Who writes the letters, as `enews` does."""
    return letter_writer(
        messages={"en": compose(message(texts(size)))},
        issue=ISSUE,
        newsroom=ROOM,
        mailing=1,
        at=BEGAN,
        keys=[KEY],
        signers=signers,
    )


def address(number: int) -> str:
    """A reader's; they are at a thousand domains."""
    return f"reader{number}@d{number % 1000}.example.net"


def prepare(path: Path, count: int) -> None:
    """A database with `count` readers and the mailing's rows."""
    from pipeline.store.opening import open_store

    with open_store("", path) as store:
        for start in range(1, count + 1, AT_ONCE):
            store.subscribers.save(list(_readers(start, min(start + AT_ONCE, count + 1))))
        mailing = Mailing(
            issue=ISSUE,
            newsletter="news",
            digest="00" * 32,
            state=MailingState.RUNNING,
            created=BEGAN,
            begins=BEGAN,
            since=BEGAN,
        )
        store.ledger.create(mailing, (reader.id for reader in store.subscribers.each()))


def _readers(start: int, end: int) -> Iterator[Change]:
    consent = Consent(at=BEGAN, action=ConsentAction.IMPORTED, how="benchmark")
    for number in range(start, end):
        yield Change(
            subscriber=Subscriber(
                address=address(number),
                name=f"Reader {number}",
                newsletters=frozenset({"news"}),
                state=SubscriberState.ACTIVE,
                since=BEGAN,
            ),
            consent=consent,
        )
