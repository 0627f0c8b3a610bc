"""Answers that a machine gives for somebody: no bounce, whatever their words are (RFC 3834)."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import TYPE_CHECKING

from pipeline.mail.parts import ENCLOSED, one_line

if TYPE_CHECKING:
    from pipeline.mail.parts import Headers, Mail

SUBJECT_MOST = 500
RECEIPT = f"{ENCLOSED}disposition-notification"

_SUBJECT = re.compile(
    r"^\W*(?:"
    r"auto(?:matic|mated|matisch\w*)?[ -]?(?:re(?:ply|sponse|spuesta)|antwort|notification)"
    r"|out of (?:the )?office|ooo\b|on (?:vacation|leave|holiday)|away from|vacation"
    r"|abwesen|au(?:ß|ss)er haus|im urlaub|automatische (?:antwort|abwesen)"
    r"|r[ée]ponse automatique|absen(?:t|ce)\b|absence du bureau|en cong[ée]"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|ausente|resposta autom[áa]tica"
    r"|risposta automatica|fuori sede|assente|assenza|afwezig|automatisch antwoord"
    r"|fr[åa]nvarande|autosvar|автоответ|自動返信|不在|自动回复|رد تلقائي"
    r")",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"(?:please )?(?:confirm|verify) (?:your|that you)\b.{0,40}(?:mail|message|human|sen[dt])"
    r"|challenge|(?:sender|address) (?:verification|confirmation)|requires? confirmation",
    re.IGNORECASE,
)


def is_auto_reply(mail: Mail) -> bool:
    """True for vacation notes, challenges and receipts; ask after what bounces are known by."""
    headers = mail.headers
    if mail.text_of(RECEIPT) or mail.report == "disposition-notification":
        return True
    submitted = headers.first("auto-submitted").partition(";")[0].strip().lower()
    if submitted not in {"", "no"}:
        return True
    marked = headers.all("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response")
    if any(value.lower() not in {"", "no"} for value in marked):
        return True
    if headers.first("x-auto-response-suppress") or headers.first("x-ms-exchange-inbox-rules-loop"):
        return True
    if headers.first("precedence").lower() in {"auto_reply", "auto-reply"}:
        return True
    subject = subject_of(headers)
    return bool(_SUBJECT.match(subject) or _CHALLENGE.search(subject))


def says_auto_reply(headers: Headers) -> bool:
    """True where the subject itself is that of a vacation note."""
    return bool(_SUBJECT.match(subject_of(headers)))


def subject_of(headers: Headers) -> str:
    """The subject, decoded where it can be (RFC 2047), on one line."""
    raw = headers.first("subject")[:SUBJECT_MOST]
    try:
        return one_line(str(make_header(decode_header(raw))), SUBJECT_MOST)
    except (HeaderParseError, LookupError, ValueError):
        return one_line(raw, SUBJECT_MOST)
