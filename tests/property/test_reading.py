"""Whatever is in a file, reading it ends in a value or in problems that name it, not in a crash."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.content.frontmatter import HEAD_LINE, _Tree, parse_document
from pipeline.content.item import moment, read_item
from pipeline.content.newsroom import read_newsroom
from pipeline.content.plain_head import read_plain
from pipeline.content.schema import item_id, slug, web_address
from pipeline.content.theme import read_theme
from pipeline.content.toml_lines import key_lines
from pipeline.core.text import legal, one_line
from pipeline.errors import ConfigError, ContentError
from tests.content_examples import PATH, VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.errors import Problem

KEYS = [
    "title", "date", "kind", "themes", "series", "summary", "image", "src", "alt", "link",
    "authors", "updated", "lang", "translations", "id", "slug", "aliases", "draft", "expires",
]  # fmt: skip
YAML = [
    ": ", ":", "- ", "-", "? ", "[", "]", "{", "}", ", ", "#", " #x", "&a ", "*a", "!", "!!str ",
    "|", ">", "'", '"', "%", "@", "`", "\\", "\n", "\n  ", "\n- ", "\t", "---", "...", "<<: ", "~",
    "\r", "\u2028", "\x85", "\ufeff", "\x00", "\x1b", "010", "12:30", "No", "2017-02-30", "..",
    "/a/",
    "2017-07-10T09:30+02:00", "https://[::1", "media/x.png", "é", "e\u0301", "字",
]  # fmt: skip
HEADS = st.one_of(
    st.lists(st.sampled_from([*KEYS, *YAML]), max_size=30).map("".join),
    st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(YAML) | st.text(max_size=20))).map(
        lambda pairs: "\n".join(f"{key}: {value}" for key, value in pairs)
    ),
    st.dictionaries(
        st.sampled_from(KEYS) | st.text(max_size=8),
        st.recursive(
            st.text(max_size=20) | st.sampled_from(YAML),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
            ),
            max_leaves=8,
        ),
        max_size=8,
    ).map(json.dumps),
    st.text(max_size=200),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def _well_formed(problems: Sequence[Problem], path: str) -> None:
    assert problems
    for problem in problems:
        assert problem.path == path
        assert problem.line >= 0
        assert problem.expected
        assert len(str(problem)) < 1500
        assert legal(str(problem)) == str(problem)
        assert "\n" not in str(problem)


@settings(max_examples=400, deadline=None)
@given(HEADS, st.sampled_from([PATH, "items/a.md", "items/e\u0301.md", "items/ .md"]))
@example("[[" * 40, PATH)
@example("title: A\nkind: news\nlink: 'https://[::1'", PATH)
@example('"\\ud800": x', PATH)
def test_any_front_matter_gives_an_item_or_problems(head: str, path: str) -> None:
    raw = f"---\n{head}\n---\nText.\n".encode("utf-8", "replace")
    try:
        item = read_item(parse_document(path, raw), VOCABULARY)
    except ContentError as error:
        _well_formed(error.problems, path)
        return
    assert item.title.strip()
    assert slug(item.path.split("/")[-2])
    assert item_id(item.id)
    for text in (item.title, item.summary, *item.authors):
        assert one_line(legal(text)) == text
    assert item.date.tzinfo is not None


VALUES = st.one_of(
    st.lists(
        st.sampled_from([
            '"', "a", "b c", "1", " ", "  ", "-", ".", ",", ", ", "[", "]", ":", ": ", "#", " #",
            "'", "é", "字", "(", "&", "*", "!", "|", ">", "{", "}", "?", "%", "@", "`", "~", "=",
            "_", "12:30", "2017-07-10", "https://x.example/a?b#c", "\u00a0", "\t", "\\",
        ]),
        max_size=8,
    ).map("".join),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)  # fmt: skip
LINES = st.tuples(st.sampled_from(["title", "a", "a_b", "A", "a-b"]), VALUES)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        LINES.map(lambda line: f"{line[0]}: {line[1]}")
        | LINES.map(lambda line: f'{line[0]}: "{line[1]}"')
        | LINES.map(lambda line: f"{line[0]}: [{line[1]}]")
        | st.sampled_from(["", "  a", "- a", "# a", "a:", "...", "---"]),
        max_size=4,
    ).map("\n".join)
)
@example('title: "A"\nkind: news\nthemes: [care, a-b , c d]\ndate: 2017-07-10\nlink: https://x.y/')
def test_front_matter_of_plain_lines_is_read_as_yaml_would(head: str) -> None:
    plain = read_plain(legal(head), HEAD_LINE)
    if plain is not None:
        tree = _Tree("x.md", legal(head))
        assert plain == (tree.read(), tree.lines)


@settings(max_examples=200, deadline=None)
@given(HEADS)
def test_any_front_matter_gives_a_theme_or_problems(head: str) -> None:
    try:
        theme = read_theme(parse_document("themes/care.md", f"---\n{head}\n---\n".encode()))
    except ContentError as error:
        _well_formed(error.problems, "themes/care.md")
    except UnicodeEncodeError:
        pass
    else:
        assert theme.key == "care"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda raw: b"---\n" + raw))
@example(b"---\nt\x00: x\n---\n")
@example("---\ntitle: x\n---\n".encode("utf-16-le"))
def test_any_bytes_give_a_document_or_problems(raw: bytes) -> None:
    try:
        document = parse_document("x.md", raw)
    except ContentError as error:
        _well_formed(error.problems, "x.md")
    else:
        assert document.path == "x.md"


@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT)
def test_a_quoted_text_is_read_as_it_was_typed(title: str, summary: str) -> None:
    head = f"title: {json.dumps(title)}\nkind: news\nsummary: {json.dumps(summary)}"
    with contextlib.suppress(ContentError):
        item = read_item(parse_document(PATH, f"---\n{head}\n---\n".encode()), VOCABULARY)
        assert item.title == one_line(legal(title))
        assert item.summary in (one_line(legal(summary)), "")


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029")))
def test_a_text_typed_without_quotes_is_kept_whole_or_refused(title: str) -> None:
    """Nothing that an editor types vanishes without a word, but for comments after `# `."""
    try:
        data = parse_document("x.md", f"---\ntitle: {title}\n---\n".encode()).data
    except ContentError:
        return
    shown = data["title"]
    if not isinstance(shown, str) or title.strip()[:1] in tuple("|>'\""):
        return  # a list, a block, or a text in quotes
    typed = re.sub(r"(?:^|[ \t])#(?:[ \t].*)?$", "", title)
    assert " ".join(legal(shown).split()) == " ".join(legal(typed).split())


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([
            "[newsroom]", "[kinds]", "[[listings]]", "[series]", "[[newsletters]]", "\n", "=", '"',
            "'", '"""', "title", "path", "kinds", "news", "base_url", '"https://x.example"', "1",
            "true", "2017-07-10", "[", "]", "{", "}", ".", ",", " ", "#", "\\u0000", "\x00", "é",
            "[[newsletters.sections]]", "cadence", '"daily 07:30"', "nan", "timezone", '"Europe"',
        ]),
        max_size=30,
    ).map("".join)
    | st.text(max_size=100)
)  # fmt: skip
@example('[newsroom]\ntitle="\\u0001"\nbase_url="https://x.example"\nauthority="x.example,2016"\n')
def test_any_newsroom_file_gives_a_newsroom_or_problems(text: str) -> None:
    assert all(line > 0 for line in key_lines(text).values())
    try:
        read_newsroom(text.encode("utf-8", "replace"))
    except ConfigError as error:
        _well_formed(error.problems, "newsroom.toml")


@given(st.text(max_size=40) | st.from_regex(r"https?://[\w.\[\]:%@-]{1,20}[/?#]?\S{0,10}"))
def test_an_address_that_passes_can_be_taken_apart(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert urlsplit(web_address(text)).hostname


@given(
    st.datetimes(timezones=st.timezones() | st.none()),
    st.sampled_from(["Europe/Zurich", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "UTC"]),
)
def test_a_moment_is_the_moment_that_was_typed(when: datetime, zone: str) -> None:
    typed = when.replace(second=0, microsecond=0)
    text = typed.isoformat(timespec="minutes")
    if typed.tzinfo is None or typed.year < 1901 or typed.year > 2998 or len(text) != 22:
        return
    read = moment(text, ZoneInfo(zone))
    assert read.timestamp() == datetime.fromisoformat(text).timestamp()
    assert read.utcoffset() == read.astimezone(ZoneInfo(zone)).utcoffset()


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        moment("2017-07-10 09:30", ZoneInfo("Europe/Zurich"))
