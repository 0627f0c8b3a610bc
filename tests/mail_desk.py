"""A mail in order with all that the gate knows of it, and ways to spoil it."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.answer import Answer, Outcome
from pipeline.core.client import clients_of
from pipeline.core.item import Item
from pipeline.core.message import Message
from pipeline.core.plan import Plan, PlanSection
from pipeline.mail.composer import MimeComposer
from pipeline.render.dates import direction
from pipeline.render.gate.document import parse
from pipeline.render.gate.facts import Mail, PictureFile, Standing
from pipeline.render.gate.outside import judge_answers
from pipeline.render.gate.rules import RULES, judge
from pipeline.render.gate.waiving import waived

if TYPE_CHECKING:
    from pipeline.core.finding import Finding

MAILS = Path(__file__).parent / "corpus/mails"
BASE = "https://news.example.org"
HTML = (MAILS / "good.html").read_text("utf-8")
TEXT = (MAILS / "good.txt").read_text("utf-8")
SUBJECT = "Letter No. 5, June 2017"
ADDRESS = "12 chemin des Tilleuls, 1200 Genève"
SOURCE = "issues/letter/2017-05.md"
LINES = {"subject": 4, "preheader": 5, "lead": 6, "sections[1].items": 9, "sections[2].title": 10}
"""Where the plan's keys stand in its file; a waiver stands on line 12."""

STANDINGS = {
    "draft": Standing.DRAFT,
    "waiting": Standing.WAITING,
    "expired": Standing.EXPIRED,
}
TITLES = {"one": "A school for everyone", "two": "A grain store of our own"}
KEYS = frozenset({
    "about", "also", "answers", "clients", "config", "empty_html", "empty_text", "found", "html",
    "lang", "left_out", "once", "pictures", "plan", "postal_address", "raw", "released", "rule",
    "shortened", "subject", "text", "waive", "where",
})  # fmt: skip


def item(name: str) -> Item:
    """An item at `items/2017/<name>/`."""
    return Item(
        id=name,
        title=TITLES.get(name, name.capitalize()),
        date=datetime(2017, 6, 1, tzinfo=UTC),
        kind="news",
        path=f"items/2017/{name}/",
        source=f"items/2017/{name}.md",
        digest=name,
        lang="en",
    )


ITEMS = {name: item(name) for name in ("one", "two", "three", *STANDINGS)}
PLAN = Plan(
    id="letter/2017-05",
    newsletter="letter",
    number=5,
    date=date(2017, 6, 30),
    title=SUBJECT,
    lead="one",
    sections=(PlanSection(title="News from the field", items=("two",)),),
    message="Dear reader, see also [the report of the year](https://elsewhere.example.net/report).",
)
THERE = frozenset({"", "media/one.480w.jpg", "media/one.webp", "media/one.jpg"})


def standing(path: str) -> Standing:
    """Where a path of the small room leads."""
    name = path.removeprefix("items/2017/").rstrip("/")
    if name in ITEMS:
        return STANDINGS.get(name, Standing.THERE)
    return Standing.THERE if path in THERE else Standing.NOWHERE


def line_of(path: str, field: str, text: str) -> int:
    """The plan's lines, and 7 for what stands in a body."""
    if path == SOURCE and field:
        return 12 if field.startswith("waive.") else LINES.get(field, 0)
    return 7 if text else 0


def mail(html: str = HTML, text: str = TEXT, **values: Any) -> Mail:
    """The good mail, or one with other parts; `raw` is made of them unless it is given."""
    lang = values.get("lang", "en")
    message = Message(
        sender="Desk <desk@news.example.org>",
        subject=values.get("subject") or SUBJECT,
        date=datetime(2017, 6, 30, 9, tzinfo=UTC),
        list_id="letter.news.example.org",
        lang=lang,
        text=text or " \n",
        html=html or " \n",
    )
    plain = Mail(
        lang=lang,
        dir=direction(lang),
        subject=SUBJECT,
        text=text,
        html=html,
        raw=MimeComposer().compose(message),
        base_url=BASE,
        postal_address=ADDRESS,
        clients=clients_of(values.pop("clients", ())),
        document=parse(html),
        standing=standing,
        anchors=lambda path: frozenset({"later"}) if "two" in path else frozenset(),
        line_of=line_of,
        items={each.path: each for each in ITEMS.values()},
        by_id=ITEMS,
        pictures={f"{BASE}/media/one.480w.jpg": PictureFile(size=40_000, width=480, height=320)},
        plan=PLAN,
    )
    return replace(plain, **values)


class Case:
    """One bad mail; `data` is its file."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        assert self.data.keys() <= KEYS, self.data.keys() - KEYS

    def mail(self) -> Mail:
        """The good mail, spoiled as the file says."""
        data = self.data
        html = "" if data.get("empty_html") else _changed(HTML, data.get("html", []))
        text = "" if data.get("empty_text") else _changed(TEXT, data.get("text", []))
        same = {"subject", "lang", "postal_address", "clients", "config", "released"}
        same |= {"shortened", "left_out"}
        values = {key: value for key, value in data.items() if key in same}
        spoiled = mail(html, text, **values)
        raw = _changed(spoiled.raw.decode("ascii"), data.get("raw", [])).encode()
        pictures = {url: PictureFile(**told) for url, told in data.get("pictures", {}).items()}
        return replace(
            spoiled,
            raw=raw,
            pictures={**spoiled.pictures, **pictures},
            plan=_plan(data.get("plan", {})),
        )

    def findings(self) -> tuple[Finding, ...]:
        """What the gate says of it."""
        spoiled = self.mail()
        answers = {
            url: Answer(outcome=Outcome(outcome), said=said)
            for url, (outcome, said) in self.data.get("answers", {}).items()
        }
        found = (*judge(spoiled), *judge_answers(spoiled, answers))
        waivers = self.data.get("waive", {})
        return waived(found, waivers, RULES, lambda name: spoiled.in_plan(f"waive.{name}"))


def cases() -> list[Case]:
    """All of them, by name."""
    return [Case(path) for path in sorted((MAILS / "cases").glob("*.toml"))]


def _plan(data: dict[str, Any]) -> Plan:
    values = dict(data)
    if "sections" in values:
        values["sections"] = tuple(
            PlanSection(title=title, items=tuple(ids)) for title, ids in values["sections"]
        )
    return replace(PLAN, **values)


def _changed(whole: str, changes: list[dict[str, Any]]) -> str:
    for change in changes:
        find, put = change["find"], change["put"]
        fill = change.get("fill")
        if fill:
            put = put.replace("@A@", fill["text"] * fill["times"])
        assert whole.count(find) == 1 or change.get("all"), (find, whole.count(find))
        whole = whole.replace(find, put)
    return whole
