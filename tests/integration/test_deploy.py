"""What `deploy/` names is there: variables, modules, files; and systemd understands its unit."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.config import VARIABLES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_every_variable_is_one(path: Path) -> None:
    named = set(re.findall(r"ENEWS_\w+", path.read_text("utf-8")))
    assert sorted(name for name in named if name.removesuffix("_FILE") not in VARIABLES) == []


def test_the_container_copies_what_there_is() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert {"pipeline", "templates", "pyproject.toml"} <= set(names)
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_credentials_are_those_that_the_variables_name() -> None:
    text = (DEPLOY / "enews.service").read_text("utf-8")
    loaded = re.findall(r"LoadCredential=([\w-]+):", text)
    assert "smtp-url" in loaded
    assert re.findall(r"_FILE=%d/([\w-]+)", text) == loaded


def _news(folder: Path, settings: str, *arguments: str) -> tuple[int, list[str], str]:
    """The code, lines and complaints of `deploy/news`, its places moved into `folder`.

    In the program's place stands one that tells what it was given: DKIM keys, log, arguments.
    """
    enews = folder / "bin/enews"
    enews.parent.mkdir()
    enews.write_text('#!/bin/sh\nprintf "%s\\n" "$ENEWS_DKIM_KEYS" "$ENEWS_LOG" "$@"\n', "utf-8")
    enews.chmod(0o755)
    (folder / "enews.env").write_text(settings, "utf-8")
    text = (DEPLOY / "news").read_text("utf-8").replace('"$(id -un)" = enews', "a = a")
    text = text.replace("/etc/enews", str(folder)).replace("/opt/enews", str(folder))
    command = ["sh", "-c", text, "news", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout.splitlines(), result.stderr


@pytest.mark.parametrize(
    "keys",
    [
        "june:../keys/june.pem july:../keys/july.pem",
        '"june:../keys/june.pem july:../keys/july.pem"  ',
        "'june:../keys/june.pem july:../keys/july.pem'",
    ],
)
def test_the_command_reads_settings_with_spaces(tmp_path: Path, keys: str) -> None:
    settings = f"# Of the service.\n\nENEWS_DKIM_KEYS={keys}\n#ENEWS_LOG=text\nENEWS_LOG=json"
    found = _news(tmp_path, settings, "new", "A grain store")
    given = ["-C", "/srv/enews/news", "new", "A grain store"]
    assert found == (0, ["june:../keys/june.pem july:../keys/july.pem", "json", *given], "")


def test_the_command_runs_nothing_that_stands_in_the_settings(tmp_path: Path) -> None:
    _, lines, _ = _news(tmp_path, "touch $(pwd)/x\nENEWS_LOG=$(echo json) `echo` \\n\n")
    assert lines[:2] == ["", "$(echo json) `echo` \\n"]


def test_the_command_reads_the_settings_that_are_given_along(tmp_path: Path) -> None:
    code, lines, said = _news(tmp_path, (DEPLOY / "enews.env").read_text("utf-8"))
    assert (code, lines[:2], said) == (0, ["", "text"], "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "enews.service").read_text("utf-8")
    unit = tmp_path / "enews.service"
    unit.write_text(text.replace("/opt/enews/bin/enews", shutil.which("true") or ""), "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(unit)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
