"""A row of somebody else's list, read: who it is, what they asked for, what is wrong with it.

A row without a sure address or a sure state is left out, and so is one that is cut off; where
another cell is wrong the row comes in without it. Each such thing is a Trouble, a line of the
report. Of several cells about the state the one against sending counts, and `--state` never takes
it back.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core.address import folded, parse_address
from pipeline.core.import_layout import Column, Source, squeezed
from pipeline.core.subscriber import SubscriberState
from pipeline.core.subscription import Wishes
from pipeline.core.text import legal, one_line
from pipeline.core.versions import version_for
from pipeline.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.core.import_layout import Layout

NAME_MOST = 200
STATES = {
    SubscriberState.ACTIVE: (
        "active enabled subscribed confirmed abonne abonnee actif inscrit activo suscrito suscrita"
    ),
    SubscriberState.PENDING: (
        "pending unconfirmed nonsubscribed transactional enattente nonconfirme pendiente "
        "noconfirmado"
    ),
    SubscriberState.UNSUBSCRIBED: (
        "unsubscribed disabled inactive left optedout optout archived desabonne desabonnee "
        "desinscrit inactif baja dadodebaja desuscrito inactivo"
    ),
    SubscriberState.SUPPRESSED: (
        "suppressed blocklisted blacklisted blocked cleaned bounced complained complaint spam "
        "bloque bloqueado rebotado"
    ),
}
_STATE = {word: state for state, words in STATES.items() for word in words.split()}
_YES = "true 1 yes y t on x oui vrai si verdadero"
_NO = "false 0 no n f off never null none non faux jamais falso nunca"
YES, NO = frozenset(_YES.split()), frozenset(_NO.split())
AGAINST = {
    Column.BOUNCED: SubscriberState.SUPPRESSED,
    Column.BLOCKED: SubscriberState.SUPPRESSED,
    Column.LEFT: SubscriberState.UNSUBSCRIBED,
}
"""What anything in a column means."""
GRAVITY = (SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED)
"""Of two of these the later one counts."""
UNCONFIRMED = "let them sign up; where you can show that they asked, --state active"
LISTMONK_ENABLED = (
    "listmonk says so also of who left this list, or never confirmed",
    "export only those with a confirmed subscription to the list, and give --state active",
)
"""`status` is that of a person in all of listmonk; that of a subscription is not in its exports."""
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
"""A cell of our own export that a spreadsheet would have computed without its apostrophe."""
_BIDI = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))
_BIDI |= dict.fromkeys(range(0x2066, 0x206A))
"""Characters that turn around what follows them (Unicode's Bidi_Control): no name needs them."""
_GO_TIME = re.compile(r"(\S+ \S+) ([+-]\d{4}) \S+")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9]{2,8}))*")
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A row as it stands in the file; `fault` says why it could not be taken apart, or ""."""

    line: int
    cells: Sequence[str]
    fault: str = ""


class Trouble(NamedTuple):
    """One line of the report; `column` is the file's name for it."""

    line: int
    column: str
    value: str
    problem: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row that was understood; `left` is when they left, or were blocked; None: nobody knows."""

    line: int
    address: str
    folded: str
    state: SubscriberState
    wishes: Wishes
    asked: str = ""
    origin: str = ""
    left: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What the newsroom has, and what `--newsletter`, `--language` and `--state` say of all rows.

    `newsletters` maps keys to titles, `languages` are those that anything here comes in; `chosen`
    () leaves it to the file's column.
    """

    newsletters: Mapping[str, str]
    themes: Collection[str]
    languages: Sequence[str]
    chosen: frozenset[str] = frozenset()
    language: str = ""
    state: SubscriberState | None = None


