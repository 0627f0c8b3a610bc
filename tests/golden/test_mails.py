"""What holds for the golden mails whatever their templates say, and on every machine."""

from __future__ import annotations

import hashlib
import re
import shutil
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from pipeline.core.issue import UNSUBSCRIBE
from tests.golden.trees import CASES, HERE, MAILS, output_of
from tests.newsrooms import enews, environment, tree

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

CLIPPED = 102_400
"""Bytes of HTML from which on Gmail hides the rest."""

SUBJECTS = {
    "mails/small": "Thirty-one owners and one ice house",
    "mails/large": "Everything Monthly No. 6, June 2017",
    "mails/arabic": "معصرة القرية، ودرس في قراءة الميزانية",
    "mails/several": "The ferry is ours",
    "mails/several fr": "Le bac est à nous, et c'est écrit",
    "mails/several ar": "رصيف وحقل العدد 6، يونيو 2017",
}
MACHINES = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati"},
    {"PYTHONHASHSEED": "2", "TZ": "America/Adak", "LC_ALL": "C"},
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """The issues of each case: path → bytes, by case and, below it, by language."""
    found: dict[str, dict[str, bytes]] = {}
    for case in CASES:
        if not case.startswith(MAILS):
            continue
        for path, data in output_of(case, tmp_path_factory.mktemp("mails")).items():
            folder, _, name = path.rpartition("/")
            further = folder.rpartition("/")[2]
            key = f"{case} {further}" if further in {"fr", "ar"} else case
            found.setdefault(key, {})[name] = data
    return found


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=default)
    assert not mail.defects
    return mail


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_standard_library_reads_every_message(
    made: dict[str, dict[str, bytes]], name: str
) -> None:
    files = made[name]
    raw = files["email.eml"]
    mail = read(raw)
    assert mail["Subject"] == SUBJECTS[name]
    lang = name.partition(" ")[2] or ("ar" if name == "mails/arabic" else "en")
    assert mail["Content-Language"] == lang
    for header in mail.values():
        assert "\n" not in header
        assert not getattr(header, "defects", ())
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n").encode() == files["email.txt"]
    assert html.get_content().replace("\r\n", "\n").encode() == files["email.html"]
    assert mail.is_multipart()
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("name", SUBJECTS)
def test_lines_are_short_and_the_way_out_is_in_clear(
    made: dict[str, dict[str, bytes]], name: str
) -> None:
    raw = made[name]["email.eml"]
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.count(b"\n") == raw.count(b"\r\n")
    head = raw.partition(b"\r\n\r\n")[0]
    assert f"\r\nList-Unsubscribe: <{UNSUBSCRIBE}>\r\n".encode() in head
    assert head.isascii()
    assert len(made[name]["email.html"]) < CLIPPED


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_part_says_its_language_and_its_direction(
    made: dict[str, dict[str, bytes]], name: str
) -> None:
    lang = name.partition(" ")[2] or ("ar" if name == "mails/arabic" else "en")
    for file in ("email.html", "index.html"):
        (opening,) = re.findall(r"<html\b[^>]*>", made[name][file].decode())
        assert f'lang="{lang}"' in opening
        assert f'dir="{"rtl" if lang == "ar" else "ltr"}"' in opening


def test_versions_show_the_same_pieces_each_in_its_language(
    made: dict[str, dict[str, bytes]],
) -> None:
    shown = {
        name.partition(" ")[2]: re.findall(
            r"/items/2017/([\w-]+)/", made[name]["email.txt"].decode()
        )
        for name in made
        if name.startswith("mails/several")
    }
    order = {lang: list(dict.fromkeys(slugs)) for lang, slugs in shown.items()}
    assert order == {
        "": ["ferry", "hay", "guia"],
        "fr": ["bac", "foin", "guia"],
        "ar": ["abbara", "foin", "guia"],
    }


def test_an_address_that_has_no_words_in_a_language_runs_its_own_way(
    made: dict[str, dict[str, bytes]],
) -> None:
    address = "5 Ferry Lane, Isleport</span>"
    assert f'<span lang="en" dir="ltr">{address}' in made["mails/several ar"]["email.html"].decode()
    french = made["mails/several fr"]["email.html"].decode()
    assert "5, ruelle du Bac, Isleport" in french
    assert address not in french + made["mails/several"]["email.html"].decode()


def test_the_same_bytes_under_another_seed_in_another_zone(tmp_path: Path) -> None:
    trees = []
    for number, machine in enumerate(MACHINES):
        root = tmp_path / str(number)
        shutil.copytree(HERE / "mails/several/content", root / "content")
        assert enews(root, "build", env=environment(**machine)).returncode == 0
        trees.append(tree(root / "output"))
    one, other = ({p: hashlib.sha256(d).hexdigest() for p, d in t.items()} for t in trees)
    assert one == other
    assert "issues/letter/2017-06/ar/email.eml" in one
