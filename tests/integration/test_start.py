"""`enews init` and `enews new`: a newsroom of one's own, away from this repository."""

from __future__ import annotations

import re
import shlex
from email.headerregistry import AddressHeader
from email.utils import parseaddr
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.content.frontmatter import parse_document
from pipeline.content.newsroom import read_newsroom
from pipeline.content.schema import slug
from pipeline.content.starter import slug_of, yaml_text
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2017-07-12T09:00+02:00"


def _enews(*arguments: str) -> Result:
    return CliRunner().invoke(
        main, list(arguments), env={"ENEWS_NOW": NOW}, catch_exceptions=False, standalone_mode=False
    )


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    folder = tmp_path / "my-news"
    _enews("init", str(folder))
    return folder


def test_a_new_newsroom_builds_at_once(newsroom: Path) -> None:
    checked = _enews("-C", str(newsroom), "check")
    assert "No problems in 1 item, 1 theme" in checked.output
    _enews("-C", str(newsroom), "build")
    home = (newsroom / "output" / "index.html").read_text("utf-8")
    assert "My News" in home
    assert "Welcome to My News" in home
    assert (newsroom / "output" / "items" / "2017" / "welcome" / "index.html").is_file()


def test_a_new_newsroom_keeps_people_out_of_its_repository(newsroom: Path) -> None:
    ignored = (newsroom / ".gitignore").read_text("utf-8").splitlines()
    assert {"/output/", "/.pipeline/", "/*.csv", "/*.pem"} <= set(ignored)


@pytest.mark.parametrize(
    ("lang", "label", "title", "skip"),
    [
        ("fr", "Actualités", "Bienvenue chez My News", "Aller au contenu"),
        ("es-MX", "Noticias", "Le damos la bienvenida a My News", "Ir al contenido"),
        ("ar", "الأخبار", "مرحبًا بكم في My News", "انتقل إلى المحتوى"),
        ("pt", "News", "Welcome to My News", "Skip to the content"),
    ],
)
def test_a_newsroom_begins_in_its_language(
    tmp_path: Path, lang: str, label: str, title: str, skip: str
) -> None:
    folder = tmp_path / "my-news"
    _enews("init", str(folder), "--language", lang)
    assert "No problems in 1 item, 1 theme" in _enews("-C", str(folder), "check").output
    _enews("-C", str(folder), "build")
    home = (folder / "output" / "index.html").read_text("utf-8")
    assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in home
    for words in (label, title, skip):
        assert words in home
    left = re.findall(r"@[A-Z_]+@", (folder / "content/newsroom.toml").read_text("utf-8"))
    assert left == []


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ar"])
def test_the_address_that_init_writes_does_not_go_out(tmp_path: Path, lang: str) -> None:
    folder = str(tmp_path / "x")
    _enews("init", folder, "--language", lang)
    _enews("-C", folder, "issue", "build")
    checked = _enews("-C", folder, "issue", "check", "2017-01")
    assert checked.return_value == 3
    assert "1 error\n  address-unset  newsroom.toml\n" in checked.output
    assert "domain-reserved  newsroom.toml\n" in checked.output


def test_what_is_no_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='--language: found "français"; expected a language tag'):
        _enews("init", str(tmp_path / "x"), "--language", "français")
    with pytest.raises(
        ConfigError, match='--language: found "zz"; expected a language that has a name'
    ):
        _enews("init", str(tmp_path / "x"), "--language", "zz")
    assert not (tmp_path / "x").exists()


def test_check_names_a_broken_word_of_ones_own(newsroom: Path) -> None:
    words = newsroom / "templates/site/words/fr.po"
    words.parent.mkdir(parents=True)
    words.write_text('msgid "newst"\nmsgstr "x"\n')
    checked = _enews("-C", str(newsroom), "check")
    assert checked.return_value == 1
    assert "templates/site/words/fr.po:1: no template says the word 'newst'" in checked.stderr


