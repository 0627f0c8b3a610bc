"""A newsroom's own templates: what they may change, and how their mistakes are named."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.app import default_templates, template_folders
from pipeline.errors import RenderError
from pipeline.jobs.limit import MEMORY, ProcessorLimit
from pipeline.render.templates import Templates
from tests.archive_site import NEWSROOM, make_site, render, rendered

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = default_templates()


def _own(folder: Path, name: str, text: str) -> Templates:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return Templates(template_folders(folder))


def _said(key: str, text: str) -> str:
    return f'\nmsgid "{key}"\nmsgstr "{text}"\n'


def test_words_of_ones_own_take_the_place_of_the_defaults(tmp_path: Path) -> None:
    words = _said("newest", "Neueste & beste")
    page = render("", make_site(templates=_own(tmp_path, "site/words/en.po", words)))
    assert "Neueste &amp; beste" in page
    assert "Skip to the content" in page


def test_a_fifth_language_is_one_file_a_folder(tmp_path: Path) -> None:
    portuguese = {"newest": "Mais recentes", "by": "Por {authors}", "also_in": "Também em:"}
    for part in ("site", "email"):
        text = (DEFAULT / part / "words/en.po").read_text("utf-8").replace("Language: en", "pt")
        for key, said in portuguese.items():
            text = re.sub(rf'(msgid "{key}"\nmsgstr) ".*"', rf'\1 "{said}"', text)
        templates = _own(tmp_path, f"{part}/words/pt.po", text)
    templates.check_words()
    site = make_site(newsroom=replace(NEWSROOM, language="pt-BR"), templates=templates)
    assert "Mais recentes" in render("", site)
    article = render("items/2017/seoul/", site)
    assert (
        'Por <bdi class="author">Ada Lovelace</bdi> e <bdi class="author">Émile Zola</bdi>'
        in article
    )
    assert 'lang="pt-BR"' in article
    assert not templates.sandboxed


@pytest.mark.parametrize(
    ("file", "words", "line", "message"),
    [
        ("site/words/en.po", '{"a": "b"}', 1, "expected msgid"),
        ("site/words/fr.po", _said("newst", "x"), 2, "did you mean 'newest'"),
        ("email/words/es.po", _said("why", "Por nada."), 2, r"why: \{title\} is missing"),
    ],
)
def test_broken_words_are_named_with_their_line(
    tmp_path: Path, file: str, words: str, line: int, message: str
) -> None:
    templates = _own(tmp_path, file, words)
    part, _, name = file.partition("/words/")
    with pytest.raises(RenderError, match=message) as caught:
        templates.words(part, name.removesuffix(".po"))
    assert (caught.value.template, caught.value.line) == (file, line)
    with pytest.raises(RenderError, match=message):
        templates.check_words()


def test_words_for_templates_of_ones_own(tmp_path: Path) -> None:
    _own(tmp_path, "site/words/en.po", _said("own_imprint", "Imprint of {year}"))
    templates = _own(tmp_path, "site/footer.html", "{{ words.own_imprint(year=2017) }}")
    assert "Imprint of 2017" in render("", make_site(templates=templates))


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n{{ words.nosuch }}", "no word 'nosuch' in templates/site/words"),
        ("\n{{ words.by }}", r"the word 'by' wants \(authors=…\)"),
        ("\n{{ words.by(author=1) }}", r"the word 'by' wants \(authors=…\)"),
    ],
)
def test_a_word_said_wrongly_is_named_with_its_line(
    tmp_path: Path, template: str, message: str
) -> None:
    site = make_site(templates=_own(tmp_path, "site/404.html", template))
    with pytest.raises(RenderError, match=message) as caught:
        render("404.html", site)
    assert (caught.value.template, caught.value.line) == ("site/404.html", 2)


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("<p>\n{{ nobody }}", 2, "there is no 'nobody' here"),
        ('<p>\n\n{{ 1 + "a" }}', 3, "TypeError"),
        ("{% if %}", 1, "Expected an expression"),
        ('{% extends "site/404.html" %}', 1, "RecursionError"),
        ('{% extends "site/none.html" %}', 1, "site/none.html"),
        ("{{ 1 / 0 }}", 1, "ZeroDivisionError"),
    ],
)
def test_a_mistake_in_a_template_names_it_and_its_line(
    tmp_path: Path, template: str, line: int, message: str
) -> None:
    site = make_site(templates=_own(tmp_path, "site/404.html", template))
    with pytest.raises(RenderError, match=message) as caught:
        render("404.html", site)
    assert caught.value.template.startswith("site/")
    assert caught.value.line == line


def test_an_editors_templates_run_in_a_sandbox_and_ours_need_none(tmp_path: Path) -> None:
    assert not Templates(template_folders(DEFAULT)).sandboxed
    assert not _own(tmp_path / "a", "site/assets/own.css", "").sandboxed
    assert _own(tmp_path / "b", "parts/end.html", "").sandboxed


def test_the_sandbox_changes_no_byte(tmp_path: Path) -> None:
    pages = rendered(make_site(templates=_own(tmp_path, "parts/unused.html", "")))
    assert pages == rendered(make_site())


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ newsroom.__class__.__mro__ }}", "unsafe"),
        ("{{ newsroom.url.__globals__ }}", "unsafe"),
        ("{{ newsroom|attr('__class__') }}", "unsafe"),
        ("{{ '{0.__class__}'.format(newsroom) }}", "unsafe"),
        ("{{ newsroom.kinds.update(x=1) }}", "unsafe"),
        ("{% for x in range(9999999) %}{% endfor %}", "Range too big"),
        ("{{ 'x' * 999999999 }}", "a product would have more than"),
        ("{{ 2 ** 99999999 }}", "a power is too large"),
        (
            "{% set n = namespace(x=9) %}{% for x in range(40) %}{% set n.x = n.x * n.x %}"
            "{% endfor %}",
            "too large to be multiplied",
        ),
        ("{{ 'x'|center(21000000) }}", "fills more than 20,000,000 characters"),
        (r"{{ '\ud800' }}", "half a character, U\\+D800"),
        ("{{ [1, 2]|random }}", "No filter named 'random'"),
        ("{{ lipsum() }}", "there is no 'lipsum' here"),
    ],
)
def test_an_editors_template_can_do_no_harm(tmp_path: Path, template: str, message: str) -> None:
    site = make_site(templates=_own(tmp_path, "site/404.html", template))
    with pytest.raises(RenderError, match=message):
        render("404.html", site)


DOUBLING = (
    "{% set n = namespace(x='x' * 999) %}{% for x in range(60) %}{% set n.x = n.x ~ n.x %}"
    "{% endfor %}"
)
FOR_EVER = "{% for x in range(99999) %}{% for y in range(99999) %}{% endfor %}{% endfor %}"


@pytest.mark.parametrize(
    ("template", "message"),
    [(FOR_EVER, "TimeoutError: more than 0.2 s"), (DOUBLING, "TimeoutError|MemoryError")],
)
def test_an_editors_template_is_bounded_in_time_and_memory(
    tmp_path: Path, template: str, message: str
) -> None:
    _own(tmp_path, "site/404.html", f"\n{template}")
    bounded = ProcessorLimit(0.2, memory=MEMORY)
    site = make_site(templates=Templates(template_folders(tmp_path), bounded=bounded))
    with pytest.raises(RenderError, match=message) as caught:
        render("404.html", site)
    assert (caught.value.template, caught.value.line) == ("site/404.html", 2)


def test_what_is_compiled_for_the_sandbox_is_kept_apart(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    render("404.html", make_site(templates=Templates([DEFAULT], bytecode=kept)))
    ours = {path.name for path in kept.iterdir()}
    _own(tmp_path / "own", "site/404.html", "{{ newsroom.url.__globals__ }}")
    folders = template_folders(tmp_path / "own")
    with pytest.raises(RenderError, match="unsafe"):
        render("404.html", make_site(templates=Templates(folders, bytecode=kept)))
    assert ours < {path.name for path in kept.iterdir()}
