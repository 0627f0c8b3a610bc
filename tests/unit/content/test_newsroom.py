"""`newsroom.toml`, typed: what it may say, and every problem with its key path and line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pipeline.content.newsletter import issue_title, mailbox, section_title
from pipeline.content.newsroom import (
    authority,
    base_url,
    date_pattern,
    listing_path,
    read_newsroom,
    timezone,
)
from pipeline.content.toml_lines import key_lines
from pipeline.core.item import Picture
from pipeline.core.newsroom import (
    Author,
    FeedSettings,
    Listing,
    Newsletter,
    NewsletterVersion,
    Numbering,
    Release,
    SectionRule,
)
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST = """\
[newsroom]
title = "Coop"
base_url = "https://news.example.org"
authority = "news.example.org,2016"
[kinds]
news = "News"
"""


def _said(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_newsroom(text.encode())
    assert "\n".join(map(str, caught.value.problems)) == str(caught.value)
    return [str(problem) for problem in caught.value.problems]


def test_a_newsroom_with_as_little_as_can_be() -> None:
    newsroom = read_newsroom(LEAST.encode())
    assert (newsroom.title, newsroom.language, newsroom.timezone) == ("Coop", "en", "UTC")
    assert newsroom.date_format == ""
    assert newsroom.author == Author(name="")
    assert newsroom.feeds == FeedSettings()
    assert (newsroom.listings, newsroom.newsletters) == ((), ())


def test_a_newsroom_with_everything() -> None:
    newsroom = read_newsroom(
        (
            LEAST.replace(
                "[kinds]",
                'description = "D"\nlanguage = "fr"\ntimezone = "Europe/Zurich"\n'
                'date_format = "d. M. y"\n[newsroom.author]\nname = "Desk"\nemail = "d@x.example"\n'
                "[kinds]",
            )
            + 'story = "Stories"\n'
            '[[listings]]\npath = "news/all"\ntitle = "All"\nkinds = ["story", "news"]\n'
            "page_size = 5\n"
            '[series]\ntalks = "Talks"\n'
            '[feeds]\nlimit = 7\nfull_text = false\nhub = "https://hub.example.org/"\n'
            '[[newsletters]]\nkey = "update"\ntitle = "Update"\nsender = "Desk <d@x.example>"\n'
            'postal_address = "Genève"\ncadence = "last  Friday 16:00"\nnumbering = "continuous"\n'
            'issue_title = "{title} {number}"\nreply_to = "r@x.example"\nrelease = "automatic"\n'
            'lookback_days = 10\nannounce_as = "news"\n'
            '[[newsletters.sections]]\ntitle = "{month}"\nkinds = ["news"]\nlimit = 1\n'
            'lead = true\nlayout = "cards"\n'
        ).encode()
    )
    assert dict(newsroom.kinds) == {"news": "News", "story": "Stories"}
    assert newsroom.listings == (
        Listing(path="news/all", title="All", kinds=("story", "news"), page_size=5),
    )
    assert newsroom.feeds == FeedSettings(limit=7, full_text=False, hub="https://hub.example.org/")
    assert newsroom.author == Author(name="Desk", email="d@x.example")
    (newsletter,) = newsroom.newsletters
    assert newsletter == Newsletter(
        key="update",
        title="Update",
        sender="Desk <d@x.example>",
        numbering=Numbering.CONTINUOUS,
        issue_title="{title} {number}",
        reply_to="r@x.example",
        postal_address="Genève",
        cadence=newsletter.cadence,
        release=Release.AUTOMATIC,
        lookback_days=10,
        announce_as="news",
        sections=(
            SectionRule(title="{month}", kinds=("news",), limit=1, lead=True, layout="cards"),
        ),
    )
    assert newsletter.cadence.text == "last friday 16:00"


def test_every_problem_with_its_line() -> None:
    text = LEAST.replace('"Coop"', "5").replace("news =", "News =") + (
        '[[listings]]\npath = "items"\ntitle = "T"\nkinds = ["News"]\n'
        '[[listings]]\npath = "all"\ntitle = "T"\nkinds = ["nws"]\npage_sizes = 3\n[feed]\n'
    )
    assert [text.split(": ")[:2] for text in _said(text)] == [
        ["newsroom.toml:2", "newsroom.title"],
        ["newsroom.toml:6", "kinds.News"],
        ["newsroom.toml:8", "listings[1].path"],
        ["newsroom.toml:14", "listings[2].kinds"],
        ["newsroom.toml:15", "listings[2].page_sizes"],
        ["newsroom.toml:16", "feed"],
    ]


def test_what_could_be_read_comes_with_the_error() -> None:
    with pytest.raises(ConfigError) as caught:
        read_newsroom(LEAST.replace('"Coop"', '""').encode())
    partial = caught.value.partial
    assert getattr(partial, "kinds", None) == {"news": "News"}
    with pytest.raises(ConfigError) as caught:
        read_newsroom(b"")
    assert caught.value.partial is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = b", "newsroom.toml:1: found a = b: not TOML: invalid value: put texts in quotes"),
        ("[a]\nb = 1\nb = 2", "newsroom.toml:3: found b = 2: not TOML: cannot overwrite a value"),
        ('a = """\nb', "newsroom.toml:2: found b: not TOML: unterminated string"),
        ("a = " + "[" * 5000, "newsroom.toml: not TOML: nested too deep"),
        ("a = " + "9" * 5000, "newsroom.toml: not TOML: a number is too long"),
        ("a = '\0'", "newsroom.toml:1: found a NUL character: remove it"),
    ],
)
def test_what_is_not_toml(text: str, said: str) -> None:
    (found,) = _said(text)
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("parse", "good", "bad"),
    [
        (
            base_url,
            ["https://x.example", "http://x.example:8000/a/b"],
            ["https://x.example/", "https://x.example?a", "https://x.example#a", "//x.example",
             "x.example", "javascript:alert(1)", "https://é.example", "https://[::1"],
        ),
        (
            timezone,
            ["Europe/Zurich", "UTC", "America/Argentina/Buenos_Aires"],
            ["Europe/Zürich", "europe", "../../etc/passwd", "/etc/passwd", "localtime", "Europe",
             "right/Europe/Zurich", "posixrules", "CEST", "+02:00"],
        ),
        (
            date_pattern,
            ["d MMMM yyyy", "dd.MM.y", "EEEE, d MMMM y", "y年M月d日", "d 'de' MMMM 'de' y"],
            ["yyyy", "d MMMM", "d MMMM YYYY", "d.M.y HH:mm", "ddd y", "'d y'", "D y"],
        ),
        (
            authority,
            ["x.example,2016", "x.example,2016-01-31", "desk@x.example,2016"],
            ["x.example", "x.example,16", "x.example,2016-13", ",2016", "é.example,2016"],
        ),
        (
            mailbox,
            ["a@x.example", "Name <a@x.example>", "Été, Desk <a@x.example>"],
            ["", "a", "Name <a@x.example", "a@x.example>", "A <a@x>\r\nBcc: b@x", "a@b\x85c",
             "a @x"],
        ),
        (
            listing_path,
            ["news", "news/all", "2017"],
            ["", "/news", "news/", "News", "a//b", "../a", "items", "media/x", "news/page", "con",
             "/".join(["a" * 50] * 5)],
        ),
        (
            issue_title,
            ["{title} No. {number}, {month} {year}", "Update"],
            ["{titel}", "{", "}", "{{title}}", "{0}", "{title!r}"],
        ),
        (section_title, ["News of {month} {year}"], ["{title}", "{number}"]),
    ],
)  # fmt: skip
def test_values(parse: Callable[[str], str], good: list[str], bad: list[str]) -> None:
    assert [parse(text) for text in good] == good
    for text in bad:
        with pytest.raises(ValueError, match=r"\w"):
            parse(text)


