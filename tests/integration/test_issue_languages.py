"""`enews issue` for a newsletter in three languages: one number, one digest, three messages."""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.mail.message import parts
from tests.integration.test_issue import NEWSROOM, Room
from tests.newsrooms import compiled

SEVERAL = NEWSROOM.replace(
    'announce_as = "news"\n',
    """\
announce_as = "news"
languages = ["en", "fr", "ar"]
[newsletters.versions.fr]
title = "La lettre"
issue_title = "{title} n° {number}, {month} {year}"
sections = ["À la une", "Actualités de {month} {year}", "Portrait"]
[newsletters.versions.ar]
title = "الرسالة"
issue_title = "{title} العدد {number}، {month} {year}"
sections = ["الصدارة", "أخبار {month} {year}", "وجوه"]
""",
)
PLACE = "issues/letter/2017-01/"


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return write(tmp_path)


def write(folder: Path) -> Room:
    room = Room(folder)
    compiled(folder)
    (folder / "content").mkdir()
    (folder / "content/newsroom.toml").write_text(SEVERAL, "utf-8")
    room.item("2017-06-05-lead", "kind: news\ntranslations: [une]")
    room.item("2017-06-05-une", "kind: news\nid: une\nlang: fr")
    room.item("2017-06-04-second")
    room.item("2017-06-03-khabar", "kind: news\nlang: ar")
    return room


def fill(room: Room) -> str:
    """Make the plan and write a message in two languages; the digest of what would go out."""
    folder, digest = _filled()
    shutil.copytree(folder, room.folder, dirs_exist_ok=True)
    return digest


