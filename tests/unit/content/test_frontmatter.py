"""Front matter: what is typed is what is read, and what cannot be read is named."""

from __future__ import annotations

import hashlib

import pytest

from pipeline.content.frontmatter import BODY_MOST, FILE_MOST, HEAD_MOST, decode, parse_document
from pipeline.errors import ContentError, Problem
from tests.content_examples import document


def _problems(head: str) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        document(head)
    return caught.value.problems


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("No", "No"),
        ("010", "010"),
        ("12:30", "12:30"),
        ("1.10", "1.10"),
        ("2017-07-10", "2017-07-10"),
        ("~", "~"),
        ("null", "null"),
        ("", ""),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("C#4", "C#4"),
        ("a # a comment", "a"),
        ("'it''s'", "it's"),
        ('"a: b"', "a: b"),
        ("a\n  b", "a b"),
        ("|\n  a\n  b", "a\nb\n"),
        (">\n  a\n  b", "a b\n"),
        ("été 😀 字", "été 😀 字"),
    ],
)
def test_a_value_is_the_text_that_was_typed(value: str, text: str) -> None:
    assert document(f"title: {value}").data == {"title": text}


def test_lists_and_blocks_keep_their_order_and_lines() -> None:
    read = document("themes: [b, a]\nimage:\n  src: x\n  alt: y\nauthors:\n- {name: z}")
    assert read.data == {
        "themes": ["b", "a"],
        "image": {"src": "x", "alt": "y"},
        "authors": [{"name": "z"}],
    }
    assert read.lines == {
        "themes": 2,
        "image": 3,
        "image.src": 4,
        "image.alt": 5,
        "authors": 6,
        "authors[1].name": 7,
    }


