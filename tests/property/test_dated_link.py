from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.dated_link import TOKEN_MOST, DatedLink, Purpose, read, sign

KEY = b"a key of this test, long enough for it"
links = st.builds(
    DatedLink,
    purpose=st.sampled_from(list(Purpose)),
    subscriber=st.integers(0, 2**63 - 1),
    at=st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    mark=st.integers(0, 2**48 - 1),
)


@given(links)
def test_what_is_signed_is_read(link: DatedLink) -> None:
    token = sign(KEY, link)
    assert len(token) <= TOKEN_MOST
    assert read([KEY], link.purpose, token) == link


@given(st.text(max_size=70), st.sampled_from(list(Purpose)))
def test_what_is_not_signed_is_nothing(text: str, purpose: Purpose) -> None:
    assert read([KEY], purpose, text) is None


@given(links, st.integers(0, 60), st.characters(codec="ascii"))
def test_a_changed_token_is_nothing(link: DatedLink, place: int, letter: str) -> None:
    token = sign(KEY, link)
    changed = token[: place % len(token)] + letter + token[place % len(token) + 1 :]
    assert (read([KEY], link.purpose, changed) is not None) == (changed == token)
