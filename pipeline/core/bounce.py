"""A bounce: a mail that was refused, at once or later, or that its reader complained of.

What a refusal says of an address is read from the enhanced code first (RFC 3463 and IANA's registry
of them), then from the server's words, then from its three digits. Whoever is wrongly called gone
is lost for good, so it takes a code or words that say so, and none that say otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.suppression import SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

SOFT_TIMES = 3
"""Mails in a row that are refused for now before nothing more is sent."""

SOFT_SPAN = timedelta(days=7)
"""From the first of them to the last, at least: a mailbox may be full over a holiday."""

SAID_MOST = 1000
"""Characters of a server's words that are looked at."""


class BounceKind(StrEnum):
    """What a bounce says of an address."""

    HARD = "hard"  # there is no such mailbox: never again
    SOFT = "soft"  # not now: full, greylisted, too large, down
    COMPLAINT = "complaint"  # the reader pressed the spam button (RFC 5965)
    POLICY = "policy"  # refused for what the message or its sender is; says nothing of the address
    UNKNOWN = "unknown"  # nobody could tell; kept and counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """One bounce of a subscriber's; `subscriber` and `mailing` are 0 where unknown.

    `key` stands for the report itself, so that the same one counts once; `code` is the SMTP reply
    or 0, `status` the enhanced code (RFC 3463) or "", `said` the server's words in one line;
    `source` is `smtp`, or the way the report came (`imap`, `pop3`, `pipe`, `file`).
    """

    key: str
    subscriber: int
    mailing: int
    at: datetime
    kind: BounceKind
    code: int = 0
    status: str = ""
    said: str = ""
    source: str


DETAILS: dict[str, BounceKind] = {
    "1.1": BounceKind.HARD,  # no such mailbox
    "1.2": BounceKind.SOFT,  # no such domain: some are back after the weekend
    "1.3": BounceKind.HARD,  # no address at all, to its own server
    "1.4": BounceKind.SOFT,  # ambiguous
    "1.6": BounceKind.HARD,  # moved, nobody knows where
    "1.7": BounceKind.POLICY,  # our address is wrong
    "1.8": BounceKind.POLICY,  # our domain is wrong
    "1.10": BounceKind.HARD,  # the domain takes no mail at all (RFC 7505)
    "2.1": BounceKind.HARD,  # disabled
    "2.2": BounceKind.SOFT,  # full
    "2.3": BounceKind.SOFT,  # longer than this mailbox takes
    "2.4": BounceKind.SOFT,  # a list behind the address is broken
    "3.1": BounceKind.SOFT,  # the server's disk is full
    "3.2": BounceKind.SOFT,  # closed
    "3.3": BounceKind.POLICY,  # cannot do what the message needs
    "3.4": BounceKind.POLICY,  # longer than this server takes, from anybody to anybody
    "3.5": BounceKind.SOFT,  # set up wrongly
    "5.3": BounceKind.SOFT,  # too many recipients at once
}
"""What the second and third number of an enhanced code say of the address."""

SUBJECTS: dict[str, BounceKind] = {
    "4": BounceKind.SOFT,  # network and routing
    "6": BounceKind.POLICY,  # content
    "7": BounceKind.POLICY,  # security and policy
}
"""What the second number alone says; the third is often a provider's own."""