@pytest.mark.parametrize(
    ("head", "line", "field", "expected"),
    [
        ("title: a: b", 2, "title", "it holds a colon"),
        ("kind: x\ntitle: @x", 3, "title", "begins with @"),
        ("title: `x`", 2, "title", "begins with `"),
        ("title: %x", 2, "title", "begins with %"),
        ("title: & x", 2, "title", "begins with &"),
        ("title: *x", 2, "title", "begins with *"),
        ("title: &x y", 2, "title", "begins with &"),
        ("title: !x y", 2, "title", "begins with !"),
        ("title: ! y", 2, "title", "begins with !"),
        ("title: !!str y", 2, "title", "begins with !"),
        ("image: {src: x, alt: *y}", 2, "image.alt", "begins with *"),
        ("themes: [a, *y]", 2, "themes[2]", "begins with *"),
        ("title: [a] b", 2, "title", "begins with [ and goes on"),
        ("title: {a} b", 2, "title", "begins with { and goes on"),
        ('title: "a" b', 2, "title", 'after the second "'),
        ("title: 'it's'", 2, "title", "after the second '"),
        ('title: "a\nkind: b', 2, "title", 'close the quotation mark "'),
        ("themes: [a\nkind: b", 2, "themes", "close the [ with ]"),
        ("themes: [a,,b]", 2, "themes", "one comma between"),
        ("title: - a", 2, "title", "begins with -"),
        ("title: >x", 2, "title", "begins with >"),
        ('title: "\\q"', 2, "title", "backslash"),
        ('title: "\\ud800"', 2, "title", "backslash"),
        ("title: a #1 b", 2, "title", "a comment begins here"),
        ("title: #b", 2, "title", "a comment begins here"),
        ("\ttitle: a", 2, "title", "not with a tab"),
        ("title: a\n\tkind: b", 3, "title.kind", "not with a tab"),
        ("title: a\n  kind: b", 3, "title.kind", "same column"),
        ("  title: a\nkind: b", 3, "kind", "first column"),
        ("title:a\nkind: b", 2, "", "a space after the colon"),
        ("title: a\n\nkind", 4, "", "a space after the colon"),
        ("title", 2, "", "lines of 'key: value'"),
        ("- a", 2, "", "lines of 'key: value'"),
        ("title: a\n--- b\n", 3, "", "begins with ---"),
        ("title: a\nkind: b\ntitle: c", 4, "title", "first in line 2"),
        ("image:\n  src: a\n  src: b", 4, "image.src", "first in line 3"),
        ("title: {{ x }}", 2, "title", "put the value in quotes"),
        ("? [a]\n: b", 2, "", "a key is a word"),
        ("? \n: b", 2, "", "a key is missing"),
        ('"a\\eb": c', 2, "ab", "type this key anew"),
        ("title\u00a0: c", 2, "title", "type this key anew"),
        ("title: " + "[" * 30_000, 2, "title", "too many brackets"),
        ("- " * 30_000, 2, "", "too many brackets"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_key(
    head: str, line: int, field: str, expected: str
) -> None:
    problem = _problems(head)[0]
    assert (problem.line, problem.field) == (line, field)
    assert expected in problem.expected


def test_a_mistake_that_is_not_yaml_does_not_hide_those_before_it() -> None:
    assert [problem.line for problem in _problems("a: *b\nc: &d e\nf: [")] == [2, 3, 4]


def test_problems_without_end_are_cut_off() -> None:
    assert len(_problems("a: [" + "*b, " * 5000 + "]")) == 20


@pytest.mark.parametrize(
    ("raw", "body", "line"),
    [
        (b"---\ntitle: a\n---\nText", "Text", 4),
        (b"---\ntitle: a\n---\n\n\n Text\n", " Text\n", 6),
        (b"---  \ntitle: a\n...\nText", "Text", 4),
        (b"---\n---\nText\n---\n", "Text\n---\n", 3),
        (b"---\ntitle: a\n---", "", 3),
        (b"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\nText\r\n", "Text\n", 4),
        (b"---\rtitle: a\r---\rText\r", "Text\n", 4),
    ],
)
def test_the_body_begins_after_the_front_matter(raw: bytes, body: str, line: int) -> None:
    read = parse_document("x.md", raw)
    assert (read.body, read.body_line) == (body, line)
    assert read.digest == hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("raw", [b"", b"Text\n", b"\n---\na: b\n---\n", b"----\na: b\n----\n"])
def test_a_file_without_front_matter_is_refused(raw: bytes) -> None:
    with pytest.raises(ContentError, match=r"x\.md:1: the file must begin with a line '---'"):
        parse_document("x.md", raw)


def test_front_matter_without_an_end_is_refused() -> None:
    with pytest.raises(ContentError, match="close it with a line '---'"):
        parse_document("x.md", b"---\na: b\n--- c\n")


def test_sizes_are_bounded_to_the_byte() -> None:
    head = b"---\n#" + b"x" * (HEAD_MOST - 2) + b"\n---\n"
    body = b"e" * BODY_MOST
    assert len(parse_document("x.md", head + body).body) == BODY_MOST
    with pytest.raises(ContentError, match="longer than 1 MiB"):
        parse_document("x.md", head + body + b"e")
    with pytest.raises(ContentError, match="longer than 64 KiB"):
        parse_document("x.md", head.replace(b"#", b"##") + b"Text")
    with pytest.raises(ContentError, match="longer than 1 MiB"):
        parse_document("x.md", b"---\n---\n" + b"a\r\n" * (FILE_MOST // 3))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xef\xbb\xbfa", "a"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "a"),
        (b"a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x85b\u2028c\u2029d\x0ce".encode(), "a\nb\nc\nd\ne"),
        ("a\x01\x1f\x7f\ufffe\U0001fffeb".encode(), "ab"),
        ("a\ufeff\u200f\u202eb".encode(), "a\ufeff\u200f\u202eb"),
    ],
)
def test_what_is_harmless_is_cleaned(raw: bytes, text: str) -> None:
    assert decode("x.md", raw) == text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"a\nb\xe8", "x.md:2: found the byte 0xe8: this file is not UTF-8"),
        (b"a\r\rb\xe8", "x.md:3: found the byte 0xe8: this file is not UTF-8"),
        (b"\xc0\xbc", "found the byte 0xc0"),
        (b"\xed\xa0\x80", "found the byte 0xed"),
        (b"a\r\nb\0", "x.md:2: found a NUL character"),
        ("---\na".encode("utf-16"), "this file is UTF-16"),
        ("---\na".encode("utf-16-le"), "this file is UTF-16"),
        ("---\na".encode("utf-16-be"), "this file is UTF-16"),
    ],
)
def test_what_is_not_utf_8_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(ContentError) as caught:
        decode("x.md", raw)
    assert message in str(caught.value)
