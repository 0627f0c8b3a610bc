"""Lists of subscribers as text, taken into a store in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BufferedReader, BytesIO
from typing import TYPE_CHECKING

from pipeline.content.subscriber_file import SubscriberFile
from pipeline.core.import_layout import recognise
from pipeline.core.import_row import RowReader, Vocabulary
from pipeline.core.subscription import Occasion
from pipeline.flows.subscriber_import import Desk, import_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.core.import_row import Entry, Trouble
    from pipeline.core.subscriber import Subscriber, SubscriberState
    from pipeline.flows.subscriber_import import Imported
    from pipeline.ports.people import Subscribers

NOW = datetime(2017, 8, 1, 10, tzinfo=UTC)
WORD = Occasion(at=NOW, how="import list.csv", text="I want news")

LISTMONK = """\
uuid,email,name,attributes,status,created_at,updated_at
1d,jane@example.org,Jane Doe,"{""lang"": ""fr"", ""city"": ""Roma""}",enabled,\
2021-03-05 11:22:33.123456 +0000 UTC,2022-01-01 00:00:00 +0000 UTC
2d,joe@example.org,Joe,{},disabled,2021-03-05 11:22:33 +0000 UTC,2022-01-01 00:00:00 +0000 UTC
3d,spam@example.org,,{},blocklisted,0001-01-01 00:00:00 +0000 UTC,0001-01-01 00:00:00 +0000 UTC
"""
MAILCHIMP = """\
"Email Address","First Name","Last Name",Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,\
CONFIRM_IP,LATITUDE,CC,LAST_CHANGED,LEID,EUID,NOTES,TAGS
jane@example.org,Jane,Doe,"1 Main St  Springfield",2,"2018-10-11 09:55:14",192.0.2.1,\
"2018-10-11 09:56:00",192.0.2.2,,CH,"2018-10-11 09:56:00",90498395,810826c56e,,"""
MAILCHIMP += '"""VIP"",""care"""\n'
MAILCHIMP_UNSUBSCRIBED = """\
"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,\
UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,LEID,EUID,NOTES
joe@example.org,Joe,,2,,,"2018-10-11 09:56:00",,"2019-01-02 03:04:05",News,12,NORMAL,1,2,
"""
MAILCHIMP_CLEANED = """\
"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,\
CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES
gone@example.org,,,1,,,"2018-10-11 09:56:00",,"2019-01-02 03:04:05",News,12,1,2,
"""
GHOST = """\
id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,\
deleted_at,labels,tiers
6a,jane@example.org,Jane Doe,,true,false,,2021-05-01T12:00:00.000Z,,,
6b,joe@example.org,Joe,,false,false,,2021-05-01T12:00:00.000Z,,,
"""


class Taken:
    """What an import made of a list: its figures, and the lines of its report."""

    def __init__(self, done: Imported, said: list[Trouble]) -> None:
        self.done = done
        self.said = said

    @property
    def outcomes(self) -> dict[str, int]:
        """How many rows came to each end that any came to."""
        return {str(outcome): number for outcome, number in self.done.outcomes.items() if number}

    @property
    def problems(self) -> list[tuple[int, str]]:
        """Line and problem of each line of the report."""
        return [(trouble.line, trouble.problem) for trouble in self.said]


def opened(text: str | bytes) -> SubscriberFile:
    """A list as if read from disk."""
    raw = text if isinstance(text, bytes) else text.encode()
    return SubscriberFile(BufferedReader(BytesIO(raw)), len(raw))


def reader(
    file: SubscriberFile,
    *,
    mapped: Mapping[str, str] | None = None,
    chosen: str = "letter",
    language: str = "",
    state: SubscriberState | None = None,
) -> RowReader:
    """Reads the rows of a list; without `chosen`, newsletters are as the file says."""
    vocabulary = Vocabulary(
        newsletters={"letter": "The letter", "weekly": "Weekly care"},
        themes=("care", "youth"),
        languages=("en", "es", "fr", "pt-BR", "zh-Hant"),
        chosen=frozenset(chosen.split()),
        language=language,
        state=state,
    )
    return RowReader(recognise(file.header, mapped or {}), vocabulary)


def entries(
    text: str | bytes,
    *,
    mapped: Mapping[str, str] | None = None,
    chosen: str = "letter",
    language: str = "",
    state: SubscriberState | None = None,
) -> tuple[list[Entry], list[tuple[int, str, str]]]:
    """The entries of a list, and line, column and problem of each trouble."""
    file = opened(text)
    read = reader(file, mapped=mapped, chosen=chosen, language=language, state=state)
    found = [entry for row in file.rows() if (entry := read.read(row))]
    return found, [(trouble.line, trouble.column, trouble.problem) for trouble in read.troubles]


def take(
    subscribers: Subscribers,
    text: str | bytes,
    *,
    apply: bool = True,
    chosen: str = "letter",
    word: Occasion = WORD,
    state: SubscriberState | None = None,
) -> Taken:
    """Import a list."""
    file = opened(text)
    said: list[Trouble] = []
    desk = Desk(
        subscribers=subscribers,
        reader=reader(file, chosen=chosen, state=state),
        word=word,
        note=said.extend,
        apply=apply,
    )
    return Taken(import_list(desk, file.rows()), said)


def everyone(subscribers: Subscribers) -> dict[str, Subscriber]:
    """All subscribers by address."""
    return {one.address: one for one in subscribers.each()}
