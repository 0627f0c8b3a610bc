"""A number is given once, whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.issue import issue_id, next_number, number_in, special_slug
from pipeline.core.newsroom import Numbering
from tests.issue_desk import LETTER

years = st.integers(2016, 2018)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("build"), years, st.booleans()),
        st.tuples(st.just("special"), years, st.text(max_size=12)),
        st.tuples(st.just("delete"), st.integers(0, 99), st.none()),
    ),
    max_size=40,
)


@given(numbering=st.sampled_from(Numbering), steps=steps)
def test_a_number_is_given_once(numbering: Numbering, steps: list[tuple[str, int, object]]) -> None:
    letter = replace(LETTER, numbering=numbering)
    drafts: list[str] = []
    released: list[str] = []
    for verb, value, extra in steps:
        there = {*drafts, *released}
        if verb == "build":
            number = next_number(letter, value, there)
            name = issue_id(letter.key, value, number)
            taken = {number_in(other) for other in there} - {None}
            if numbering is Numbering.CONTINUOUS:
                assert number not in {pair[1] for pair in taken if pair}
            assert (value, number) not in taken
            assert name not in there
            # Only a draft's file may be deleted; a released issue keeps its number for good.
            (released if extra else drafts).append(name)
        elif verb == "special":
            name = issue_id(letter.key, value, None, special_slug(str(extra)))
            assert number_in(name) is None
            if name not in there:
                drafts.append(name)
        elif drafts:
            drafts.pop(value % len(drafts))
    assert len(set(released)) == len(released)
