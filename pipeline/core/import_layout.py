"""Whose list a file of subscribers is, and which column holds what, told by its header.

The exports of listmonk, Mailchimp, Ghost and our own are known by columns that no other has. In any
other file a column is known by its name in English, French or Spanish, whatever its case, accents
and punctuation; `--map` says the rest. Where two columns could hold the same, and it matters which,
the file is refused: a column that is passed over may be the one that says who left.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.address import shown
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Column(StrEnum):
    """What a column may hold; the values are the names that `--map` takes."""

    ADDRESS = "address"
    NAME = "name"
    FIRST_NAME = "first-name"
    LAST_NAME = "last-name"
    LANGUAGE = "language"
    NEWSLETTERS = "newsletters"  # keys or titles
    TOPICS = "topics"  # keys of themes
    STATE = "state"
    ASKED = "asked"  # when they signed up
    CONFIRMED = "confirmed"  # when they confirmed
    ORIGIN = "origin"  # the IP address or page they came from
    LEFT = "left"  # when they unsubscribed; anything in it means that they did
    BOUNCED = "bounced"  # when mail to them was given up; anything in it means that it was
    BLOCKED = "blocked"  # true where they are never mailed
    WANTED = "wanted"  # true, or since when, where they want mail, false where not
    DELETED = "deleted"  # when they were deleted there; anything in it means that they were
    ATTRIBUTES = "attributes"  # a JSON object


class Source(StrEnum):
    """The system that wrote the file."""

    LISTMONK = "listmonk"
    MAILCHIMP = "Mailchimp"
    GHOST = "Ghost"
    OWN = "enews"
    OTHER = ""


NAMES: Mapping[Column, str] = {
    Column.ADDRESS: (
        "emailaddress email mail mailaddress subscriberemail adresseemail adressemail courriel "
        "adressecourriel adresseelectronique adressedecourriel correoelectronico correo "
        "direcciondecorreo direcciondecorreoelectronico address adresse direccion"
    ),
    Column.NAME: "name fullname displayname subscribername nomcomplet nombrecompleto nometprenom",
    Column.FIRST_NAME: "firstname fname givenname forename prenom",
    Column.LAST_NAME: "lastname lname surname familyname nomdefamille apellidos apellido",
    Column.LANGUAGE: "language lang locale preferredlanguage langue idioma lengua",
    Column.NEWSLETTERS: (
        "newsletters newsletter lists list lettres infolettres infolettre listes liste boletines "
        "boletin listas lista"
    ),
    Column.TOPICS: "topics topic themes theme interests sujets interets temas tema intereses",
    Column.STATE: "state status statut etat estado estatus",
    Column.ASKED: (
        "optintime subscribedat signupdate signuptime createdat created dateadded since "
        "subscriptiondate dateinscription datedinscription inscritle fechadealta "
        "fechadeinscripcion fechadesuscripcion"
    ),
    Column.CONFIRMED: "confirmtime confirmedat confirmed confirmationdate confirmele confirmadoel",
    Column.ORIGIN: "confirmip optinip ip ipaddress origin adresseip direccionip",
    Column.LEFT: (
        "unsubtime unsubscribedat unsubscribed unsubscribedate optouttime desabonnele "
        "datedesabonnement fechadebaja"
    ),
    Column.BOUNCED: "cleantime cleanedat bouncedat bounced cleaned",
    Column.BLOCKED: (
        "blocklisted blacklisted blocked emaildisabled suppressed isblocked isblocklisted "
        "isblacklisted issuppressed"
    ),
    Column.WANTED: (
        "subscribed active optin optedin wanted issubscribed isactive emailoptin optinemail actif "
        "abonne inscrit activo suscrito"
    ),
    Column.DELETED: "deletedat deleted isdeleted",
}
"""Names of columns as `squeezed` makes them, the surest first."""

ONLY_ONE = (
    Column.STATE,
    Column.LEFT,
    Column.BOUNCED,
    Column.BLOCKED,
    Column.WANTED,
    Column.DELETED,
)
"""What must not stand in two columns: one of them may speak against sending, unread."""

OWN_HEAD = ("address", "name", "language", "newsletters", "topics", "state", "since")
"""The header of `enews subscriber export`."""

MARKS = {
    Source.LISTMONK: {"uuid", "email", "attributes", "status"},
    Source.MAILCHIMP: {"memberrating", "leid", "euid"},
    Source.GHOST: {"email", "subscribedtoemails", "createdat"},
    Source.OWN: set(OWN_HEAD),
}
EXTRA = {
    Source.LISTMONK: {Column.ATTRIBUTES: "attributes"},
    Source.GHOST: {Column.WANTED: "subscribedtoemails"},
}
"""Columns that mean something in the exports of one system only."""

SHOWN_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is where: `places` are indexes into a row, `header` the names as they stand there."""

    source: Source
    header: tuple[str, ...]
    places: Mapping[Column, int]

    def name(self, column: Column) -> str:
        """How the file calls it."""
        return self.header[self.places[column]]

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns that nothing is taken from; one without a name by its number."""
        used = set(self.places.values())
        return tuple(
            name or f"column {place + 1}"
            for place, name in enumerate(self.header)
            if place not in used
        )

    @property
    def width(self) -> int:
        """How many cells a row has at least, if none that is used is missing."""
        return max(self.places.values()) + 1


def squeezed(name: str) -> str:
    """A column's name without case, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def recognise(header: Sequence[str], mapped: Mapping[str, str]) -> Layout:
    """The layout of a file that begins with this row.

    `mapped` is from `--map`: which column (by the file's name for it) holds what. Raises
    ConfigError where the header is none, a mapped column is not there, none holds addresses, or two
    could hold the same.
    """
    known: dict[str, int] = {}
    for place, name in enumerate(header):
        known.setdefault(squeezed(name), place)
    source = next((s for s, marks in MARKS.items() if marks <= known.keys()), Source.OTHER)
    places = _named(known)
    for column, name in EXTRA.get(source, {}).items():
        places[column] = known[name]
    if source is Source.LISTMONK:
        # Neither says when they asked: a subscriber is made for any reason, and updated for any.
        places.pop(Column.CONFIRMED, None)
    for what, name in mapped.items():
        places[_column(what)] = _place(name, known, header)
    if Column.ADDRESS not in places:
        raise ConfigError(_no_address(header))
    _refuse_twins(header, places, mapped)
    in_order = dict(sorted(places.items(), key=lambda named: named[1]))
    # What is not UTF-8 would reach the terminal as it is.
    names = tuple(name if name.isprintable() else shown(name)[1:-1] for name in header)
    return Layout(source=source, header=names, places=in_order)