@dataclass(slots=True)
class RowReader:
    """Reads rows of one layout; `troubles` grows, and is for the caller to empty."""

    layout: Layout
    vocabulary: Vocabulary
    troubles: list[Trouble] = field(default_factory=list)
    _newsletter_of: dict[str, str] = field(init=False)
    _theme_of: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        titles = self.vocabulary.newsletters
        self._newsletter_of = {squeezed(title): key for key, title in titles.items()}
        self._newsletter_of.update({squeezed(key): key for key in titles})
        self._theme_of = {squeezed(theme): theme for theme in self.vocabulary.themes}

    def read(self, row: Row) -> Entry | None:
        """The row's entry; None where it is left out."""
        if row.fault:
            self.troubles.append(Trouble(row.line, "", "", row.fault, "mend the line"))
            return None
        if not any(cell.strip() for cell in row.cells):
            return None
        cells = _Cells(row, self.layout, self.troubles)
        if fault := _misfit(row.cells, self.layout):
            self.troubles.append(Trouble(row.line, "", " ".join(row.cells), *fault))
            return None
        typed = cells.get(Column.ADDRESS).strip(" \u00a0")
        try:
            address = str(parse_address(typed))
        except AddressError as error:
            cells.trouble(Column.ADDRESS, error.why or str(error), error.advice)
            return None
        state = self._state(cells)
        if state is None:
            return None
        newsletters = self._newsletters(cells) if state is SubscriberState.ACTIVE else frozenset()
        if state is SubscriberState.ACTIVE and not newsletters:
            return None
        return Entry(
            line=row.line,
            address=address,
            folded=folded(address),
            state=state,
            wishes=Wishes(
                newsletters=newsletters,
                topics=self._topics(cells),
                name=_name(cells),
                language=self._language(cells) or self.vocabulary.language,
            ),
            asked=_asked(cells),
            origin=one_line(legal(cells.get(Column.ORIGIN)))[:NAME_MOST],
            left=_left(cells, state),
            source=self.layout.source,
        )

    def _state(self, cells: _Cells) -> SubscriberState | None:
        """None where the row is left out: nobody can tell, or they never confirmed."""
        said = [state for state in (self.vocabulary.state, *_against(cells)) if state]
        gravest = max(said, key=GRAVITY.index, default=None)
        if gravest in {SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED}:
            return gravest
        if squeezed(cells.get(Column.DELETED)) not in {"", *NO}:
            advice = "nothing; if they want mail: enews subscriber add"
            cells.trouble(Column.DELETED, "deleted there", advice)
            return None
        if self.layout.source is Source.MAILCHIMP:
            for column, state in AGAINST.items():
                if cells.has(column):
                    # A file of nobody but those who left: whoever is in it is not active.
                    advice = f"fill it in, or give --state {state} for all rows"
                    cells.trouble(column, "empty, in a file of such people", advice)
                    return None
        return gravest or self._told(cells)

    def _told(self, cells: _Cells) -> SubscriberState | None:
        """Active, where every column that says something of it says that they are."""
        if cells.has(Column.WANTED) and not _wants(cells):
            advice = "write true or false, or give --state for all rows"
            cells.trouble(Column.WANTED, "neither true nor false", advice)
            return None
        if not cells.has(Column.STATE):
            return self._confirmed(cells)
        state = _STATE.get(squeezed(cells.get(Column.STATE)))
        if state is SubscriberState.ACTIVE and self.layout.source is Source.LISTMONK:
            cells.trouble(Column.STATE, *LISTMONK_ENABLED)
            return None
        if state is SubscriberState.PENDING:
            cells.trouble(Column.STATE, "never confirmed", UNCONFIRMED)
            return None
        if state is None:
            advice = "write active, unsubscribed or suppressed, or give --state for all rows"
            cells.trouble(Column.STATE, "no state that is known", advice)
        return state

    def _confirmed(self, cells: _Cells) -> SubscriberState | None:
        """Active, but where the file could say when they confirmed and says that they did not."""
        said = cells.get(Column.CONFIRMED).strip()
        if cells.has(Column.CONFIRMED) and (not said or squeezed(said) in NO):
            cells.trouble(Column.CONFIRMED, "never confirmed", UNCONFIRMED)
            return None
        return SubscriberState.ACTIVE

    def _newsletters(self, cells: _Cells) -> frozenset[str]:
        if self.vocabulary.chosen:
            return self.vocabulary.chosen
        found, unknown = _choices(cells.get(Column.NEWSLETTERS), self._newsletter_of)
        if unknown or not found:
            problem = f"no newsletter {', '.join(unknown)}" if unknown else "no newsletter"
            advice = f"expected {' or '.join(self.vocabulary.newsletters)}, or give --newsletter"
            cells.trouble(Column.NEWSLETTERS, problem, advice)
        return found

    def _topics(self, cells: _Cells) -> frozenset[str]:
        """Without any that is known they get all: one topic less must not mean no news."""
        found, unknown = _choices(cells.get(Column.TOPICS), self._theme_of)
        if unknown:
            cells.trouble(Column.TOPICS, f"no theme {', '.join(unknown)}", "see content/themes")
        return found

    def _language(self, cells: _Cells) -> str:
        """A BCP 47 tag in its usual case, for which there is a version; "" for none.

        A form of a language that there is stays as it is: en-GB gets what comes in en.
        """
        column = Column.LANGUAGE
        typed = cells.get(column).strip()
        if not typed:
            column, typed = Column.ATTRIBUTES, _attribute(cells)
        if not typed:
            return ""
        given, known = self.vocabulary.language, self.vocabulary.languages
        imported = f"imported with {given}" if given else "imported without a language"
        if not _LANGUAGE.fullmatch(typed):
            cells.trouble(column, "no language tag", f"write en or pt-BR; {imported}")
            return ""
        first, *rest = re.split("[-_]", typed)
        tag = "-".join([first.lower(), *(x.upper() if len(x) == 2 else x.title() for x in rest)])
        if version_for(tag, ("", *known)):
            return tag
        expected = f"expected {' or '.join(known)}"
        cells.trouble(column, f"nothing comes in {tag}", f"{expected}; {imported}")
        return ""