_POLICY = re.compile(
    r"spam|\bblock(?:ed|ing|list\w*| list\w*)?\b|black-?list|deny-?list|dns[bw]l|\brbls?\b"
    r"|listed (?:at|by|in|on) \*|reputation|\bspf\b|dkim|dmarc|polic(?:y|ies)|virus|malware"
    r"|phish|unsolicited|\bbulk\b"
    r"|\bbanned\b|prohibited|suspicious|forbidden|denied|not (?:allowed|permitted)"
    r"|(?:not|un)[ -]?authori[sz]ed|authenticat|reverse dns|\bptr\b|\brdns\b"
    r"|relay(?:ing)? (?:access )?(?:denied|not)|(?:not|n.t|unable to|no) relay"
    r"|content (?:rejected|filter)|message content|sender (?:address |domain )?(?:is |was )?"
    r"(?:rejected|not|verif|invalid|unknown)|\bcontenu\b|richtlinie"
    r"|message (?:is )?too (?:large|big|long)|message size|size limit for (?:this|a) message"
)
_FULL = re.compile(
    r"quota|\bfull\b|insufficient (?:disk|storage|system)|(?:exceed\w*|over) (?:\w+ ){0,3}"
    r"(?:storage|size|limit|allocation)|out of (?:disk|storage)|\bvoll\b|\bpleine\b|\bllen[oa]\b"
)
_FOR_NOW = re.compile(
    r"try (?:\w+ )?(?:again|later)|temporar|gr[ea]y-? ?list|too (?:many|quickly|fast)|rate\b"
    r"|time[ds]?[ -]?out|deferred|unreachable|lost connection|(?:no|not|establish|open) connection"
    r"|connection (?:was |has been )?(?:timed|refused|reset|lost|dropped|died|failed|aborted)"
    r"|(?:host|domain)(?: name)? (?:\* )?(?:is |was |does |do )?(?:not found|unknown|not exist)"
    r"|domain (?:\* )?doesn.t exist|name service|\bdns\b"
    r"|unrout[e]?able|retry|expired|\bloop|too many hops|hop count|no answer|\bmx\b|maintenance"
    r"|out of (?:the )?office|on vacation"
)
_WHO = r"(?:user|mailbox|mail box|recipient|account|address|addressee|inbox|customer|person)"
_GONE = re.compile(
    rf"no such (?:\w+ )?{_WHO}|unknown (?:\w+ )?(?:{_WHO}|local[ -]?part)"
    rf"|{_WHO}(?: name| address)? (?:is )?(?:unknown|invalid|incorrect)"
    rf"|{_WHO}\b.{{0,60}}(?:not|n.t) (?:exist|found|known|be found|here)"
    rf"|invalid (?:\w+ )?{_WHO}|not a (?:known|valid) (?:\w+ )?{_WHO}"
    rf"|(?:no|n.t have an?|not have an?) (?:\S+ )?(?:{_WHO})(?: here| by that name)?\b"
    rf"|{_WHO}\b.{{0,60}}(?:disabled|inactive|deactivated|closed|terminated|deleted)"
    r"|mailbox unavailable|not listed in|no longer (?:\w+ ){0,2}(?:available|valid|active|exist"
    r"|used|in use|works|here|employed|with|accept)|not our customer"
    r"|empf(?:ä|ae)nger unbekannt|unbekannter empf|benutzer unbekannt|nicht im verzeichnis"
    r"|(?:utilisateur|destinataire) inconnu"
    r"|n.existe pas|usuario desconocido|no existe|utente sconosciuto|non esiste"
    r"|desconhecido|não existe"
)
_CALLED_GONE = re.compile(r"5\.(?:1\.1|1\.10|2\.1)")
_WEAK = re.compile(
    rf"\b{_WHO} (?:(?:is|was|has been) )?(?:blocked|expired)\b|\bpolic(?:y|ies) page\b"
    r"|\b(?:see|read|visit) (?:\w+ ){0,2}polic(?:y|ies)\b"
)
"""Words of policy or time that say nothing against a code and words that call an address gone."""

_LINKS = re.compile(r"\bhttps?://\S+|\bwww\.\S+")
_NAMES = re.compile(r"(?<![^\s<>@])[^\s<>@]*@[^\s<>@]*|(?<![\w.-])[\w-]+(?:\.[\w-]+){2,}")
"""Addresses and hosts: what they are called says nothing (`spam-desk@`, `relay.example.org`)."""


