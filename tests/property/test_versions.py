"""Whatever is translated into whatever: each piece stands once in each version of an issue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.assembly import assemble
from pipeline.core.item import newest_first
from pipeline.core.newsroom import NewsletterVersion
from pipeline.core.plan import Plan, PlanVersion
from pipeline.core.refresh import refresh
from pipeline.core.versions import item_in, languages, plan_in
from tests.feed_site import make
from tests.issue_desk import LETTER, ON, ROOM, choice, plan

if TYPE_CHECKING:
    from pipeline.core.assembly import Choice
    from pipeline.core.item import Item

LANGS = ("en", "fr", "ar")
SEVERAL = replace(
    LETTER,
    languages=LANGS,
    versions=(
        NewsletterVersion(lang="fr", sections=("Une", "Actualités de {month}", "Portrait")),
        NewsletterVersion(lang="ar"),
    ),
    sections=tuple(replace(rule, limit=9) for rule in LETTER.sections),
)


@dataclass(frozen=True)
class Text:
    """A piece in some languages; `chained`: each version names the one before, else the first."""

    langs: tuple[str, ...]
    hidden: frozenset[str]
    chained: bool
    day: int


texts = st.lists(
    st.builds(
        Text,
        langs=st.permutations((*LANGS, "es")).flatmap(
            lambda order: st.integers(1, 4).map(lambda count: tuple(order[:count]))
        ),
        hidden=st.frozensets(st.sampled_from(LANGS), max_size=2),
        chained=st.booleans(),
        day=st.integers(1, 29),
    ),
    max_size=6,
)


def items_of(number: int, text: Text) -> list[Item]:
    """A piece's items, `3-fr` for the French one of the third."""
    items = []
    for place, lang in enumerate(text.langs):
        before = text.langs[place - 1 if text.chained else 0] if place else ""
        items.append(
            make(
                f"{number}-{lang}",
                f"2017-06-{text.day:02d}",
                lang=lang,
                draft=lang in text.hidden,
                translations=(f"{number}-{before}",) if before else (),
            )
        )
    return items


def chosen(pieces: list[Text], taken: dict[str, str] | None = None) -> Choice:
    items = [item for number, text in enumerate(pieces) for item in items_of(number, text)]
    return choice(items, letter=SEVERAL, taken=taken)


def planned(found: Choice) -> Plan:
    proposal = assemble(found)
    return replace(
        plan(lead=proposal.lead, offered=proposal.offered),
        sections=proposal.sections,
        versions=tuple(PlanVersion(lang=lang) for lang in LANGS[1:]),
    )


@given(pieces=texts)
def test_each_version_shows_each_piece_once_and_the_original_only_without_a_translation(
    pieces: list[Text],
) -> None:
    found = chosen(pieces)
    catalogue = found.catalogue
    whole = planned(found)
    told = [name.partition("-")[0] for name in whole.carried]
    assert len(told) == len(set(told))
    public = {n for n, text in enumerate(pieces) if set(text.langs) - text.hidden}
    assert {int(number) for number in told} == public
    for lang in languages(SEVERAL, ROOM):
        version = plan_in(whole, lang)
        assert version.carried == whole.carried
        shown = [item_in(catalogue.by_id[name], lang, catalogue) for name in version.carried]
        assert [item.id.partition("-")[0] for item in shown] == told
        for name, item in zip(version.carried, shown, strict=True):
            text = pieces[int(item.id.partition("-")[0])]
            assert catalogue.is_public(item)
            there = lang in text.langs and lang not in text.hidden
            assert (item.lang == lang) == there
            assert there or item.id == name


@given(pieces=texts, later=texts)
def test_what_was_proposed_in_one_language_never_comes_back_in_another(
    pieces: list[Text], later: list[Text]
) -> None:
    first = chosen(pieces)
    whole = planned(first)
    # Since then every piece has been translated, and there are new ones.
    grown = [
        replace(text, langs=(*text.langs, *missing(text)), hidden=frozenset()) for text in pieces
    ]
    again = chosen([*grown, *later])
    renewed, left_out = refresh(whole, again)
    told = [name.partition("-")[0] for name in renewed.carried]
    assert len(told) == len(set(told))
    old = [name for name in renewed.carried if name in whole.carried]
    assert old == list(whole.carried)
    outside = {out.item.id for out in left_out}
    assert outside.isdisjoint(renewed.carried)
    taken = dict.fromkeys(renewed.carried, "enewsupdate/2017-05")
    assert assemble(chosen([*grown, *later], taken)).offered == ()


@given(pieces=texts)
def test_the_main_language_comes_first_whatever_the_order_of_files(pieces: list[Text]) -> None:
    found = chosen(pieces)
    for name in planned(found).carried:
        text = pieces[int(name.partition("-")[0])]
        mine = found.catalogue.by_id[name].lang
        public = [lang for lang in LANGS if lang in text.langs and lang not in text.hidden]
        assert mine == (public[0] if public else "es")
    order = sorted(found.catalogue.by_id.values(), key=newest_first)
    assert assemble(choice(order[::-1], letter=SEVERAL, on=ON)).offered == planned(found).offered


def missing(text: Text) -> tuple[str, ...]:
    return tuple(lang for lang in LANGS if lang not in text.langs)
