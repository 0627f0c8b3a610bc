"""Pulling from a real repository, and every way in which that does not work."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import EnewsError, RepositoryError
from pipeline.net.repository import pull

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

ITEM = "content/items/2017/a name, é.md"


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
    command = ("git", "-C", str(folder), *who, *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def nobodys_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What whoever runs the tests has set for git does not count."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def editor(tmp_path: Path) -> Path:
    """Where an editor writes; what is committed there is what can be pulled."""
    folder = tmp_path / "editor"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "content/newsroom.toml", "one")
    return folder


@pytest.fixture
def clone(tmp_path: Path, editor: Path) -> Path:
    """The service's folder."""
    folder = tmp_path / "newsroom"
    git(tmp_path, "clone", "-q", editor.as_uri(), str(folder))
    return folder


def test_what_was_pushed_is_pulled(editor: Path, clone: Path) -> None:
    before = git(clone, "rev-parse", "HEAD")
    commit(editor, ITEM, "two")
    after = commit(editor, "content/newsroom.toml", "three")
    pulled = pull(clone)
    assert (pulled.before, pulled.after) == (before, after)
    assert set(pulled.files) == {ITEM, "content/newsroom.toml"}
    assert (clone / ITEM).read_text(encoding="utf-8") == "two"


def test_nothing_new_is_no_trouble(clone: Path) -> None:
    pulled = pull(clone)
    assert pulled.before == pulled.after
    assert pulled.files == ()


def test_the_newsroom_can_be_a_folder_of_a_repository(editor: Path, clone: Path) -> None:
    commit(editor, ITEM, "two")
    assert pull(clone / "content").files == (ITEM,)


def test_what_the_service_wrote_itself_stays(editor: Path, clone: Path) -> None:
    (clone / "content/plan.md").write_text("a draft", encoding="utf-8")
    (clone / "content/newsroom.toml").write_text("mine", encoding="utf-8")
    commit(editor, ITEM, "two")
    pull(clone)
    assert (clone / "content/plan.md").read_text(encoding="utf-8") == "a draft"
    assert (clone / "content/newsroom.toml").read_text(encoding="utf-8") == "mine"


def test_changes_on_both_sides_are_named(editor: Path, clone: Path) -> None:
    (clone / "content/newsroom.toml").write_text("mine", encoding="utf-8")
    commit(editor, "content/newsroom.toml", "theirs")
    with pytest.raises(RepositoryError, match=r"files changed here, too.*newsroom\.toml"):
        pull(clone)
    assert (clone / "content/newsroom.toml").read_text(encoding="utf-8") == "mine"


def test_nothing_is_merged(editor: Path, clone: Path) -> None:
    commit(editor, "content/a.md", "theirs")
    mine = commit(clone, "content/b.md", "mine")
    with pytest.raises(RepositoryError, match="commits that the remote has not"):
        pull(clone)
    assert git(clone, "rev-parse", "HEAD") == mine


def test_a_folder_without_a_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="no clone of a repository"):
        pull(tmp_path)


def test_a_clone_that_follows_nothing_is_told(editor: Path, clone: Path) -> None:
    with pytest.raises(RepositoryError, match="say what it follows"):
        pull(editor)
    git(clone, "checkout", "-q", "--detach")
    with pytest.raises(RepositoryError, match="check out the branch"):
        pull(clone)


def test_a_remote_that_is_gone_is_told(editor: Path, clone: Path) -> None:
    editor.rename(editor.with_name("gone"))
    with pytest.raises(EnewsError, match="the remote cannot be read"):
        pull(clone)


def test_another_git_at_work_is_told(editor: Path, clone: Path) -> None:
    commit(editor, ITEM, "two")
    (clone / ".git/index.lock").touch()
    with pytest.raises(RepositoryError, match="another git is at work"):
        pull(clone)


def test_no_hook_runs(editor: Path, clone: Path, tmp_path: Path) -> None:
    hook = clone / ".git/hooks/post-merge"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n", encoding="ascii")
    hook.chmod(0o755)
    commit(editor, ITEM, "two")
    git(clone, "pull", "-q")
    assert (tmp_path / "ran").exists()
    (tmp_path / "ran").unlink()
    commit(editor, ITEM, "three")
    pull(clone)
    assert not (tmp_path / "ran").exists()


def test_ssh_asks_nobody_and_learns_no_secret(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\n{{ echo \"$@\"; env; }} > '{told}'\nexit 255\n", encoding="ascii")
    ssh.chmod(0o755)
    git(clone, "config", "core.sshCommand", f"{ssh} -i deploy_key")
    git(clone, "remote", "set-url", "origin", "ssh://git@forge.example.org/news.git")
    monkeypatch.setenv("ENEWS_SECRET_KEY", "the key of all links")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    with pytest.raises(RepositoryError, match="the remote cannot be read"):
        pull(clone)
    said = told.read_text(encoding="utf-8")
    assert said.startswith("-i deploy_key -o BatchMode=yes")
    assert "GIT_TERMINAL_PROMPT=0" in said
    assert "the key of all links" not in said


def test_a_login_in_an_address_is_not_told(clone: Path) -> None:
    git(clone, "remote", "set-url", "origin", "https://ann:secret@127.0.0.1:1/news.git")
    with pytest.raises(RepositoryError, match=r"cannot be reached") as refused:
        pull(clone)
    assert "secret" not in str(refused.value)


def test_a_git_that_does_not_end_is_ended(clone: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    git(clone, "config", "core.sshCommand", f"cat '{pipe}' #")
    git(clone, "remote", "set-url", "origin", "ssh://forge.example.org/news.git")
    with pytest.raises(RepositoryError, match=r"took longer than 0\.3 s"):
        pull(clone, seconds=0.3)


def test_without_git_there_is_advice(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(clone))
    with pytest.raises(RepositoryError, match="git is not installed"):
        pull(clone)