def kind_of(code: int, status: str, said: str) -> BounceKind:
    """What a refusal says of the address.

    `code` is the SMTP reply or 0, `status` the enhanced code or "", `said` the server's words.
    Never HARD for a refusal that is temporary, or whose words speak of policy, space or time.
    """
    unlinked = _LINKS.sub(" * ", said[:SAID_MOST].casefold())
    words = " ".join(_NAMES.sub(" * ", unlinked).split())
    if _CALLED_GONE.fullmatch(status) and _GONE.search(words):
        words = _WEAK.sub(" * ", words)
    by_words = _by_words(words)
    kind = _by_status(status, words) or by_words or _by_code(code)
    if kind is BounceKind.HARD:
        if by_words in {BounceKind.POLICY, BounceKind.SOFT}:
            return by_words
        if 400 <= code < 500 or status.startswith("4."):
            return BounceKind.SOFT
    return kind


def _by_status(status: str, words: str) -> BounceKind | None:
    """What the enhanced code says; None where it says nothing of its own (5.0.0, 5.1.0)."""
    sort, _, detail = status.partition(".")
    if sort not in {"4", "5"} or not detail:
        return None
    if sort == "4" and not detail.startswith("7."):
        return BounceKind.SOFT
    if sort == "4" and _FOR_NOW.search(words) and not _POLICY.search(words):
        return BounceKind.SOFT  # greylisted: of everybody, once
    return DETAILS.get(detail) or SUBJECTS.get(detail.partition(".")[0])


def _by_words(words: str) -> BounceKind | None:
    """What the words say; where they say several things, the one that does least harm."""
    if _POLICY.search(words):
        return BounceKind.POLICY
    if _FULL.search(words) or _FOR_NOW.search(words):
        return BounceKind.SOFT
    return BounceKind.HARD if _GONE.search(words) else None


def _by_code(code: int) -> BounceKind:
    """What the three digits say by themselves (RFC 5321 §4.2.3)."""
    if 400 <= code < 500 or code == 552:  # 552: the mailbox is out of space
        return BounceKind.SOFT
    return BounceKind.UNKNOWN


def due_suppression(bounces: Sequence[Bounce], taken: Collection[int]) -> SuppressionReason | None:
    """Why an address is to be suppressed now, or None.

    `bounces` are its own, in any order, since an editor last gave it another chance; `taken` are
    the mailings of which a server took its copy. A hard bounce or a complaint is enough. Soft ones
    count by mailing: the latest SOFT_TIMES or more, over SOFT_SPAN or longer, with no mailing
    between two of them that was taken and never came back. That a server took a mail is no end of a
    row by itself: with a relay in between, each mail that bounces later was taken first.
    """
    kinds = {bounce.kind for bounce in bounces}
    if BounceKind.COMPLAINT in kinds:
        return SuppressionReason.COMPLAINT
    if BounceKind.HARD in kinds:
        return SuppressionReason.HARD_BOUNCE
    row = _soft_row(bounces, set(taken) - {bounce.mailing for bounce in bounces})
    if len(row) >= SOFT_TIMES and row[-1].at - row[0].at >= SOFT_SPAN:
        return SuppressionReason.SOFT_BOUNCES
    return None


def _soft_row(bounces: Sequence[Bounce], arrived: Collection[int]) -> list[Bounce]:
    """The latest soft bounces, one a mailing, oldest first, since the last mail that arrived."""
    latest: dict[int | str, Bounce] = {}
    for bounce in sorted(bounces, key=lambda bounce: (bounce.mailing, bounce.at), reverse=True):
        if bounce.kind is BounceKind.SOFT:
            latest.setdefault(bounce.mailing or bounce.key, bounce)
    row = list(latest.values())
    if row and arrived:
        newest = row[0].mailing
        end = max((mailing for mailing in arrived if mailing < newest), default=-1)
        row = [bounce for bounce in row if bounce.mailing > end or not newest]
    return sorted(row, key=lambda bounce: bounce.at)
