"""Mail addresses: what mail can go to (RFC 5321, RFC 6531), and when two are the same.

The domain is compared without case and in one spelling (`xn--mnchen-3ya.example` is
`münchen.example`); the local part as typed, since only its own server may interpret it (RFC 5321
§2.4). `folded` is the looser form under which two addresses are taken for one person's.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Collection

LOCAL_MOST = 64
"""Octets of a local part (RFC 5321 §4.5.3.1.1)."""
DOMAIN_MOST = 253
"""Octets of a domain in DNS, written without its last dot (RFC 1035 §2.3.4)."""
LABEL_MOST = 63
"""Octets of one label (RFC 1035 §2.3.4), as DNS writes it."""
ADDRESS_MOST = 254
"""Octets of an address: a path has 256 with its angle brackets (RFC 5321 §4.5.3.1.3)."""

EXPECTED = "expected an address such as name@example.org"
SHOWN_MOST = 80

_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~\u0080-\U0010ffff]|\\[ -~])*"')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_COMMON = re.compile(
    r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@((?:[A-Za-z0-9]{1,63}\.)+[A-Za-z]{2,63})"
)
ZWNJ, ZWJ = "\u200c", "\u200d"
_JOINERS = ZWNJ + ZWJ
VIRAMA = 9
"""The combining class of the sign that ends a consonant."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """One mailbox; made by `parse_address`.

    `local` is as typed, in quotes only where it cannot do without; `domain` is in lower case and
    Unicode (U-labels, NFC). As text it is the key that addresses are compared by.
    """

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def folded(self) -> str:
        """Equal for addresses that differ in case or in the spelling of a character only."""
        return folded(str(self))

    @property
    def is_ascii(self) -> bool:
        """True where every mail server takes it; False where it needs SMTPUTF8 or A-labels."""
        return self.local.isascii() and self.domain.isascii()


def parse_address(text: str) -> Address:
    """The address in `text`, which holds nothing else, not even spaces around it.

    Raises AddressError. Control characters, and others that nobody can see, are refused before
    anything is taken apart: a line break in an address would be a command to a server.
    """
    common = _COMMON.fullmatch(text)
    if common and len(common[1]) <= LOCAL_MOST and len(text) <= ADDRESS_MOST:
        return Address(common[1], common[2].lower())
    _refuse_unseen(text)
    if len(text) > ADDRESS_MOST + 2:
        raise _no(text, f"is longer than {ADDRESS_MOST} characters", EXPECTED)
    local, at, domain = text.rpartition("@")
    if not text.strip():
        raise _no(text, "is empty", EXPECTED)
    if many := _several(text):
        raise _no(text, f"holds {many} addresses", "write one address")
    if not at:
        raise _no(text, "has no @", EXPECTED)
    if text.endswith(">") or text.startswith("<"):
        raise _no(text, "has angle brackets", "write what stands between them, and nothing else")
    address = Address(_local(text, local), _domain(text, domain))
    wire = ".".join(map(_a_label, address.domain.split(".")))
    longest = max(len(wire), len(address.domain.encode()))
    if len(wire) > DOMAIN_MOST:
        raise _no(text, f"has a domain longer than {DOMAIN_MOST} octets", EXPECTED)
    if len(address.local.encode()) + 1 + longest > ADDRESS_MOST:
        raise _no(text, f"is longer than {ADDRESS_MOST} octets", EXPECTED)
    return address


def folded(address: str) -> str:
    """An address with its local part as `caseless` has it, and its domain in lower case.

    In a domain ß is another letter than ss (RFC 5894 §7.2): two domains, of two owners.
    """
    if address.isascii():
        return address.lower()
    local, at, domain = address.rpartition("@")
    if not at:
        return caseless(address)
    # Letter by letter: lower() of a word would turn its last sigma into another letter.
    lower = "".join(map(str.lower, unicodedata.normalize("NFC", domain)))
    return f"{caseless(local)}@{unicodedata.normalize('NFC', lower)}"


def caseless(text: str) -> str:
    """A text under full case folding, NFC (canonical caseless matching, Unicode D145)."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text).casefold()
    return unicodedata.normalize("NFC", apart)


def mentions(text: str, addresses: Collection[str]) -> bool:
    """True where a text holds one of these addresses, in any case, and not as part of another."""
    plain = caseless(text)
    return any(
        re.search(rf"(?<![\w.+-]){re.escape(caseless(address))}(?![\w-]|\.\w)", plain)
        for address in addresses
    )


def domain_of(address: str) -> str:
    """The domain of an address that `parse_address` made."""
    return address.rpartition("@")[2]


def salted_hash(address: str, salt: bytes) -> str:
    """What stands for an address where it must not be kept: HMAC-SHA256 of `folded`, in hex."""
    return hmac.digest(salt, folded(address).encode(), "sha256").hex()


def masked(address: str) -> str:
    """As much of it as its owner knows it by, and nobody can write to: `a…@example.org`."""
    local, _, domain = address.rpartition("@")
    first = local.strip('"')[:1]
    return f"{first}…@{domain}"


def shown(text: str) -> str:
    """`text` in quotes for a message: on one line, nothing unseen, not longer than a line."""
    seen = "".join(
        letter if letter.isprintable() else f"<U+{ord(letter):04X}>"
        for letter in text[: SHOWN_MOST + 1]
    )
    return f'"{seen[:SHOWN_MOST]}…"' if len(seen) > SHOWN_MOST else f'"{seen}"'


def _no(text: str, why: str, advice: str) -> AddressError:
    return AddressError(f"{shown(text)} {why}: {advice}", why=why, advice=advice)


