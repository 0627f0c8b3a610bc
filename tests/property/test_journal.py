"""Whatever is said around an address, the journal does not show it."""

from __future__ import annotations

import logging

from hypothesis import given
from hypothesis import strategies as st

from pipeline.journal import JsonLines, TextLines, masked

LOCAL = st.text("abcXYZ019.!#$%&'*+-/=?^_`{|}~é", min_size=1, max_size=20).map("q7{}7q".format)
ADDRESSES = st.builds("{}@{}".format, LOCAL, st.sampled_from(["example.org", "exämple.org", "x"]))
AROUND = st.text(max_size=20)


@given(AROUND, ADDRESSES, AROUND)
def test_no_address_is_shown(before: str, address: str, after: str) -> None:
    local = address.partition("@")[0]
    for text in (f"{before} {address} {after}", f"{before}<{address}>{after}"):
        assert local not in masked(text)


@given(AROUND, ADDRESSES, AROUND)
def test_a_line_is_one_line_without_an_address(before: str, address: str, after: str) -> None:
    record = logging.LogRecord("enews", logging.INFO, "", 0, "%s", (f"{before} {address}",), None)
    record.fields = {"run": 1, "mailing": f"{address} {after}"}
    for lines in (TextLines(), JsonLines()):
        line = lines.format(record)
        assert len(line.splitlines()) == 1
        assert address.partition("@")[0] not in line


@given(st.text(max_size=60))
def test_what_is_masked_stays_so(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