def test_the_nearest_zone_is_named() -> None:
    with pytest.raises(ValueError, match=r"such as Europe/Zurich$"):
        timezone("europe/zurich")


def test_titles_are_one_line_that_can_be_seen() -> None:
    assert issue_title("{title}\x01\n  {year}") == "{title} {year}"


def test_lines_of_keys() -> None:
    text = (
        "a = 1\n[b]\n  c.d = 2\n'e f' = 3\n[[g]]\nh = '''\ni = 4\n'''\n[[g]]\nh = 1\n"
        '[[g.j]]\n"k" = 1\n[g.l]\nm = 1\n# n = 1\n'
    )
    assert key_lines(text) == {
        "a": 1,
        "b": 2,
        "b.c.d": 3,
        "b.e f": 4,
        "g[1]": 5,
        "g[1].h": 6,
        "g[2]": 9,
        "g[2].h": 10,
        "g[2].j[1]": 11,
        "g[2].j[1].k": 12,
        "g[2].l": 13,
        "g[2].l.m": 14,
    }


LETTER = """\
[[newsletters]]
key = "letter"
title = "The letter"
sender = "Desk <d@x.example>"
postal_address = "Genève"
cadence = "last day 09:00"
[[newsletters.sections]]
title = "News"
kinds = ["news"]
[[newsletters.sections]]
title = "More of {month}"
kinds = ["news"]
"""
LANGUAGES = 'languages = ["en", "fr", "ar"]\n'