def _refuse_unseen(text: str) -> None:
    """Raise AddressError for what is not printable; the plain space is judged later.

    The joiners stay where scripts of Iran and India are not spelt right without them.
    """
    plain = text
    for joiner in _JOINERS:
        plain = plain.replace(joiner, "")
    unseen = [letter for letter in plain if not letter.isprintable()]
    if len(plain) < len(text):
        unseen += [x for place, x in enumerate(text) if x in _JOINERS and not _joins(text, place)]
    if unseen:
        why = f"holds a character that cannot be seen (U+{ord(unseen[0]):04X})"
        raise _no(text, why, "remove it")


def _joins(text: str, place: int) -> bool:
    """True where a joiner changes how its neighbours are written (RFC 5892 §A.1 and §A.2)."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if before and unicodedata.combining(before) == VIRAMA:
        return True
    # Letters that join each other: those of Arabic, Syriac and the like.
    joining = (bool(x) and unicodedata.bidirectional(x) == "AL" for x in (before, after))
    return text[place] == ZWNJ and all(joining)


def _several(text: str) -> str:
    """How many addresses there are, in a word, where it is more than one; "" otherwise."""
    parts = [] if '"' in text else re.split(r"[;,|\s]+", text)
    found = sum("@" in part for part in parts)
    return "" if found < 2 else "two" if found == 2 else "several"


def _local(text: str, local: str) -> str:
    """The local part in the one form that quotes no more than it must (RFC 5321 §4.1.2)."""
    if _QUOTED.fullmatch(local):
        bare = re.sub(r"\\(.)", r"\1", local[1:-1])
        if "<" in bare or ">" in bare:
            # Legal, but a server with a careless parser would take it for the end of a path.
            raise _no(text, "has angle brackets before the @", EXPECTED)
        local = bare if _DOT_ATOM.fullmatch(bare) else _quoted(bare)
    elif not _DOT_ATOM.fullmatch(local):
        raise _no(text, *_wrong_local(local))
    if len(local.encode()) > LOCAL_MOST:
        raise _no(text, f"has more than {LOCAL_MOST} octets before the @", EXPECTED)
    return local


def _quoted(bare: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", bare) + '"'


def _wrong_local(local: str) -> tuple[str, str]:
    if not local:
        return "has nothing before the @", EXPECTED
    if " " in local:
        return "holds a space before the @", "remove it; one address, and no name"
    if "@" in local:
        return "has more than one @", "write one address"
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "has a dot too many before the @", "remove it"
    wrong = next((c for c in local if not re.fullmatch(rf"{_ATOM}|\.", c)), local[0])
    return f"holds {shown(wrong)} before the @, where that cannot stand", EXPECTED


def _domain(text: str, domain: str) -> str:
    """The domain in lower case and Unicode, mapped as RFC 5895 and UTS 46 do."""
    if domain.startswith("["):
        raise _no(text, "names a machine by its number", "write a domain such as example.org")
    plain = unicodedata.normalize("NFKC", domain).replace("\u3002", ".")
    # Letter by letter: lower() of a word would turn its last sigma into another letter.
    lower = unicodedata.normalize("NFKC", "".join(map(str.lower, plain)))
    labels = [_u_label(text, label) for label in lower.split(".")]
    if len(labels) < 2:
        raise _no(text, "has a domain without a dot", EXPECTED)
    if labels[-1].isdigit():
        raise _no(text, "names a machine by its number", "write a domain such as example.org")
    return ".".join(labels)


def _u_label(text: str, label: str) -> str:
    """One label in Unicode; an A-label (`xn--…`, RFC 5890 §2.3.2.1) is decoded."""
    if label.startswith("xn--") and label.isascii():
        label = _decoded(text, label)
    elif _LABEL.fullmatch(label) and label[2:4] != "--":
        return label
    if not label:
        raise _no(text, "has a dot too many after the @, or nothing", EXPECTED)
    if label[0] == "-" or label[-1] == "-" or label[2:4] == "--":
        raise _no(text, "has a hyphen after the @ where none can stand", EXPECTED)
    wrong = next((c for c in label if not _may_stand(c)), "")
    if wrong == " ":
        raise _no(text, "holds a space after the @", "remove it; one address, and no name")
    if wrong:
        why = f"holds {shown(wrong)} after the @, where that cannot stand"
        raise _no(text, why, EXPECTED)
    if unicodedata.category(label[0])[0] == "M":
        raise _no(text, "has a lone accent after the @", EXPECTED)
    if len(_a_label(label)) > LABEL_MOST:
        raise _no(text, f"has a part of more than {LABEL_MOST} octets after the @", EXPECTED)
    return label


def _decoded(text: str, label: str) -> str:
    """The U-label of an A-label, which must be the only one that it stands for."""
    try:
        decoded = label[4:].encode().decode("punycode")
    except (UnicodeError, ValueError, IndexError, OverflowError):
        decoded = ""
    mapped = unicodedata.normalize("NFKC", "".join(map(str.lower, decoded)))
    surrogate = any("\ud800" <= letter <= "\udfff" for letter in decoded)
    if surrogate or decoded.isascii() or decoded != mapped or _a_label(decoded) != label:
        raise _no(text, f"has a domain part that stands for nothing: {label}", EXPECTED)
    return decoded


def _a_label(label: str) -> str:
    """A label as DNS has it (RFC 3492); the mail edge checks what more IDNA asks for."""
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _may_stand(letter: str) -> bool:
    """Letters, marks, digits and hyphens, as host names have them."""
    if letter.isascii():
        return letter.isalnum() or letter == "-"
    category = unicodedata.category(letter)
    return category in {"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"} or letter in _JOINERS + "\u00b7\u30fb"
