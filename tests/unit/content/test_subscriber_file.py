"""Lists of subscribers as spreadsheets and other systems write them."""

from __future__ import annotations

import pytest

from pipeline.content.subscriber_file import RECORD_LINES, RECORD_MOST, unformula
from pipeline.errors import ConfigError
from tests.import_desk import opened

NEVER = "a quotation mark that is never closed"


def rows(text: str | bytes) -> list[tuple[int, list[str], str]]:
    return [(row.line, list(row.cells), row.fault) for row in opened(text).rows()]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_dialects(mark: str, end: str) -> None:
    text = f"email{mark}name{end}a@example.org{mark}Doe, Jane; etc{end}"
    if mark in ",;":
        text = text.replace("Doe, Jane; etc", '"Doe, Jane; etc"')
    assert opened(text).header == ("email", "name")
    assert rows(text) == [(2, ["a@example.org", "Doe, Jane; etc"], "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    bom = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    raw = (bom + "email;nom\r\na@example.org;Zoë\r\n").encode(encoding)
    assert opened(raw).header == ("email", "nom")
    assert rows(raw) == [(2, ["a@example.org", "Zoë"], "")]


def test_what_is_not_utf_8_costs_its_own_cell() -> None:
    assert rows(b"email,name\na@example.org,Jos\xe9\n") == [(2, ["a@example.org", "Jos\udce9"], "")]


def test_excels_own_way_to_name_the_separator() -> None:
    text = "sep=;\nemail;a,b,c\na@example.org;x\n"
    assert opened(text).header == ("email", "a,b,c")
    assert rows(text) == [(3, ["a@example.org", "x"], "")]


def test_lines_are_counted_as_an_editor_does() -> None:
    text = '\n\nemail,name\n"a@example.org","Jane\nDoe"\n\nb@example.org,"J ""D"" E"\n'
    assert rows(text) == [
        (4, ["a@example.org", "Jane\nDoe"], ""),
        (6, [], ""),
        (7, ["b@example.org", 'J "D" E'], ""),
    ]


def test_marks_within_a_cell_are_letters() -> None:
    text = 'email,name\na@example.org,5" pipe\nb@example.org,"J" D\n'
    assert [cells for _, cells, _ in rows(text)] == [
        ["a@example.org", '5" pipe'], ["b@example.org", "J D"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "following",
    [
        "b@example.org,x\nc@example.org,y\n",
        'b@example.org,x\nc@example.org,"y"\n',
        'b@example.org,x\nc@example.org,"y ""z"" "\n',
        "b@example.org,x\nc@example.org,y",
    ],
)
def test_a_mark_that_is_never_closed_costs_its_own_line(following: str) -> None:
    found = rows(f'email,name\n"a@example.org,Jane\n{following}')
    assert found[0] == (2, [], NEVER)
    assert [(line, cells[0]) for line, cells, _ in found[1:]] == [
        (3, "b@example.org"), (4, "c@example.org"),
    ]  # fmt: skip


def test_so_it_does_far_from_the_end() -> None:
    many = "".join(f"{n}@example.org,x\n" for n in range(2 * RECORD_LINES))
    found = rows(f'email,name\n"a@example.org,Jane\n{many}')
    assert len(found) == 1 + 2 * RECORD_LINES
    assert [fault for _, _, fault in found if fault] == [NEVER]


def test_what_is_too_long_costs_its_own_line() -> None:
    text = f"email\n{'x' * (3 * RECORD_MOST)}\nb@example.org\n"
    long, after = rows(text)
    assert long == (2, [], "longer than 100000 characters")
    assert after == (3, ["b@example.org"], "")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (b"PK\x03\x04\0\0\n", "no text"),
        ("email\n".encode("utf-16-le"), "no text"),
    ],
)
def test_what_is_no_list(raw: bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        opened(raw)


def test_a_header_may_have_a_line_break() -> None:
    assert opened('"E-Mail\nAddress",name\n').header == ("E-Mail\nAddress", "name")


def test_utf_16_that_ends_in_the_midst_of_a_letter() -> None:
    raw = "email\na@example.org\n".encode("utf-16") + b"x"
    with pytest.raises(ConfigError, match="UTF-16"):
        rows(raw)


@pytest.mark.parametrize("text", ["=1+1", "+41", "-1", "@x", "\tx", "\rx"])
def test_a_spreadsheet_computes_nothing(text: str) -> None:
    assert unformula(text) == f"'{text}"
    assert unformula(f"'{text}") == f"''{text}"  # or nobody could tell it from the one above
    assert unformula("'Jane'") == "'Jane'"
    assert unformula("Jane =") == "Jane ="


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_that_ends_in_the_midst_of_a_line(end: str) -> None:
    found = rows(f"email,name,note\na@example.org,A,\nb@example.o{end}")
    cut: tuple[int, list[str], str] = (3, [], "the file ends in the midst of this line")
    assert found[1] == ((3, ["b@example.o"], "") if end else cut)
    assert rows("email,name\na@example.org,A")[0] == (2, ["a@example.org", "A"], "")