def _named(known: Mapping[str, int]) -> dict[Column, int]:
    places = {}
    for column, names in NAMES.items():
        found = next((known[name] for name in names.split() if name in known), None)
        if found is not None:
            places[column] = found
    # In French 'nom' beside 'prénom' is the last name, in Spanish 'nombre' beside 'apellidos'
    # the first; alone, both are the whole name.
    for word, other, part in (
        ("nom", Column.FIRST_NAME, Column.LAST_NAME),
        ("nombre", Column.LAST_NAME, Column.FIRST_NAME),
    ):
        if word in known:
            places.setdefault(part if other in places else Column.NAME, known[word])
    return places


def _refuse_twins(
    header: Sequence[str], places: Mapping[Column, int], mapped: Mapping[str, str]
) -> None:
    """Raise ConfigError where nobody can tell which of two columns is meant."""
    taken = {place: column for column, place in places.items()}
    names = [squeezed(name) for name in header]
    for column, place in places.items():
        if column in mapped:
            twins = [at for at, name in enumerate(header) if name == header[place]]
        else:
            same = {names[place], *(NAMES[column].split() if column in ONLY_ONE else ())}
            twins = [at for at, name in enumerate(names) if name in same]
        twins = [at for at in twins if at == place or at not in taken]
        if len(twins) > 1:
            which = _listed([header[at] for at in twins])
            raise ConfigError(
                f"{which}: two columns for the same, {column}: say which one counts with --map "
                f"{column}=COLUMN, and name them apart where they are called alike"
            )


def _column(what: str) -> Column:
    try:
        return Column(what)
    except ValueError:
        near = get_close_matches(what, [*Column], n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(Column)}"
        raise ConfigError(f'--map {what}=…: there is no "{what}"; {hint}') from None


def _place(name: str, known: Mapping[str, int], header: Sequence[str]) -> int:
    if name in header:
        return list(header).index(name)
    if name and squeezed(name) in known:
        return known[squeezed(name)]
    raise ConfigError(f'--map …={name}: there is no column "{name}"; there are {_listed(header)}')


def _no_address(header: Sequence[str]) -> str:
    if any("@" in cell for cell in header):
        return (
            "the first line holds an address: put a line above it that names the columns, "
            "such as email,name"
        )
    return (
        f"no column is known to hold addresses; there are {_listed(header)}: say which one does "
        "with --map address=COLUMN"
    )


def _listed(header: Sequence[str]) -> str:
    names = [shown(name[:40]) for name in header[:SHOWN_MOST]]
    more = len(header) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
