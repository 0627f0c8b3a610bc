"""Each subscriber's copy of an issue, in bytes: written once a version, filled in once a letter.

::

    released .eml ─▶ fields + body ─▶ marks ─▶ Slotted ── claim ──▶ Letter
                                         └───▶ Seal (DKIM) ───┘  by Ahead, in threads

The header says what the standards and the large mailbox providers ask of a sender:

- `To`: their name and address, never a list.
- `Date`: when the mailing began, the same in every copy and at every try (RFC 5322 §3.6.1: ready to
  be sent). The issue's own date stands in its text; as a mail's it would be days old, or ahead.
- `Message-ID`: the same for the same issue and subscriber for ever.
- `List-Unsubscribe`: a web address and a mail address (RFC 2369), `List-Unsubscribe-Post` where the
  web address is https (RFC 8058 §3.1). On one line: folded or encoded, clients do not find it.
- `Feedback-ID`: issue, newsletter, language and newsroom, for Gmail's complaint figures.
- `Auto-Submitted: auto-generated`: no holiday notes in return (RFC 3834 §5, RFC 5230 §4.6); List-Id
  says the same to others. No `Precedence` (RFC 3834 §3.1.8: do not rely on it), no `X-` fields.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.utils import format_datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pipeline.core import base32
from pipeline.core.delivery import message_id
from pipeline.core.links import LEAVE, Signer
from pipeline.core.versions import version_for
from pipeline.errors import MailingError
from pipeline.mail.dkim import Seal, relaxed_field
from pipeline.mail.headers import to_field
from pipeline.mail.letter_template import body_with_marks, fields_and_body, sender_of, stuffed
from pipeline.mail.letters_ahead import Ahead, spare_processors
from pipeline.mail.message import LINE_MOST
from pipeline.mail.slots import Slot, Slotted
from pipeline.ports.sending import Letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pipeline.core.delivery import Claim
    from pipeline.core.newsroom import Newsroom
    from pipeline.mail.dkim_keys import DkimKey

UNSUBSCRIBE_PATH, PREFERENCES_PATH = "u/", "p/"
"""Below the site's root; a token follows."""

