"""Bounces that are written for people alone: qmail, Exim, old Sendmail, Domino, Exchange 5.5.

They have no part for machines. One is believed that comes from a mail system (no sender, or one of
the names that mail systems have) and says in a phrase that they use what it is; then the addresses
that it names, each with the words that follow it. People write as postmaster too, and holiday
notes have no sender either: so what is read here is marked as said in words.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.bounce import BounceKind, kind_of
from pipeline.mail.auto_reply import is_auto_reply, says_auto_reply, subject_of
from pipeline.mail.dsn import ADDRESS_MOST, what_was_said
from pipeline.mail.parts import Headers, headers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.report import Refused
    from pipeline.mail.parts import Mail

LOOKED_AT = 16_384
"""Characters before the returned mail in which a bounce says what it has to say."""

FINAL = 500
"""SMTP codes from here on are final (RFC 5321 §4.2.1)."""

RECIPIENTS_MOST = 10
WORDS_MOST = 600
"""Characters after an address that may be about it."""

AFTER_NAME = " \t\n>:;,.)]}'\""
"""What stands between an address and the words on it."""

_DAEMON = re.compile(
    r"\b(?:mailer-?daemon|mail-?delivery\S*|mmdf|uucp)@|mail delivery (?:sub)?system", re.IGNORECASE
)
_OFFICE = re.compile(
    r"\b(?:postmaster|root|mailadmin|noreply-dmarc|administrator|system[ .-]?admin\w*"
    r"|microsoft\w*)@",
    re.IGNORECASE,
)
"""Names behind which there are people too."""

_ANSWER = re.compile(r"\s*(?:re|aw|sv|antw|odp|rif|r[ée]f)(?:\[\d+\])?\s*:", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver(?:able|ed)"
    r"|delivery (?:status notification)?:? ?\(?(?:failure|failed|error|problem)"
    r"|zustellungsfehler|系统退信|退信通知|message you sent blocked"
    r"|(?:failure|failed|error) (?:notice|delivery|message)|mail delivery failed|returned mail"
    r"|(?:mail|message) (?:could not be|not|un)\s?deliver|notification: delivery has failed"
    r"|unzustellbar|nicht zugestellt|non remis|[ée]chec de|no se puede entregar"
    r"|non recapitabile|mancato recapito|permanent\w* fail|delivery failure|nondeliverable",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"this is the qmail-send program|wasn't able to deliver your message"
    r"|could not be delivered to (?:one or more|the following)|permanent (?:fatal )?error"
    r"|unable to deliver (?:the |your )?message|was not delivered to|delivery .{0,40}failed"
    r"|did not reach (?:some or all of )?(?:the|its) (?:intended )?recipient"
    r"|couldn't be delivered|could ?n[o']t be delivered|undeliverable"
    r"|had permanent fatal (?:delivery )?errors|following address(?:\(es\)|es)? failed"
    r"|nicht zugestellt werden|n'a pas pu [êe]tre (?:remis|distribu)|no se pudo entregar"
    r"|impossibile recapitare|returned to sender|delivery failure|退信"
    r"|error has occurred while attempting to deliver",
    re.IGNORECASE,
)
_WARNING = re.compile(
    r"warning message only|do not need to re-?send|not (?:yet )?been delivered yet"
    r"|has not yet been delivered|will (?:be retried|keep trying|continue to try|try again)"
    r"|delivery attempts will continue",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"not (?:yet been delivered|been delivered yet)|\bmessage \S{1,40} delayed \d", re.IGNORECASE
)
"""What Exim's warnings begin with: the reason that follows may hold a final code."""

_DELAYED = re.compile(r"\bdelayed\b", re.IGNORECASE)
"""Warnings say so; and some that give up, of what was before."""

