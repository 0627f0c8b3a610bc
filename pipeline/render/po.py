"""Interface words as PO files say them: read with Babel, and checked before any page is made.

In these files `msgid` is the key by which templates call a text (`read_more`), and `msgstr` what
readers see, with places in braces (`{title}`). A text that counts has `msgid_plural`, and a form
for each case that the header `Plural-Forms` tells apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from pipeline.errors import RenderError
from pipeline.render.words import COUNT, PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel.messages.catalog import Catalog, Message

KEY = re.compile(r"[a-z][a-z0-9_]*")
OWN = "own_"
"""How the key of a word begins that only a newsroom's own templates say."""

_MSGID = re.compile(rb'^msgid +"(.+)"\s*$', re.MULTILINE)
_PLURAL_FORMS = re.compile(rb'^"Plural-Forms:', re.MULTILINE)
_LINE = re.compile(
    rb"|#.*|(?:(?:msgid|msgid_plural|msgstr|msgstr\[\d\]|msgctxt)\s+)?"
    rb'"(?:[^"\\]|\\[\\"nrt])*"'
)
_EXPECTED = 'msgid "…" or msgstr "…" on one line, \\" for a quotation mark within'
_HINT = "the whole file must be PO, in UTF-8: copy the default one and translate its msgstr lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A text with the line of its msgid: one form, or several with the C expression `plural`.

    The expression gives for a number `n` the place of its form.
    """

    line: int
    forms: tuple[str, ...]
    plural: str = ""

    @property
    def places(self) -> frozenset[str]:
        """The names in braces, in any of the forms."""
        return frozenset(name for form in self.forms for name in PLACE.findall(form))


def parse_po(raw: bytes, name: str) -> dict[str, Entry]:
    """The translated texts of a PO file by their keys; `name` is the file's, for messages.

    Texts left empty are not there. Raises RenderError.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    _refuse_unquoted(raw, name)
    catalog = _read(raw, name)
    entries = {}
    for message in catalog:
        if not message.id:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = _forms(message, key, name, raw)
        if any(forms):
            plural = _plural(catalog, raw, name) if message.pluralizable else ""
            entries[key] = Entry(line=message.lineno or 0, forms=forms, plural=plural)
    _refuse_doubles(raw, name)
    return entries


def check_entries(entries: Mapping[str, Entry], english: Mapping[str, Entry], name: str) -> None:
    """Hold the texts of a file against the English ones, which templates are written for.

    Raises RenderError for a key that no template says, and for places lost or invented.
    """
    for key, entry in entries.items():
        reference = english.get(key)
        if reference is None:
            if key.startswith(OWN):
                continue
            raise RenderError(
                name,
                entry.line,
                f"no template says the word {key!r}{_nearest(key, english)}; "
                f"words for templates of your own begin with {OWN}",
            )
        _check_places(key, entry, reference, name)


def _nearest(key: str, english: Mapping[str, Entry]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, sorted(english), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _check_places(key: str, entry: Entry, reference: Entry, name: str) -> None:
    if bool(entry.plural) != bool(reference.plural):
        kind = "counts, so it needs msgid_plural" if reference.plural else "does not count"
        raise RenderError(name, entry.line, f"{key}: the English text {kind}")
    # A form may say its number in words: "one item".
    free = frozenset({COUNT}) if reference.plural else frozenset()
    for form in entry.forms:
        places = frozenset(PLACE.findall(form))
        strange, lost = sorted(places - reference.places), sorted(reference.places - places - free)
        if strange:
            known = ", ".join(f"{{{place}}}" for place in sorted(reference.places)) or "no places"
            raise RenderError(
                name, entry.line, f"{key}: found {{{strange[0]}}}; the English text has {known}"
            )
        if lost:
            raise RenderError(
                name, entry.line, f"{key}: {{{lost[0]}}} is missing, which the English text has"
            )


def _read(raw: bytes, name: str) -> Catalog:
    from babel.messages.pofile import PoFileError, read_po

    try:
        return read_po(BytesIO(raw), ignore_obsolete=True, abort_invalid=True)
    except PoFileError as error:
        said = str(error).rpartition(" on ")[0]
        raise RenderError(name, error.lineno + 1, f"not PO: {said}; {_HINT}") from error
    except UnicodeDecodeError as error:
        whole = error.object if isinstance(error.object, bytes) else b""
        line = raw[: raw.find(whole)].count(b"\n") + 1 if whole and whole in raw else 0
        raise RenderError(name, line, f"not UTF-8; {_HINT}") from error
    except Exception as error:  # Babel stumbles over many a broken line without naming it
        raise RenderError(name, 0, f"not PO ({type(error).__name__}: {error}); {_HINT}") from error


def _forms(message: Message, key: str, name: str, raw: bytes) -> tuple[str, ...]:
    """The forms of a message checked by itself, all "" where it is not translated.

    Raises RenderError.
    """
    found = message.string or ""
    forms = (found,) if isinstance(found, str) else tuple(found)
    wrong = ""
    if not KEY.fullmatch(key):
        wrong = f"found the msgid {key!r}; a key such as read_more goes there"
    elif message.context:
        wrong = f"{key}: msgctxt means nothing here; leave it out"
    elif message.fuzzy:
        wrong = f"{key}: marked as fuzzy; read the text, and take the mark away"
    elif any(forms) and not all(forms):
        wrong = f"{key}: a plural form is missing; Plural-Forms asks for {len(forms)}"
    elif message.pluralizable and not _PLURAL_FORMS.search(raw):
        wrong = f"{key}: a text that counts needs the header Plural-Forms in this file"
    if wrong:
        raise RenderError(name, message.lineno or 0, wrong)
    return forms


def _plural(catalog: Catalog, raw: bytes, name: str) -> str:
    """The expression of the header, safe to be run. Raises RenderError."""
    from gettext import c2py

    header = _PLURAL_FORMS.search(raw)
    line = raw[: header.start()].count(b"\n") + 1 if header else 0
    expression = catalog.plural_expr
    try:
        place = c2py(expression)
        without = next((n for n in range(1000) if not 0 <= place(n) < catalog.num_plurals), None)
    except (ValueError, ArithmeticError) as error:
        raise RenderError(name, line, f"Plural-Forms: {error}") from error
    if without is not None:
        raise RenderError(name, line, f"Plural-Forms: the number {without} has no form")
    return expression


def _refuse_unquoted(raw: bytes, name: str) -> None:
    """What Babel passes over without a word: a text that lacks a quotation mark."""
    for number, line in enumerate(raw.splitlines(), 1):
        if not _LINE.fullmatch(line.strip()):
            found = line.strip().decode("utf-8", "replace")[:60]
            raise RenderError(name, number, f"found {found}; expected {_EXPECTED}")


def _refuse_doubles(raw: bytes, name: str) -> None:
    seen = set()
    for match in _MSGID.finditer(raw):
        if match[1] in seen:
            line = raw[: match.start()].count(b"\n") + 1
            key = match[1].decode("utf-8", "replace")
            raise RenderError(name, line, f"{key}: stands here a second time")
        seen.add(match[1])