@lru_cache(maxsize=1)
def _filled() -> tuple[Path, str]:
    """The room of every test when it is filled, and the digest; made once a process."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    room = write(folder)
    room.ask("build")
    file = room.issue("2017-01.md")
    text = file.read_text("utf-8") + "Hello readers.\n"
    french = "    message: |\n      Bonjour, voyez [ceci](2017-06-05-une.md).\n\n      Deux.\n"
    file.write_text(text.replace('    message: ""\n', french, 1), "utf-8")
    return folder, str(room.ask("build")["digest"])


def output(room: Room, path: str) -> str:
    return (room.folder / "output" / path).read_text("utf-8")


def versions(report: dict[str, Any]) -> dict[str, Any]:
    return {version["lang"]: version for version in report["versions"]}


def test_a_new_plan_has_titles_in_every_language_and_a_piece_once(room: Room) -> None:
    told = room.ask("build")
    assert told["languages"] == ["en", "fr", "ar"]
    assert told["items"][0]["id"] == "2017-06-05-lead"
    ids = [item["id"] for item in told["items"]]
    assert ids == ["2017-06-05-lead", "2017-06-04-second", "2017-06-03-khabar"]
    assert told["left_out"] == []
    text = room.issue("2017-01.md").read_text("utf-8")
    assert 'title: "La lettre n° 1, juin 2017"' in text
    assert "fr: Actualités de juin 2017" in text
    assert "يونيو" in text
    assert 'message: ""' in text
    # Subject and preheader fall back, the others do not: the plan says so.
    assert "An empty subject is the title, and an empty\n# preheader the first titles;" in text


def test_each_version_shows_a_piece_in_its_language_else_as_it_is(room: Room) -> None:
    fill(room)
    told = versions(room.ask("show", "2017-01"))
    lead = {lang: version["lead"] for lang, version in told.items()}
    assert lead == {"en": "2017-06-05-lead", "fr": "une", "ar": "2017-06-05-lead"}
    assert [item["lang"] for item in told["ar"]["items"]] == ["en", "en", None]
    assert [item["lang"] for item in told["fr"]["items"]] == [None, "en", "ar"]
    assert told["fr"]["subject"] == "La lettre n° 1, juin 2017"
    html = output(room, f"{PLACE}fr/email.html")
    assert re.search(r'<html [^>]*lang="fr"', html)
    assert 'lang="ar" dir="rtl"' in html
    assert "Bonjour" in html
    assert "Hello" not in html
    assert "https://news.example.org/items/2017/une/" in html
    assert 'dir="rtl"' in output(room, f"{PLACE}ar/index.html")
    assert "Bonjour" not in output(room, f"{PLACE}email.txt")


def test_every_language_has_its_files_and_leads_to_the_others(room: Room) -> None:
    fill(room)
    for folder in ("", "fr/", "ar/"):
        for name in ("index.html", "email.html", "email.txt", "email.eml"):
            assert (room.folder / "output" / PLACE / folder / name).is_file()
        page = output(room, f"{PLACE}{folder}index.html")
        for lang, other in (("en", ""), ("fr", "fr/"), ("ar", "ar/"), ("x-default", "")):
            address = f"https://news.example.org/{PLACE}{other}"
            assert f'<link rel="alternate" hreflang="{lang}" href="{address}">' in page
        root = "../" * (3 + bool(folder))
        assert f'href="{root}{PLACE}fr/"' in page or folder == "fr/"
        assert f'href="{root}issues/letter/{folder}feed.xml"' in page
        raw = (room.folder / "output" / PLACE / folder / "email.eml").read_bytes()
        assert f"Content-Language: {folder[:2] or 'en'}\r\n".encode() in raw


def test_a_release_freezes_every_language_under_one_digest(room: Room) -> None:
    digest = fill(room)
    told = room.ask("release", "2017-01", "--digest", digest)
    assert told["languages"] == ["en", "fr", "ar"]
    raws = {lang: room.issue(f"2017-01.{lang}.eml").read_bytes() for lang in ("en", "fr", "ar")}
    lines = "".join(f"{k} {hashlib.sha256(raw).hexdigest()}\n" for k, raw in raws.items())
    assert digest == hashlib.sha256(lines.encode()).hexdigest()
    lock = json.loads(room.issue("2017-01.lock.json").read_text("utf-8"))
    assert [version["lang"] for version in lock["versions"]] == ["en", "fr", "ar"]
    for version in lock["versions"]:
        raw = raws[version["lang"]]
        assert version["digest"] == hashlib.sha256(raw).hexdigest()
        html = parts(raw).html.encode()
        assert version["html_digest"] == hashlib.sha256(html).hexdigest()
    assert not room.issue("2017-01.eml").exists()

    room.item("2017-06-05-une", "kind: news\nid: une\nlang: fr", body="Tout autre.")
    assert room.run("build")[0] == 0
    for lang, raw in raws.items():
        folder = "" if lang == "en" else f"{lang}/"
        made = (room.folder / "output" / PLACE / folder / "email.eml").read_bytes()
        assert made == raw
    (listed,) = room.ask("list")
    assert listed["differ"] == ["une"]
    assert listed["languages"] == ["en", "fr", "ar"]
    assert room.ask("release", "2017-01", "--digest", digest[:12])["already"] is True


def test_readers_of_each_language_have_their_feed(room: Room) -> None:
    room.ask("release", "2017-01", "--digest", fill(room))
    french = json.loads(output(room, "issues/letter/fr/feed.json"))
    assert (french["title"], french["language"]) == ("La lettre", "fr")
    (item,) = french["items"]
    assert item["url"] == f"https://news.example.org/{PLACE}fr/"
    assert item["title"] == "La lettre n° 1, juin 2017"
    assert "items/2017/une/" in item["content_html"]
    (main,) = json.loads(output(room, "issues/letter/feed.json"))["items"]
    assert main["url"] == f"https://news.example.org/{PLACE}"
    assert f"{PLACE}ar/" in main["content_html"]
    everything = json.loads(output(room, "feed.json"))["items"]
    assert [x["url"] for x in everything if "/issues/" in x["url"]] == [main["url"]]
    assert "issues/letter/ar/feed.xml" in output(room, "feeds.opml")
    past = output(room, "issues/letter/index.html")
    assert f'{PLACE}fr/" hreflang="fr"' in past
    assert "issues/letter/fr/atom.xml" in past
    assert f'{PLACE}fr/" hreflang="fr"' in output(room, "news/index.html")
    assert f"<loc>https://news.example.org/{PLACE}ar/</loc>" in output(room, "sitemap.xml")


def test_an_address_in_a_further_message_goes_on_leading_to_its_item(room: Room) -> None:
    room.ask("release", "2017-01", "--digest", fill(room))
    room.item("2017-06-05-une", "kind: news\nid: une\nlang: fr\nslug: autre")
    assert room.run("build")[0] == 0
    assert "/items/2017/autre/" in output(room, "items/2017/une/index.html")


def test_a_logo_that_is_not_there_is_named_with_its_line(room: Room) -> None:
    logo = 'logo = {src = "media/lgo.png"}\n[kinds]'
    text = SEVERAL.replace("[kinds]", logo, 1)
    (room.folder / "content/newsroom.toml").write_text(text, "utf-8")
    code, printed = room.run("check")
    assert code != 0
    line = text[: text.index("logo =")].count("\n") + 1
    assert f"newsroom.toml:{line}: newsroom.logo.src" in printed


def test_a_translation_of_what_was_carried_is_never_proposed(room: Room) -> None:
    room.ask("release", "2017-01", "--digest", fill(room))
    room.now = "2017-07-31T12:00+02:00"
    room.item("2017-07-05-deux", "kind: news\nlang: fr\ntranslations: [2017-06-04-second]")
    told = room.ask("build")
    assert told["made"] == "nothing"
    assert "its translation was carried by letter/2017-01" in {
        out["reason"] for out in told["left_out"]
    }


@pytest.mark.parametrize("name", ["2017-01.fr.eml", "2017-01.en.eml"])
def test_a_message_that_is_gone_or_changed_stops_everything(room: Room, name: str) -> None:
    room.ask("release", "2017-01", "--digest", fill(room))
    file = room.issue(name)
    raw = file.read_bytes()
    file.write_bytes(raw + b" ")
    code, printed = room.run("build")
    assert code == 3
    assert f"issues/letter/{name}" in printed
    assert "restore the file" in printed
    file.unlink()
    assert room.run("build")[0] == 3
    file.write_bytes(raw)
    assert room.run("build")[0] == 0


def test_a_release_that_broke_off_is_done_again_and_never_half(room: Room) -> None:
    digest = fill(room)
    for lang, folder in (("en", ""), ("fr", "fr/")):
        raw = (room.folder / "output" / PLACE / folder / "email.eml").read_bytes()
        room.issue(f"2017-01.{lang}.eml").write_bytes(raw)
    (listed,) = room.ask("list")
    assert listed["released"] is False
    room.ask("release", "2017-01", "--digest", digest)
    assert room.issue("2017-01.ar.eml").is_file()
    assert room.ask("list")[0]["digest"] == digest


@pytest.mark.parametrize("name", ["2017-01.fr.eml", "2017-01.es.eml", "2017-01.eml"])
def test_another_message_of_this_issue_is_kept_and_its_number_is_given(
    room: Room, name: str
) -> None:
    digest = fill(room)
    room.issue(name).write_bytes(b"What was sent.")
    code, printed = room.run("issue", "release", "2017-01", "--digest", digest)
    assert code == 1
    assert f"issues/letter/{name} holds another message" in printed
    assert not room.issue("2017-01.lock.json").exists()
    assert not room.issue("2017-01.en.eml").exists()
    room.issue("2017-01.md").unlink()
    assert room.ask("build")["id"] == "letter/2017-02"


def test_refresh_adds_what_is_new_with_its_headings_and_keeps_what_was_written(room: Room) -> None:
    fill(room)
    file = room.issue("2017-01.md")
    before = file.read_text("utf-8")
    room.item("2017-06-06-face", "kind: champion")
    room.item("2017-06-06-visage", "kind: champion\nlang: fr\ntranslations: [2017-06-06-face]")
    told = room.ask("build", "--refresh")
    assert told["added"] == ["2017-06-06-face"]
    after = file.read_text("utf-8")
    assert "      fr: Portrait\n" in after
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    lost = versions(told)["fr"]["sections"][-1]
    assert lost == {"title": "Portrait", "items": ["2017-06-06-visage"]}


def test_two_versions_of_a_piece_in_a_plan_are_a_mistake(room: Room) -> None:
    fill(room)
    file = room.issue("2017-01.md")
    text = file.read_text("utf-8").replace("      - 2017-06-04-second", "      - une", 1)
    file.write_text(text, "utf-8")
    code, printed = room.run("check")
    assert code == 3
    assert 'a translation of "2017-06-05-lead", which is in' in printed


def test_a_broken_link_in_a_further_message_is_named(room: Room) -> None:
    fill(room)
    file = room.issue("2017-01.md")
    file.write_text(file.read_text("utf-8").replace("une.md)", "nulle-part.md)"), "utf-8")
    code, printed = room.run("check")
    assert code == 3
    assert "2017-06-05-nulle-part.md" in printed


def test_show_names_the_languages(room: Room) -> None:
    digest = fill(room)
    _, printed = room.run("issue", "show", "2017-01")
    for told in ("fr: La lettre n° 1, juin 2017", "(ar)", f"Digest     {digest}", "2017-01/fr/"):
        assert told in printed
    _, printed = room.run("issue", "list")
    assert "en fr ar" in printed


def test_a_newsletter_in_one_language_that_is_not_the_newsrooms(room: Room) -> None:
    text = NEWSROOM.replace("cadence =", 'languages = ["fr"]\ncadence =', 1)
    (room.folder / "content/newsroom.toml").write_text(text, "utf-8")
    told = room.ask("build")
    assert told["title"] == "The letter No. 1, juin 2017"
    assert told["lead"] == "une"
    assert "versions:" not in room.issue("2017-01.md").read_text("utf-8")
    room.ask("release", "2017-01", "--digest", told["digest"])
    raw = room.issue("2017-01.eml").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == told["digest"]
    assert b"Content-Language: fr\r\n" in raw
    page = output(room, f"{PLACE}index.html")
    assert re.search(r'<html [^>]*lang="fr"', page)
    assert 'rel="alternate" hreflang' not in page
    assert json.loads(output(room, "issues/letter/feed.json"))["language"] == "fr"
    assert 'lang="fr">The letter No. 1' in output(room, "issues/letter/index.html")