_RETURNED = re.compile(
    r"^[ \t>|]*+(?:-{3,}+[ \t]*+(?:this is a copy of|below this line|original message"
    r"|returned message|message header|unsent message|start of (?:message|returned)|the message"
    r"|original)|-*+[ \t]*+(?:original message follows|message headers? follow|return-path: *<"
    r"|received: *(?:from|by) )).*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Nothing in it goes back over a line of dashes: those take minutes otherwise."""

_HEADERS = re.compile(
    r"^(?:return-path|received|message-id|from|to|date|subject|dkim-signature|mime-version|list-[a-z-]+)"
    r": ",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(
    r"(?<![\w.+@-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
)
_TAGS = re.compile(r"<(?:br|/p|/div|/tr|/li)\b[^<>]{0,200}>", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-z!/][^<>@]{0,400}>", re.IGNORECASE)


def is_bounce(mail: Mail) -> bool:
    """True where a mail system says, in words alone, that it could not deliver."""
    if mail.headers.first("x-failed-recipients"):
        return True
    if not _is_system(mail):
        return False
    phrase = bool(_PHRASE.search(before_the_original(mail)))
    subject = bool(_SUBJECT.search(subject_of(mail.headers)))
    return phrase and subject if _has_sender(mail) else phrase or subject


def is_warning(mail: Mail) -> bool:
    """True where a mail system says that it goes on trying."""
    subject, text = subject_of(mail.headers), before_the_original(mail)
    both = f"{subject}\n{text}"
    if mail.headers.first("x-failed-recipients"):
        return not _SUBJECT.search(subject) and _begins_as_warning(both)
    if not _is_system(mail):
        return False
    if _WARNING.search(both):
        return True
    return bool(_DELAYED.search(both)) and not _gives_up(text)


def _begins_as_warning(both: str) -> bool:
    """True where it says that it goes on trying before it says, if it does, that it failed.

    Failures have quoted a server's talk of delays, and warnings its talk of failures.
    """
    waits, fails = _NOT_YET.search(both), _PHRASE.search(both)
    return waits is not None and (fails is None or waits.start() < fails.start())


def _gives_up(text: str) -> bool:
    """True where words on a delay go on to say that it is over, and why."""
    if not _PHRASE.search(text):
        return False
    said = what_was_said("", text)
    return said.code >= FINAL or kind_of(0, "", said.said) is BounceKind.HARD


def _is_system(mail: Mail) -> bool:
    """True where no person wrote it: by its sender's name, or by having no return path.

    Vacation notes have none either (RFC 3834 §3.3), and some come from a postmaster. Of their marks
    those of RFC 3834 stand in bounces too; `X-Auto-Response-Suppress` does where the subject says
    what it is.
    """
    headers = mail.headers
    names = " ".join(headers.all("from", "sender"))
    if _DAEMON.search(names):
        return True
    subject = subject_of(headers)
    if says_auto_reply(headers) or _ANSWER.match(subject):
        return False
    if headers.first("x-auto-response-suppress") and not _SUBJECT.search(subject):
        return False
    if _OFFICE.search(names):
        return True
    return headers.first("return-path") == "<>" and not is_auto_reply(mail)


def _has_sender(mail: Mail) -> bool:
    """True where answers to it would come to somebody, and the name does not say otherwise."""
    path = mail.headers.first("return-path")
    return path not in {"", "<>"} and not _DAEMON.search(
        " ".join((path, *mail.headers.all("from", "sender")))
    )


def refused(mail: Mail, own: frozenset[str]) -> tuple[Refused, ...]:
    """The recipients that it names, but those of `own` (lower case), with the words after each."""
    text = before_the_original(mail)
    named = _ADDRESS.findall(mail.headers.first("x-failed-recipients")[: 10 * ADDRESS_MOST])
    found = {address.lower(): (address, 0) for address in named}
    places = [(match[0], match.end()) for match in _ADDRESS.finditer(text)]
    for address, end in places:
        if address.lower() not in own:
            before = found.get(address.lower())
            if before is None or not before[1]:
                found[address.lower()] = (address, end)
    if not found:
        return (_worded(text[:WORDS_MOST]),)
    some = list(found.values())[:RECIPIENTS_MOST]
    return tuple(_worded(_words(text, end, name), name) for name, end in some)


def _worded(words: str, *names: str) -> Refused:
    return replace(what_was_said("", words, names), in_words=True)


def before_the_original(mail: Mail) -> str:
    """What the mail system wrote itself."""
    return _RETURNED.split(_text(mail), 1)[0][:LOOKED_AT]


def original_headers(mail: Mail) -> Headers:
    """The headers of a mail that is returned as part of the text."""
    text = _text(mail)
    line = _RETURNED.search(text)
    found = _HEADERS.search(text, line.start()) if line else None
    return headers_of(text[found.start() :]) if found else Headers()


def _text(mail: Mail) -> str:
    text = mail.text_of("text/plain")
    if text.strip():
        return text
    return _MARKUP.sub(" ", _TAGS.sub("\n", mail.text_of("text/html")))


def _words(text: str, start: int, name: str) -> str:
    """What is said from `start` on, up to another address at the beginning of a line."""
    words = text[start : start + WORDS_MOST].lstrip(AFTER_NAME)
    for match in _ADDRESS.finditer(words):
        begins = not words[: match.start()].rpartition("\n")[2].strip(" \t<'")
        if begins and match[0].lower() != name.lower():
            return words[: match.start()].rstrip(" \n<'")
    return words


def addresses_in(values: tuple[str, ...]) -> Iterator[str]:
    """The addresses that headers hold, as they are written."""
    for value in values:
        yield from _ADDRESS.findall(value)