def test_init_never_writes_over_a_newsroom(newsroom: Path) -> None:
    before = (newsroom / "content" / "newsroom.toml").read_bytes()
    with pytest.raises(ConfigError, match="exists already"):
        _enews("init", str(newsroom))
    assert (newsroom / "content" / "newsroom.toml").read_bytes() == before


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize(
    ("title", "sender"),
    [
        ("COOP: the news", "COOP: the news"),
        ("Desk #1 News", "Desk #1 News"),
        ('The "Co-op" News', 'The "Co-op" News'),
        (r"A \ <name@x> title", r"A \ namex title"),
        ("- {x} [y], @YEAR@", "- {x} [y], YEAR"),
        ("<@>", ""),
        ("true", "true"),
    ],
)
def test_any_title_is_kept_and_builds(tmp_path: Path, lang: str, title: str, sender: str) -> None:
    _enews("init", str(tmp_path), "--title", f" {title}\x7f\x01 ", "--language", lang)
    assert "No problems" in _enews("-C", str(tmp_path), "check").output
    newsroom = read_newsroom((tmp_path / "content/newsroom.toml").read_bytes())
    assert (newsroom.title, newsroom.author.name) == (title, title)
    assert title in newsroom.newsletters[0].title
    assert parseaddr(newsroom.newsletters[0].sender) == (sender, "news@news.example.org")
    assert AddressHeader.value_parser(newsroom.newsletters[0].sender).all_defects == []
    welcome = next((tmp_path / "content/items").rglob("*.md"))
    said = parse_document("x.md", welcome.read_bytes()).data["title"]
    assert isinstance(said, str)
    assert said.endswith(f" {title}")


@pytest.mark.parametrize(
    ("folder", "title"),
    [
        ("Mon journal d'été", "Mon journal d'été"),
        ("été au rendez-vous", "Été au rendez-vous"),
        ("my_own-news", "My Own News"),
        ("ILO-news", "ILO News"),
    ],
)
def test_a_folders_name_makes_a_title(tmp_path: Path, folder: str, title: str) -> None:
    said = _enews("init", str(tmp_path / folder)).output
    assert f"Started {title} in" in said
    assert f"  cd {shlex.quote(str(tmp_path / folder))}\n" in said


@pytest.mark.parametrize(
    ("lang", "name"),
    [
        ("en", "Coop eNewsUpdate"),
        ("fr", "Infolettre Coop"),
        ("es", "Boletín de Coop"),
        ("ar", "نشرة Coop"),
    ],
)
def test_the_newsletter_is_called_as_its_language_does(
    tmp_path: Path, lang: str, name: str
) -> None:
    _enews("init", str(tmp_path), "--title", "Coop", "--language", lang)
    text = (tmp_path / "content/newsroom.toml").read_text("utf-8")
    assert read_newsroom(text.encode()).newsletters[0].title == name
    assert ("de {month}" in text) == (lang == "es")
    theme = (tmp_path / "content/themes/about.md").read_text("utf-8")
    assert "`title`" in theme


def test_a_language_without_first_texts_is_written_as_it_writes_and_said(tmp_path: Path) -> None:
    said = _enews("init", str(tmp_path), "--language", "de").output
    assert "There are no texts for 'de' yet" in said
    assert "no texts" not in _enews("init", str(tmp_path / "fr"), "--language", "fr-CH").output
    _enews("-C", str(tmp_path), "build")
    page = tmp_path / "output/items/2017/welcome/index.html"
    assert "12. Juli 2017" in page.read_text("utf-8")


def test_new_writes_a_draft_that_checks_and_is_not_published(newsroom: Path) -> None:
    _enews("-C", str(newsroom), "new", "L'été: 100% «social»?", "--kind", "resource")
    path = newsroom / "content" / "items" / "2017" / "2017-07-12-l-ete-100-social.md"
    document = parse_document("x.md", path.read_bytes())
    assert document.data["title"] == "L'été: 100% «social»?"
    assert document.data["kind"] == "resource"
    assert document.data["draft"] == "true"
    assert "1 draft" in _enews("-C", str(newsroom), "check").output
    _enews("-C", str(newsroom), "build")
    assert not (newsroom / "output" / "items" / "2017" / "l-ete-100-social").exists()


def test_new_takes_a_date(newsroom: Path) -> None:
    _enews("-C", str(newsroom), "new", "Later", "--date", "2018-01-31")
    assert (newsroom / "content" / "items" / "2018" / "2018-01-31-later.md").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["new", "X", "--kind", "newz"], 'did you mean "news"'),
        (["new", " "], "the title is empty"),
        (["new", "X", "--date", "31/01/2018"], "expected a date such as"),
        (["new", "Welcome", "--date", "2017-07-12"], "exists already"),
    ],
)
def test_new_says_what_is_wrong(newsroom: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _enews("-C", str(newsroom), *arguments)


@given(st.text())
def test_any_title_gives_a_safe_slug(title: str) -> None:
    made = slug_of(title)
    assert slug(made) == made or made == "untitled"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1))
def test_any_title_reads_back_as_itself(title: str) -> None:
    line = " ".join(title.split())
    loaded = yaml.load(f"title: {yaml_text(title)}\n", Loader=yaml.BaseLoader)
    assert " ".join(loaded["title"].split()) == line
