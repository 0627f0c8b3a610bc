"""A notice in bytes, for one address: signed like a letter, and returned like one.

No `List-` field is in it, since it is no list's: there is nothing to leave yet, or the mail itself
holds the link. `Auto-Submitted: auto-generated` keeps holiday notes away (RFC 3834 §5). The
Message-ID and the date are the same at every try, so that a receiver may drop a second copy.
"""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core import base32, links
from pipeline.core.delivery import Claim
from pipeline.core.links import Purpose
from pipeline.mail.dkim import Seal
from pipeline.mail.headers import to_field
from pipeline.mail.letter_template import fields_and_body, sender_of, stuffed
from pipeline.mail.message import POLICY, header_line, mailbox_value
from pipeline.mail.slots import Slot
from pipeline.ports.sending import Letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.core.newsroom import Newsroom
    from pipeline.core.notice import Notice
    from pipeline.mail.dkim_keys import DkimKey
    from pipeline.render.notice import NoticeMail

NAME = "a notice"
"""What messages about it call it."""


class NoticeWriter:
    """Writes notices of a newsroom; the first of `keys` signs the return path, `signers` all."""

    def __init__(
        self, newsroom: Newsroom, keys: Sequence[bytes], signers: Sequence[DkimKey] = ()
    ) -> None:
        self._newsroom = newsroom
        self._keys = keys
        self._signers = signers

    def letter(self, notice: Notice, said: NoticeMail, subscriber: int) -> Letter:
        """The notice to its address.

        `subscriber` is whom a bounce of it is about, 0 for nobody: mail to an address that is not
        theirs (yet, or any more). Raises AddressError, and IssueError for a header that cannot be.
        """
        rest, body = fields_and_body(self._composed(notice, said), NAME)
        fields = {"from": rest.pop("from"), "to": to_field("", notice.address), **rest}
        local, domain = sender_of(b"".join(fields.values()) + b"\r\n", NAME)
        digest = hashlib.sha256(f"{notice.id}\n{notice.created.timestamp()}".encode()).digest()
        ident = f"<{notice.kind}.{base32.encoded(digest[:15])}@{domain}>"
        fields["message-id"] = f"Message-ID: {ident}\r\n".encode("ascii")
        data = b"".join(fields.values()) + b"\r\n" + stuffed(body)
        signature = self._signature(domain, fields, body)
        claim = Claim(notice.id, subscriber, notice.address, "", said.lang, notice.tries, 0.0)
        sender = self._sender(f"{local}@{domain}", subscriber)
        return Letter(claim, sender, notice.address, (signature + data,))

    def _composed(self, notice: Notice, said: NoticeMail) -> bytes:
        """All but its address and its name."""
        mail = EmailMessage(policy=POLICY)
        mail["From"] = mailbox_value("sender", said.sender)
        if said.reply_to:
            mail["Reply-To"] = mailbox_value("reply_to", said.reply_to)
        mail["Subject"] = header_line("subject", said.subject)
        date = notice.created.astimezone(ZoneInfo(self._newsroom.timezone))
        mail["Date"] = format_datetime(date)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(said.text, cte="quoted-printable")
        if said.html:
            mail.add_alternative(said.html, subtype="html", cte="quoted-printable")
            both = hashlib.sha256(f"{said.text}\0{said.html}".encode()).hexdigest()
            # '=_' cannot occur in quoted-printable text (RFC 2045 §6.7).
            mail.set_boundary(f"=_{both[:32]}")
        mail["Content-Language"] = header_line("language", said.lang)
        return mail.as_bytes()

    def _signature(self, domain: str, fields: Mapping[str, bytes], body: bytes) -> bytes:
        if not self._signers:
            return b""
        seal, values = Seal(self._signers, domain, fields, body), [b""] * len(Slot)
        values[Slot.BODY_HASH] = seal.body_hash(values)
        return seal.fields(values)

    def _sender(self, sender: str, subscriber: int) -> str:
        """Of the envelope: as a letter's, with mailing 0 (none)."""
        path = self._newsroom.sending.return_path
        if not path or not subscriber:
            return path or sender
        local, _, domain = path.rpartition("@")
        return f"{local}+{links.sign(self._keys[0], Purpose.BOUNCE, subscriber, 0)}@{domain}"
