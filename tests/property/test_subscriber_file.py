"""Lists of subscribers: what a program wrote is read as it was, and no bytes break a reading."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.core.import_layout import recognise
from pipeline.core.import_row import RowReader, Vocabulary
from pipeline.errors import ConfigError
from tests.import_desk import opened

CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from('",;\n\r '),
    max_size=12,
)


@given(
    st.lists(st.tuples(CELLS.filter(str.strip), CELLS, CELLS), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read(rows: list[tuple[str, ...]], mark: str, encoding: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=mark, quoting=csv.QUOTE_ALL)
    writer.writerows([("email", "a", "b"), *rows])
    found = opened(file.getvalue().encode(encoding))
    assert found.header == ("email", "a", "b")
    assert [(tuple(row.cells), row.fault) for row in found.rows()] == [(row, "") for row in rows]


@given(st.binary(max_size=200) | st.text('ab@.,;"\n\r\t\0é', max_size=200).map(str.encode))
@example(b'email\n"\n"\n"')
@example(b"\xff\xfe\n")
@example(b"email\n\xff@a.org\n")
def test_any_bytes_are_a_list_or_an_error(raw: bytes) -> None:
    try:
        file = opened(b"email,name\n" + raw if len(raw) % 2 else raw)
        layout = recognise(file.header, {"address": file.header[0]})
        words = Vocabulary(newsletters={"a": "A"}, themes=(), languages=(), chosen=frozenset("a"))
        reader = RowReader(layout, words)
        lines = [row.line for row in file.rows() if reader.read(row) or True]
    except ConfigError:
        return
    assert lines == sorted(set(lines))
