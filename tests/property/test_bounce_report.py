"""Whatever arrives in the mailbox of bounces: it is read, or it is not; nothing is raised."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.bounce import BounceKind, kind_of
from pipeline.core.report import signed_link
from pipeline.mail.report import read_report

CORPUS = [
    path.read_bytes()
    for path in sorted((Path(__file__).parents[1] / "corpus/bounces").glob("*.eml"))
]
KEY = b"the key that the corpus is signed with"
CUTS = st.tuples(st.integers(0, 6000), st.integers(0, 400), st.binary(max_size=60))


@given(st.binary(max_size=2000))
def test_any_bytes(raw: bytes) -> None:
    report = read_report(raw)
    assert report == read_report(raw)
    assert signed_link(report.marks, [KEY]) is None


@given(st.sampled_from(CORPUS), st.lists(CUTS, max_size=4))
def test_reports_with_holes(raw: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    for start, length, instead in cuts:
        raw = raw[:start] + instead + raw[start + length :]
    report = read_report(raw)
    for one in report.refused:
        assert one.said.isprintable()
        assert one.code == 0 or 200 <= one.code < 600
        assert all("\n" not in name for name in one.addresses)
        kind_of(one.code, one.status, one.said)


@given(st.integers(-1, 1000), st.text(max_size=12), st.text(max_size=200))
def test_any_reply(code: int, status: str, said: str) -> None:
    kind = kind_of(code, status, said)
    if kind is BounceKind.HARD:
        assert not 400 <= code < 500
        assert not status.startswith("4.")


@given(st.sampled_from(["5.1.1", "5.1.10", "5.2.1", ""]), st.text(max_size=80))
def test_a_temporary_reply_is_never_hard(status: str, said: str) -> None:
    assert kind_of(450, status, f"user unknown {said}") is not BounceKind.HARD