ORDER = (
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "message-id",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
    "auto-submitted",
)
"""The first fields of a letter; all others follow as they were released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """An issue in one language, ready to be filled in."""

    name: str  # of the issue, as a Message-ID has it
    text: Slotted
    seal: Seal | None
    sender: str  # of the envelope, where there is no return path


class LetterWriter:
    """The port `Letters`, for one mailing."""

    def __init__(
        self,
        versions: Mapping[str, _Version],
        *,
        domain: str,
        mailing: int,
        key: bytes,
        return_path: str = "",
    ) -> None:
        self._versions = versions
        self._nearest = lru_cache(maxsize=256)(partial(version_for, versions=tuple(versions)))
        self._domain, self._mailing = domain, mailing
        self._signer = Signer(key)
        seals = [version.seal for version in versions.values() if version.seal]
        threads = spare_processors() if any(seal.slow for seal in seals) else 0
        self._ahead = Ahead(self._begun, _signed, threads)
        self._return = return_path.rpartition("@")[::2] if return_path else None

    def expect(self, claims: Sequence[Claim]) -> None:
        """Begin to sign their copies, where copies are signed."""
        self._ahead.expect(claims)

    def letter(self, claim: Claim) -> Letter:
        """Their copy. Raises AddressError where the address cannot be written."""
        version, values = self._ahead.take(claim)
        sender = version.sender
        if self._return is not None:
            local, domain = self._return
            sender = f"{local}+{values[Slot.BOUNCE].decode()}@{domain}"
        return Letter(claim, sender, claim.address, version.text.pieces(values))

    def _begun(self, claim: Claim) -> tuple[_Version, list[bytes]]:
        """Which version they get, and what fills its gaps but the signatures."""
        version = self._versions[self._nearest(claim.language)]
        tokens = self._signer.tokens(claim.subscriber, self._mailing)
        to = to_field(claim.name, claim.address)
        values = [
            b"",
            to,
            b"",
            message_id(version.name, claim.subscriber, self._domain).encode(),
            tokens.unsubscribe.encode(),
            tokens.preferences.encode(),
            b"",
            tokens.bounce.encode() if self._return is not None else b"",
        ]
        if version.seal is not None:
            values[Slot.TO_CANONICAL] = relaxed_field(to)
            values[Slot.BODY_HASH] = version.seal.body_hash(values)
        return version, values


def _signed(copy: tuple[_Version, list[bytes]]) -> None:
    """Fill the gap that the signatures go to."""
    version, values = copy
    if version.seal is not None:
        values[Slot.SIGNATURES] = version.seal.fields(values)


def letter_writer(
    *,
    messages: Mapping[str, bytes],
    issue: str,
    newsroom: Newsroom,
    mailing: int,
    at: datetime,
    keys: Sequence[bytes],
    signers: Sequence[DkimKey] = (),
) -> LetterWriter:
    """Who writes the letters of a mailing that began at the moment `at`.

    `messages` are the released bytes by language, the main one first; the first of `keys` signs the
    links, and all `signers` every letter, for the domain of its sender. Raises MailingError for a
    message that is not one of ours.

    Mailing 0 is a test: each of its copies has a Message-ID of its language and moment, so that
    mail programs show all of them.
    """
    date = format_datetime(at.astimezone(ZoneInfo(newsroom.timezone)))
    versions = {}
    for language, raw in messages.items():
        local, domain = sender_of(raw, issue)
        new = _new_fields(newsroom, issue, language, f"{local}@{domain}", date)
        fields, text = _template(raw, issue, new, newsroom)
        head = b"".join(fields.values())
        if max(map(len, head.split(b"\r\n"))) > LINE_MOST - 100:
            raise MailingError(f"the message of {issue} has a header line that is too long")
        versions[language] = _Version(
            name=issue if mailing else f"{issue}/test-{language}-{at:%Y%m%dT%H%M%S}",
            text=Slotted(Slot.SIGNATURES.mark + head + b"\r\n" + stuffed(text)),
            seal=Seal(signers, domain, fields, text) if signers else None,
            sender=f"{local}@{domain}",
        )
    # Of the main version, so that a copy keeps its Message-ID when a reader changes the language.
    domain = sender_of(next(iter(messages.values())), issue)[1]
    return LetterWriter(
        versions,
        domain=domain,
        mailing=mailing,
        key=keys[0],
        return_path=newsroom.sending.return_path,
    )


def _template(
    raw: bytes, issue: str, new: Mapping[str, bytes], newsroom: Newsroom
) -> tuple[dict[str, bytes], bytes]:
    """The fields of a letter in their order, and its body, both with marks."""
    fields, body = fields_and_body(raw, issue)
    fields.update(new)
    if not newsroom.base_url.startswith("https:"):
        del fields["list-unsubscribe-post"]  # one click is for https only
    names = [*(name for name in ORDER if name in fields), *(n for n in fields if n not in ORDER)]
    urls = {
        Slot.UNSUBSCRIBE: newsroom.url(UNSUBSCRIBE_PATH),
        Slot.PREFERENCES: newsroom.url(PREFERENCES_PATH),
    }
    return {name: fields[name] for name in names}, body_with_marks(body, urls)


def _new_fields(
    newsroom: Newsroom, issue: str, language: str, sender: str, date: str
) -> dict[str, bytes]:
    """The fields that differ from those of the release, by name, with marks."""
    token = Slot.UNSUBSCRIBE.mark
    web = newsroom.url(UNSUBSCRIBE_PATH).encode("ascii") + token
    mail = _mailto(newsroom.sending.return_path or sender) + token
    newsletter, _, number = issue.partition("/")
    feedback = f"{number}:{newsletter}:{language}:{feedback_sender(newsroom)}"
    return {
        "to": Slot.TO.mark,
        "date": f"Date: {date}\r\n".encode("ascii"),
        "message-id": b"Message-ID: " + Slot.MESSAGE_ID.mark + b"\r\n",
        "list-unsubscribe": b"List-Unsubscribe: <" + web + b">, <" + mail + b">\r\n",
        "list-unsubscribe-post": b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "feedback-id": f"Feedback-ID: {feedback}\r\n".encode("ascii"),
        "auto-submitted": b"Auto-Submitted: auto-generated\r\n",
    }


def feedback_sender(newsroom: Newsroom) -> str:
    """The last part of Feedback-ID, 12 characters: the newsroom's authority, which never changes.

    Gmail asks for 5 to 15 characters, and that they stay.
    """
    return base32.encoded(hashlib.sha256(newsroom.authority.encode()).digest())[:12]


def _mailto(address: str) -> bytes:
    """The beginning of a mail by which somebody leaves (RFC 6068); their token follows.

    It goes where bounces go, if they have an address of their own: there it is read by a program.
    """
    return f"mailto:{quote(address, safe='@!$+')}?subject={LEAVE}%20".encode("ascii")
