"""PO files: what is read from them, and how each mistake is named."""

from __future__ import annotations

import pytest

from pipeline.errors import RenderError
from pipeline.render.po import Entry, check_entries, parse_po

NAME = "site/words/fr.po"
HEAD = 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n'
PLURAL = HEAD + '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'
CHARSET = '"Content-Type: text/plain; charset=none\\n"'
ENGLISH = {
    "newest": Entry(line=1, forms=("Newest",)),
    "by": Entry(line=4, forms=("By {authors}",)),
    "items": Entry(line=7, forms=("{count} of {all}", "{count} of {all}"), plural="(n != 1)"),
}


def word(key: str, text: str, before: str = "") -> str:
    return f'\n{before}msgid "{key}"\nmsgstr "{text}"\n'


def counted(key: str, *forms: str) -> str:
    lines = "".join(f'msgstr[{place}] "{form}"\n' for place, form in enumerate(forms))
    return f'\nmsgid "{key}"\nmsgid_plural "{key}"\n{lines}'


def test_texts_by_their_keys_with_their_lines() -> None:
    text = HEAD + word("newest", 'Le plus \\"neuf\\"') + word("by", "Par {authors}")
    found = parse_po(text.encode(), NAME)
    assert found == {
        "newest": Entry(line=5, forms=('Le plus "neuf"',)),
        "by": Entry(line=8, forms=("Par {authors}",)),
    }
    assert found["by"].places == {"authors"}


def test_the_forms_of_a_text_that_counts() -> None:
    found = parse_po((PLURAL + counted("items", "{count} titre", "{count} titres")).encode(), NAME)
    assert found["items"].forms == ("{count} titre", "{count} titres")
    assert found["items"].plural == "(n > 1)"


def test_what_is_not_translated_is_not_there() -> None:
    text = PLURAL + word("newest", "") + counted("items", "", "") + '\n#~ msgid "old"\n'
    assert parse_po((text + '#~ msgstr "vieux"\n').encode(), NAME) == {}


def test_files_as_editors_save_them() -> None:
    text = (HEAD + word("newest", "été")).replace("\n", "\r\n")
    assert parse_po(b"\xef\xbb\xbf" + text.encode(), NAME)["newest"].forms == ("été",)
    split = (
        HEAD + '"Plural-Forms: nplurals=2; "\n"plural=(n > 1);\\n"\n' + counted("items", "a", "b")
    )
    assert parse_po(split.encode(), NAME)["items"].plural == "(n > 1)"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"newest": "Neu"}', 1, "expected msgid"),
        (HEAD + "\nmsgid newest\nmsgstr Neu\n", 5, "found msgid newest; expected"),
        (HEAD + '\nmsgid "newest"\nmsgstr "Neu\n', 6, "expected msgid"),
        (HEAD + word("newest", "\\q"), 6, "expected msgid"),
        (HEAD + '\nmsgid "a"\n\nmsgid "b"\nmsgstr "c"\n', 5, "missing msgstr"),
        ('"Neu"\n', 1, "not PO"),
        (HEAD + word("newest", "Neu", "#, fuzzy\n"), 6, "newest: marked as fuzzy"),
        (HEAD + word("newest", "Neu", 'msgctxt "home"\n'), 6, "newest: msgctxt means nothing"),
        (HEAD + word("Read more", "Lire"), 5, "found the msgid 'Read more'"),
        (HEAD + word("newest", "1") + word("newest", "2"), 8, "newest: stands here a second time"),
        (HEAD + counted("items", "a", "b"), 5, "items: a text that counts needs the header"),
        (PLURAL + counted("items", "a"), 6, "items: a plural form is missing"),
        (PLURAL + counted("items", "a", "b", "c"), 6, "more translations than num_plurals"),
        (PLURAL.replace("n > 1", "n >> 1") + counted("items", "a", "b"), 4, "Plural-Forms"),
        (PLURAL.replace("(n > 1)", "n%5") + counted("items", "a", "b"), 4, "number 2 has no form"),
        (PLURAL.replace("(n > 1)", "1/n") + counted("items", "a", "b"), 4, "Plural-Forms"),
        (PLURAL.replace("s=2", "s=two"), 0, "not PO"),
        (HEAD + f"{CHARSET}\n" + word("newest", "Neu"), 0, "unknown encoding"),
    ],
)
def test_each_mistake_is_named_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(RenderError, match=message) as caught:
        parse_po(text.encode(), NAME)
    assert (caught.value.template, caught.value.line) == (NAME, line)


def test_another_encoding_is_named_with_its_line() -> None:
    with pytest.raises(RenderError, match="not UTF-8") as caught:
        parse_po((HEAD + word("newest", "été")).encode("latin-1"), NAME)
    assert caught.value.line == 6


def test_texts_that_say_what_the_english_ones_say() -> None:
    check_entries(
        {
            "newest": Entry(line=1, forms=("Neu",)),
            "by": Entry(line=2, forms=("Von {authors}",)),
            "items": Entry(line=3, forms=("eins von {all}", "{count} von {all}"), plural="n>1"),
            "own_imprint": Entry(line=4, forms=("Impressum {year}",)),
        },
        ENGLISH,
        NAME,
    )


@pytest.mark.parametrize(
    ("key", "entry", "message"),
    [
        ("newst", Entry(line=9, forms=("Neu",)), r"'newst' \(did you mean 'newest'\?\)"),
        ("zzz", Entry(line=9, forms=("Neu",)), "no template says the word 'zzz'; words for"),
        ("by", Entry(line=9, forms=("Von",)), r"by: \{authors\} is missing"),
        ("by", Entry(line=9, forms=("Von {autoren}",)), r"found \{autoren\}; .* has \{authors\}"),
        ("newest", Entry(line=9, forms=("{x}",)), r"found \{x\}; the English text has no places"),
        ("by", Entry(line=9, forms=("{authors}",) * 2, plural="n>1"), "by: .* does not count"),
        ("items", Entry(line=9, forms=("{count} {all}",)), "items: .* needs msgid_plural"),
        ("items", Entry(line=9, forms=("1", "{count} {all}"), plural="n>1"), r"\{all\} is missing"),
    ],
)
def test_texts_that_say_something_else(key: str, entry: Entry, message: str) -> None:
    with pytest.raises(RenderError, match=message) as caught:
        check_entries({key: entry}, ENGLISH, NAME)
    assert caught.value.line == 9
