"""Words in a language, and the four catalogues that ship."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from pipeline.errors import RenderError
from pipeline.render.po import Entry, parse_po
from pipeline.render.word_files import WordFiles
from pipeline.render.words import PLACE, Words

TEMPLATES = Path(__file__).parents[3] / "templates"
LANGUAGES = ("en", "fr", "es", "ar")
PARTS = ("site", "email", "newsroom")
ARABIC = "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5"
SOME = Words(
    {
        "newest": ("", ["Newest & best"]),
        "by": ("", ["By {authors} <b>"]),
        "items": ("(n != 1)", ["{count} item in {place}", "{count} items in {place}"]),
    },
    "templates/site/words",
    "en",
)


def catalogue(part: str, lang: str) -> dict[str, Entry]:
    path = TEMPLATES / part / "words" / f"{lang}.po"
    return parse_po(path.read_bytes(), path.name)


def test_a_word_and_a_word_with_places() -> None:
    assert SOME.newest == "Newest & best"
    assert SOME.by(authors="A & B") == "By A & B <b>"
    assert type(SOME.by(authors="A")) is str


def test_markup_in_a_place_makes_markup_and_escapes_the_rest() -> None:
    found = SOME.by(authors=Markup("<bdi>A</bdi>"))
    assert found == Markup("By <bdi>A</bdi> &lt;b&gt;")
    assert SOME.items(2, place=Markup("<i>")) == Markup("2 items in <i>")


def test_a_number_chooses_the_form() -> None:
    assert SOME.items(1, place="x") == "1 item in x"
    assert SOME.items(0, place="x") == "0 items in x"
    assert SOME.items(12345, place="x") == "12,345 items in x"


def test_arabic_has_six_forms() -> None:
    forms = ["zero", "one", "two", "few", "many", "other"]
    words = Words({"items": (ARABIC, forms)}, "", "ar")
    said = {n: words.items(n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111)}
    assert said == {
        0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many",
        100: "other", 102: "other", 103: "few", 111: "many",
    }  # fmt: skip


def test_what_is_missing_is_an_error_and_never_an_empty_place() -> None:
    with pytest.raises(UndefinedError, match="no word 'nosuch' in templates/site/words"):
        _ = SOME.nosuch
    with pytest.raises(UndefinedError, match=r"'by' wants \(authors=…\)"):
        SOME.by(author="A")
    with pytest.raises(UndefinedError, match=r"'by' wants \(authors=…\)"):
        str(SOME.by)
    with pytest.raises(UndefinedError, match=r"'items' wants a number: words\.items\(3\)"):
        Markup("{}").format(SOME.items)
    with pytest.raises(UndefinedError, match="'items' wants place="):
        SOME.items(2)
    with pytest.raises(AttributeError):
        _ = SOME._private


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_catalogues_say_the_same_in_every_language(part: str, lang: str) -> None:
    english, other = catalogue(part, "en"), catalogue(part, lang)
    assert list(other) == list(english)
    free = {"count"}
    for key, entry in other.items():
        assert bool(entry.plural) == bool(english[key].plural), key
        assert entry.places == english[key].places, key
        for form in entry.forms:
            assert Entry(line=0, forms=(form,)).places | free >= english[key].places, key


@pytest.mark.parametrize("part", ["site", "email"])
@pytest.mark.parametrize(
    ("lang", "forms", "cases"),
    [
        ("en", 2, {0: 1, 1: 0, 2: 1}),
        ("fr", 2, {0: 0, 1: 0, 2: 1}),
        ("es", 2, {0: 1, 1: 0, 2: 1}),
        ("ar", 6, {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 102: 5, 103: 3}),
    ],
)
def test_plural_forms_are_those_of_the_language(
    part: str, lang: str, forms: int, cases: dict[int, int]
) -> None:
    raw = (TEMPLATES / part / "words" / f"{lang}.po").read_text("utf-8")
    places = "".join(f'msgstr[{place}] "{place}"\n' for place in range(forms))
    probe = parse_po(f'{raw}\nmsgid "probe"\nmsgid_plural "probe"\n{places}'.encode(), lang)[
        "probe"
    ]
    words = Words({"probe": (probe.plural, list(probe.forms))}, "", "en")
    assert {n: int(words.probe(n)) for n in cases} == cases


@pytest.mark.parametrize("part", ["site", "email"])
def test_no_text_was_forgotten(part: str) -> None:
    english = catalogue(part, "en")
    for lang in LANGUAGES[1:]:
        same = [k for k, entry in catalogue(part, lang).items() if entry.forms == english[k].forms]
        letters = [k for k in same if any(map(str.isalpha, PLACE.sub("", english[k].forms[0])))]
        assert set(letters) <= {"pages"}, lang  # the same word in French


def test_french_keeps_its_colons_together() -> None:
    for part in PARTS:
        for key, entry in catalogue(part, "fr").items():
            for form in entry.forms:
                assert " :" not in form, key


def test_a_tag_falls_back_to_its_language_then_to_english() -> None:
    files = WordFiles("site", [TEMPLATES], None)
    assert files.words("fr-CH").skip == files.words("fr").skip == files.words("FR").skip
    assert files.words("ar-u-nu-latn").skip == files.words("ar").skip
    assert files.words("de").skip == files.words("en").skip == "Skip to the content"


def test_without_english_there_are_no_words() -> None:
    with pytest.raises(RenderError, match=r"site/words/en\.po"):
        WordFiles("site", [], None).words("en")


def test_what_was_read_is_kept_until_a_file_changes(tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "site/words").mkdir(parents=True)
    file = own / "site/words/en.po"
    file.write_text('msgid "newest"\nmsgstr "One"\n')
    kept = tmp_path / "kept"
    kept.mkdir()
    files = WordFiles("site", [own, TEMPLATES], kept)
    assert files.words("en").newest == "One"
    (path,) = kept.iterdir()
    text = json.loads(path.read_bytes())
    text["texts"]["newest"] = ["", ["Kept"]]
    path.write_text(json.dumps(text))
    assert files.words("en").newest == "Kept"
    file.write_text('msgid "newest"\nmsgstr "Two"\n')
    assert files.words("en").newest == "Two"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"digest": 1, "texts": 2}'])
def test_a_damaged_copy_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    files = WordFiles("site", [TEMPLATES], tmp_path)
    files.words("fr")
    (path,) = tmp_path.iterdir()
    good = path.read_bytes()
    path.write_bytes(damage)
    assert files.words("fr").skip == "Aller au contenu"
    assert path.read_bytes() == good
