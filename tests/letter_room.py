"""A released message and who gets it: for whatever tests letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from pipeline.core.delivery import Claim
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.message import Message
from pipeline.core.newsroom import Author, Newsroom
from pipeline.core.sending import Sending
from pipeline.mail import dkim_keys
from pipeline.mail.letters import LetterWriter, letter_writer
from pipeline.mail.message import compose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.mail.dkim_keys import DkimKey
    from pipeline.ports.sending import Letter

ISSUE = "enewsupdate/2017-05"
KEY = b"a key of this test, of forty-odd characters"
AT = datetime(2017, 7, 3, 6, 30, tzinfo=UTC)
ROOM = Newsroom(
    title="ILO COOP",
    base_url="https://news.example.org",
    timezone="Europe/Zurich",
    authority="news.example.org,2015",
    author=Author(name="The desk"),
    kinds={"news": "News"},
    series={},
    sending=Sending(return_path="bounces@mail.example.org"),
)
MESSAGE = Message(
    sender="ILO COOP <coop@news.example.org>",
    reply_to="desk@news.example.org",
    subject="Grüße: eNewsUpdate No. 5, June 2017",
    date=datetime.fromisoformat("2017-06-29T09:00:00+02:00"),
    list_id="enewsupdate.news.example.org",
    list_title="ILO COOP eNewsUpdate",
    lang="en",
    text=(
        f"..Grüße  \n.\n\n{'x' * 200}\nUnsubscribe: {UNSUBSCRIBE}, if you must\n{PREFERENCES}\n"
        f"trailing \t\n{PREFERENCES}\n\n\n"
    ),
    html=(
        f'<p>ü  {"y" * 90}</p>\n<a href="{UNSUBSCRIBE}">x</a>\n.<a\nhref="{PREFERENCES}">y</a>'
        f"<p>{'é.' * 60}</p>\n<p>{UNSUBSCRIBE}.{UNSUBSCRIBE}</p>\n"
    ),
)


def claim(**values: Any) -> Claim:
    """A row of the ledger."""
    given = {
        "id": 1,
        "subscriber": 123_456,
        "address": "reader@example.net",
        "name": "Rea Der",
        "language": "",
        "attempts": 0,
        "first": 0.0,
    }
    return Claim(**{**given, **values})


def writer(
    message: Message = MESSAGE,
    *,
    room: Newsroom = ROOM,
    signers: Sequence[DkimKey] = (),
    messages: Mapping[str, bytes] | None = None,
) -> LetterWriter:
    """Who writes the letters of mailing 7: of `message`, or of the bytes `messages` by language."""
    return letter_writer(
        messages=messages or {"en": compose(message)},
        issue=ISSUE,
        newsroom=room,
        mailing=7,
        at=AT,
        keys=[KEY],
        signers=signers,
    )


def with_base(base_url: str) -> Newsroom:
    """The room at another address."""
    return replace(ROOM, base_url=base_url)


def plain(letter: Letter) -> bytes:
    """The message as its receiver has it, without the second dots (RFC 5321 §4.5.2)."""
    lines = letter.data.split(b"\r\n")
    assert not [line for line in lines if line.startswith(b".") and not line.startswith(b"..")]
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


def mail(letter: Letter) -> EmailMessage:
    """The message, read by the standard library."""
    read = message_from_bytes(plain(letter), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


@cache
def rsa_key(bits: int = 2048) -> DkimKey:
    """One for all tests of a process: making it takes a tenth of a second."""
    return dkim_keys.rsa("june", generate_private_key(65537, bits))


@cache
def ed25519_key() -> DkimKey:
    """The other kind."""
    return dkim_keys.ed25519("july", Ed25519PrivateKey.generate())
