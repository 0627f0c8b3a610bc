"""Complaints in the Abuse Reporting Format (RFC 5965): a reader pressed the spam button."""

from __future__ import annotations

from pipeline.core.report import Refused
from pipeline.mail.dsn import ADDRESS_MOST, SAID_MOST
from pipeline.mail.parts import ENCLOSED, Headers, Mail, headers_of, one_line

FEEDBACK = f"{ENCLOSED}feedback-report"
COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "other"})
"""Types by which a reader wants no more of it; `not-spam`, `virus`, `auth-failure` are not."""

OUTLOOK = "x-hmxmroriginalrecipient"
"""By which Outlook.com's reports, otherwise mere forwarded mails, say who complained."""


def feedback(mail: Mail, original: Headers) -> Headers | None:
    """The fields of a complaint; None where it is none. `original` are the returned mail's."""
    text = mail.text_of(FEEDBACK)
    old = original.first(OUTLOOK)
    if old and not text:
        return Headers({"feedback-type": ("abuse",), "original-rcpt-to": (old,)})
    fields = headers_of(text) if text else None
    if fields is None or fields.first("feedback-type").lower() not in COMPLAINTS:
        return None
    return fields


def complainant(fields: Headers) -> Refused:
    """Who complained; many providers leave the address out."""
    names = fields.all("original-rcpt-to", "removal-recipient", "x-original-rcpt-to")
    addresses = [name.strip(" <>") for name in names]
    found = [name for name in addresses if "@" in name and len(name) <= ADDRESS_MOST]
    kind, agent = fields.first("feedback-type"), fields.first("user-agent")
    return Refused(
        addresses=tuple(dict.fromkeys(found)), said=one_line(f"{kind} {agent}", SAID_MOST)
    )