class _Cells:
    """A row's cells by what they hold."""

    def __init__(self, row: Row, layout: Layout, troubles: list[Trouble]) -> None:
        self._row, self._layout, self._troubles = row, layout, troubles

    def has(self, column: Column) -> bool:
        return column in self._layout.places

    def get(self, column: Column) -> str:
        """The cell; "" where the row is shorter, or the file has no such column."""
        place = self._layout.places.get(column, -1)
        cell = self._row.cells[place] if 0 <= place < len(self._row.cells) else ""
        is_guarded = self._layout.source is Source.OWN and _GUARDED.match(cell)
        return cell[1:] if is_guarded else cell

    def trouble(self, column: Column, problem: str, advice: str) -> None:
        name = self._layout.name(column) if self.has(column) else str(column)
        self._troubles.append(Trouble(self._row.line, name, self.get(column), problem, advice))


def _misfit(cells: Sequence[str], layout: Layout) -> tuple[str, str] | None:
    """What is wrong with how many cells a row has, and what to do."""
    if len(cells) < layout.width:
        return "shorter than the header: the line, or the file, is cut off", "mend the line"
    if any(cell.strip() for cell in cells[len(layout.header) :]):
        return "longer than the header: its cells may stand in other columns", "mend the line"
    return None


def _against(cells: _Cells) -> list[SubscriberState]:
    """What the row says against sending."""
    found = [
        state for column, state in AGAINST.items() if squeezed(cells.get(column)) not in {"", *NO}
    ]
    if squeezed(cells.get(Column.WANTED)) in NO:
        found.append(SubscriberState.UNSUBSCRIBED)
    for column in (Column.STATE, Column.WANTED):
        state = _STATE.get(squeezed(cells.get(column)))
        if state in GRAVITY[1:]:
            found.append(state)
    return found


def _wants(cells: _Cells) -> bool:
    """True where the column says that they want mail, or since when."""
    said = cells.get(Column.WANTED).strip()
    if squeezed(said) in YES or _STATE.get(squeezed(said)) is SubscriberState.ACTIVE:
        return True
    return _time(said) is not None


def _choices(text: str, known: Mapping[str, str]) -> tuple[frozenset[str], list[str]]:
    """The known ones of a cell's words, and the others."""
    if not text:
        return frozenset(), []
    words = [word.strip(' "[]') for word in re.split(r"[,;|\n]", text)]
    found = {known[squeezed(word)] for word in words if squeezed(word) in known}
    return frozenset(found), [word for word in words if word and squeezed(word) not in known]


def _name(cells: _Cells) -> str:
    parts = [cells.get(Column.FIRST_NAME), cells.get(Column.LAST_NAME)]
    raw = cells.get(Column.NAME) or " ".join(parts)
    if not raw.isascii() and any("\ud800" <= letter <= "\udfff" for letter in raw):
        column = Column.NAME if cells.get(Column.NAME) else Column.FIRST_NAME
        cells.trouble(column, "not UTF-8", "save the file as UTF-8; imported without a name")
        return ""
    name = one_line(legal(raw).translate(_BIDI))
    if len(name) > NAME_MOST:
        cells.trouble(Column.NAME, f"longer than {NAME_MOST} characters", "imported without a name")
        return ""
    return name


def _attribute(cells: _Cells) -> str:
    """The language that listmonk keeps among a subscriber's attributes."""
    try:
        found = json.loads(cells.get(Column.ATTRIBUTES) or "{}")
    except (ValueError, RecursionError):
        return ""
    known = found if isinstance(found, dict) else {}
    words = (known.get(key) for key in ("language", "lang", "locale"))
    return next((word.strip() for word in words if isinstance(word, str)), "")


def _asked(cells: _Cells) -> str:
    """When they asked, for the record: the confirmation, or else the sign-up."""
    for column in (Column.CONFIRMED, Column.ASKED, Column.WANTED):
        word = "confirmed" if column is Column.CONFIRMED else "asked"
        # A word such as "active" stands in the last one too.
        moment = _moment(cells, column) if column is not Column.WANTED else _since(cells)
        if moment is not None:
            return f"{word} {moment.isoformat(timespec='seconds')}"
    return ""


def _since(cells: _Cells) -> datetime | None:
    moment = _time(cells.get(Column.WANTED).strip())
    return moment if moment and moment > OLDEST else None


def _left(cells: _Cells, state: SubscriberState) -> datetime | None:
    """When mail to them ended, by the column that is about their state."""
    of_state = (
        column for column, against in AGAINST.items() if against is state and cells.has(column)
    )
    return next((_moment(cells, column) for column in of_state), None)


def _moment(cells: _Cells, column: Column) -> datetime | None:
    """A cell's time; without an offset it is taken for UTC, as the systems we know write it."""
    text = cells.get(column).strip()
    if not text:
        return None
    moment = _time(text)
    if moment is None and squeezed(text) not in YES | NO:
        advice = "write 2017-07-10; imported without it"
        cells.trouble(column, "no time that is known", advice)
    return moment if moment and moment > OLDEST else None


def _time(text: str) -> datetime | None:
    """What a text says of a time, if it does."""
    try:
        go = _GO_TIME.fullmatch(text)  # 2021-03-05 11:22:33.123456 +0000 UTC
        moment = datetime.fromisoformat(go[1] + go[2] if go else text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
