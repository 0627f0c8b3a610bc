"""Broken and hostile content: every problem is named exactly, or what is published is safe."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from datetime import datetime
from typing import TYPE_CHECKING

import html5lib
import pytest
from lxml import etree

from pipeline.app import App
from pipeline.config import Folders, Settings
from pipeline.errors import ConfigError, ContentError
from pipeline.flows.build import build
from pipeline.flows.check import check
from tests.corpus.cases import BASE, Case, cases, matches
from tests.feed_readers import findings, read

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.fromisoformat("2017-08-01T09:00+02:00")
FEEDS = ("feed.xml", "atom.xml", "feed.json")
CASES = cases()
ACTIVE = frozenset({
    "applet", "base", "button", "embed", "form", "frame", "frameset", "iframe", "input", "math",
    "noscript", "object", "script", "select", "style", "svg", "template", "textarea",
})  # fmt: skip
ADDRESSES = ("href", "src", "cite", "poster", "action", "background", "data", "formaction")
SAFE = re.compile(r"(?!\s*[A-Za-z][A-Za-z0-9+.-]*:)|(?:https?|mailto|tel):", re.IGNORECASE)


def _settings(root: Path, case: Case | None = None) -> Settings:
    folders = Folders(
        root=root,
        content=root / "content",
        templates=root / "templates",
        output=root / "output",
        state=root / ".pipeline",
    )
    seconds = case.data.get("seconds", 10.0) if case else 10.0
    return Settings(folders=folders, now=NOW, processes=1, text_seconds=seconds)


def _build(settings: Settings) -> None:
    with App(settings).workshop("a test") as workshop:
        build(workshop, now=NOW)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newsroom in order, built."""
    root = tmp_path_factory.mktemp("base")
    shutil.copytree(BASE, root / "content")
    _build(_settings(root))
    return root


@pytest.fixture
def root(base: Path, tmp_path: Path) -> Path:
    """A copy of it, to be broken; with a folder beside it that nothing may be taken from."""
    root = tmp_path / "newsroom"
    shutil.copytree(base, root)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("---\ntitle: A secret\nkind: news\n---\nHidden.\n")
    return root


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _unpack(case: Case, root: Path) -> None:
    if case.data.get("unreadable") and os.geteuid() == 0:
        pytest.skip("nothing is unreadable for root")
    case.unpack(root / "content", root.parent / "outside")


def _report(problems: object) -> str:
    return json.dumps([str(problem) for problem in problems], indent=1, ensure_ascii=False)  # type: ignore[attr-defined]


def test_the_corpus_is_large_and_its_cases_say_what_they_expect() -> None:
    assert len(CASES) >= 100
    for case in CASES:
        assert case.broken != ("publishes" in case.data), case.name
        assert case.broken == bool(case.problems() or "says" in case.data), case.name


@pytest.mark.parametrize("case", [c for c in CASES if c.broken], ids=lambda case: case.name)
def test_every_problem_is_named_and_the_output_stays(case: Case, root: Path) -> None:
    _unpack(case, root)
    before = _tree(root / "output")
    records = {path.name: path.read_bytes() for path in (root / ".pipeline").glob("*.json")}
    settings = _settings(root, case)
    for verb in (check, build):
        with (
            App(settings).workshop("a test") as workshop,
            pytest.raises((ContentError, ConfigError)) as caught,
        ):
            verb(workshop, now=NOW)
        error = caught.value
        assert isinstance(error, ContentError | ConfigError)
        problems = error.problems
        assert error.exit_code == case.data["exit"]
        pairs = zip(problems, case.problems(), strict=False)
        assert len(problems) == len(case.problems()), _report(problems)
        assert all(matches(found, expected) for found, expected in pairs), _report(problems)
        assert all(str(found).isprintable() for found in problems)
        assert case.data.get("says", "") in str(error)
    assert _tree(root / "output") == before
    assert before
    assert records == {path.name: path.read_bytes() for path in (root / ".pipeline").glob("*.json")}


@pytest.mark.parametrize("case", [c for c in CASES if not c.broken], ids=lambda case: case.name)
def test_what_is_published_is_safe(case: Case, root: Path) -> None:
    _unpack(case, root)
    settings = _settings(root, case)
    with App(settings).workshop("a test") as workshop:
        check(workshop, now=NOW)
    _build(settings)
    output = root / "output"
    for path, texts in case.data["publishes"].items():
        written = (output / path).read_text("utf-8")
        for text in texts:
            assert text in written, (path, text)
    for path in sorted(file for file in output.rglob("*") if file.is_file()):
        raw = path.read_bytes()
        markup = path.suffix in {".html", ".xml"}
        for text in case.data.get("absent", []) if markup else ():
            assert text.encode() not in raw, (path, text)
        if path.suffix == ".html":
            _assert_harmless(path, raw)
        elif path.suffix in {".xml", ".opml"}:
            etree.fromstring(raw)
    for name in FEEDS:
        assert findings(name, (output / name).read_bytes()) == []
    _assert_read(case, output)


def _assert_read(case: Case, output: Path) -> None:
    """A reader's newest item is what the editor typed, in each format."""
    reads = case.data.get("reads", {})
    for name in FEEDS if reads else ():
        newest = read(name, (output / name).read_bytes())[0]
        assert newest.title == reads.get("title", newest.title), name
        assert newest.summary == reads.get("summary", newest.summary), name
        if "text" in reads:
            # RSS says a text once that is all of its summary.
            html = newest.html or newest.summary
            fragment = html5lib.parseFragment(html, namespaceHTMLElements=False)
            assert " ".join("".join(fragment.itertext()).split()) == reads["text"], name


def _assert_harmless(path: Path, raw: bytes) -> None:
    """A browser finds no mistake in the page, and nothing that runs."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document = parser.parse(raw, transport_encoding="utf-8")
    assert [code for _, code, _ in parser.errors] == [], path
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        attributes = element.attrib
        data = element.tag == "script" and attributes.get("type") == "application/ld+json"
        assert data or element.tag.rpartition("}")[2] not in ACTIVE, (path, element.tag)
        if data:
            json.loads(element.text or "")
        assert not [name for name in attributes if name.startswith("on")], (path, attributes)
        assert not {"style", "srcdoc", "ping"}.intersection(attributes), (path, attributes)
        for name in ADDRESSES:
            assert SAFE.match(attributes.get(name, "")), (path, attributes)
    ids = [each.attrib["id"] for each in document.iter() if "id" in each.attrib]
    assert len(ids) == len(set(ids)), path
    assert all(each.find(".//article") is None for each in document.iter("article")), path