def _letter(languages: str, versions: str = "") -> str:
    return LEAST + LETTER.replace("[[newsletters.s", f"{languages}[[newsletters.s", 1) + versions


def test_a_newsletter_in_several_languages() -> None:
    french = (
        '[newsletters.versions.fr]\ntitle = "La lettre"\nissue_title = "{title} n° {number}"\n'
        'sections = ["Actualités", "De {month}"]\nsender = "Rédaction <d@x.example>"\n'
        'reply_to = "r@x.example"\npostal_address = "Genf"\n'
    )
    (letter,) = read_newsroom(_letter(LANGUAGES, french).encode()).newsletters
    assert letter.languages == ("en", "fr", "ar")
    assert letter.versions == (
        NewsletterVersion(
            lang="fr",
            title="La lettre",
            issue_title="{title} n° {number}",
            sender="Rédaction <d@x.example>",
            reply_to="r@x.example",
            postal_address="Genf",
            sections=("Actualités", "De {month}"),
        ),
        NewsletterVersion(lang="ar"),
    )
    (plain,) = read_newsroom(_letter("").encode()).newsletters
    assert (plain.languages, plain.versions) == ((), ())


@pytest.mark.parametrize(
    ("languages", "versions", "said"),
    [
        ('languages = ["en", "français"]\n', "", "expected a language tag such as en, fr"),
        ('languages = ["en", "fr", "FR"]\n', "", "expected each one once"),
        (LANGUAGES, '[newsletters.versions.fra]\ntitle = "x"\n', 'did you mean "fr"?'),
        ("", '[newsletters.versions.fr]\ntitle = "x"\n', "name it in 'languages' too"),
        (LANGUAGES, '[newsletters.versions.en]\ntitle = "x"\n', "main language's words stand"),
        (LANGUAGES, '[newsletters.versions.fr]\ntitel = "x"\n', 'did you mean "title"?'),
        (
            LANGUAGES,
            '[newsletters.versions.fr]\nsections = ["Une"]\n',
            'expected 2 titles, one for each section: "News", "More of {month}"',
        ),
        (LANGUAGES, '[newsletters.versions.fr]\nsections = ["{mois}", "b"]\n', "no braces but"),
        (LANGUAGES, '[newsletters.versions.fr]\nissue_title = "{titre}"\n', "no braces but"),
        (LANGUAGES, '[newsletters]\nversions = "fr"\n', ""),
    ],
)
def test_what_is_wrong_with_languages_is_named_with_its_line(
    languages: str, versions: str, said: str
) -> None:
    problems = _said(_letter(languages, versions))
    assert any(said in problem for problem in problems)
    assert all(re.match(r"newsroom\.toml:\d+:", problem) for problem in problems)


def test_accent_and_logo() -> None:
    more = 'accent = "#15B"\nlogo = {src = "media/logo.png"}\n[kinds]'
    newsroom = read_newsroom(LEAST.replace("[kinds]", more).encode())
    assert newsroom.accent == "#1155bb"
    assert newsroom.logo == Picture(src="media/logo.png", alt="Coop")
    plain = read_newsroom(LEAST.encode())
    assert (plain.accent, plain.logo) == ("", None)
    for wrong, said in (
        ('accent = "blue"', "six hexadecimal digits such as #1a5fb4"),
        ('logo = "media/logo.png"', 'expected {src = "media/logo.png"'),
        ('logo = {alt = "Coop"}', "newsroom.logo.src: required"),
        ('logo = {src = "media/a.png", credit = "x"}', "newsroom.logo.credit"),
    ):
        (problem,) = _said(LEAST.replace("[kinds]", f"{wrong}\n[kinds]"))
        assert said in problem
