"""SPF, DKIM and DMARC as DNS has them: read, not judged. See `core.dns_judgement` for that.

RFC 7208 (SPF), RFC 6376 §3.6.1 (DKIM), RFC 7489 §6.3 (DMARC).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOOKING = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
"""Terms of SPF that cost a look at the DNS (RFC 7208 §4.6.4)."""

LOOKS_MOST = 10
MECHANISMS = LOOKING - {"redirect"} | {"all", "ip4", "ip6"}
QUALIFIERS = "+-~?"
WALK_MOST = 8
"""Labels of the longest parent that is asked for a DMARC policy."""


class Spf(NamedTuple):
    """`everyone` is the qualifier of `all`, "" for none; `names` are those of `include` and
    `redirect`, `looks` how many looks the record itself costs; `odd` are terms that nobody knows.
    """

    everyone: str
    names: tuple[str, ...]
    looks: int
    ptr: bool
    redirects: bool
    odd: tuple[str, ...]


def spf_records(texts: Sequence[str]) -> list[str]:
    """Those of a domain's TXT records that are SPF (RFC 7208 §4.5)."""
    return [text for text in texts if text.lower().split(" ", 1)[0] == "v=spf1"]


def parse_spf(text: str) -> Spf:
    """A record's terms."""
    everyone, ptr, redirects, looks = "", False, False, 0
    names: list[str] = []
    odd: list[str] = []
    for term in text.split()[1:]:
        qualifier = term[0] if term[0] in QUALIFIERS else "+"
        bare = term.lstrip(QUALIFIERS) if term[0] in QUALIFIERS else term
        modifier, equals, target = bare.partition("=")
        if equals and modifier.isalnum():
            if modifier.lower() == "redirect":
                redirects, looks = True, looks + 1
                names.append(target)
            continue  # other modifiers say nothing about who may send (§6)
        word, _, value = bare.partition(":")
        word = word.partition("/")[0].lower()
        looks += word in LOOKING
        ptr = ptr or word == "ptr"
        if word == "all":
            everyone = qualifier
        elif word == "include" and value:
            names.append(value)
        elif word not in MECHANISMS or word == "include":
            odd.append(term)
    return Spf(everyone, tuple(names), looks, ptr, redirects, tuple(odd))


def tags(text: str) -> Mapping[str, str]:
    """A list of `name=value;`, names in lower case; the first of a name counts."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def dmarc_records(texts: Sequence[str]) -> list[str]:
    """Those of the TXT records that are DMARC: `v` comes first (RFC 7489 §6.3)."""
    return [
        text
        for text in texts
        if text.partition(";")[0].replace(" ", "").replace("\t", "") == "v=DMARC1"
    ]


def parents(domain: str) -> list[str]:
    """The domain and those above it, down to two labels: where a DMARC policy may stand.

    Of more than eight labels the longest are skipped, as receivers that walk up the tree do.
    """
    labels = domain.rstrip(".").split(".")
    places = [labels, *(labels[at:] for at in range(1, len(labels) - 1))]
    return [
        ".".join(place)
        for number, place in enumerate(places)
        if number == 0 or len(place) < WALK_MOST
    ]


def within(domain: str, above: str) -> bool:
    """True where a domain is the other, or below it."""
    domain, above = domain.rstrip(".").lower(), above.rstrip(".").lower()
    return domain == above or domain.endswith(f".{above}")
