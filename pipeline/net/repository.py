"""Pulling the content from its repository, by the git of this machine, without anybody to ask.

No hook runs, nothing is merged and no local change is touched: either the clone moves forward to
what was pushed, or it stays as it was and an error says why.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SECONDS = 180.0
"""For all of a pull; the first one after a long time may fetch many pictures."""
CONNECT_SECONDS = 20
SAID_MOST = 400
"""Characters of what git said that an error repeats."""

PULL = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "protocol.ext.allow=never"),
    *("-c", "merge.autoStash=false"),
    *("-c", "submodule.recurse=false"),
    *("-c", "gc.autoDetach=false"),
    *("pull", "--ff-only", "--no-rebase", "--quiet"),
)

OURS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
"""Variables that would lead git to another repository than that of the folder."""

ADVICE = (
    ("not a git repository", "it is no clone of a repository: make one with 'git clone'"),
    ("dubious ownership", "the clone is another user's: let it belong to who runs the service"),
    ("not currently on a branch", "check out the branch that is pushed to: 'git switch main'"),
    ("no tracking information", "say what it follows: 'git branch --set-upstream-to origin/main'"),
    ("no such ref was fetched", "its branch is gone from the remote; see 'git branch -vv'"),
    ("ambiguous argument 'HEAD'", "it has no commit yet: clone the repository anew"),
    ("fast-forward", "it has commits that the remote has not: push them, or undo them there"),
    (
        "overwritten by merge",
        "files changed here, too: commit and push them, or 'git restore' them",
    ),
    ("index.lock", "another git is at work there, or died: see that none is, and remove the file"),
    ("Host key verification", "connect once by hand as this user, to accept the remote's key"),
    ("Permission denied (publickey", "the remote knows no key of this user: add a deploy key"),
    ("could not read Username", "the remote wants a login: use a deploy key or a stored token"),
    ("Authentication failed", "the remote refuses the login: renew its token or key"),
    ("Could not resolve host", "the remote's name is not found: is the network up?"),
    ("unable to access", "the remote cannot be reached; the next push tries again"),
    (
        "Could not read from remote",
        "the remote cannot be read: see 'git remote -v', and its rights",
    ),
)
"""What git says, in its untranslated words, and what to do about it; the first that fits."""

_LOGIN = re.compile(r"//[^/@\s]+@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """The commits before and after, hex, and the paths that differ, as git names them."""

    before: str
    after: str
    files: tuple[str, ...]


def pull(folder: Path, *, seconds: float = SECONDS) -> Pulled:
    """Move the clone that `folder` is in forward to its remote. Raises RepositoryError."""
    git = _Git(folder, seconds)
    before = git.run("rev-parse", "--verify", "HEAD").strip()
    git.run(*PULL)
    after = git.run("rev-parse", "--verify", "HEAD").strip()
    listed = git.run("diff", "--name-only", "-z", before, after) if before != after else ""
    return Pulled(before=before, after=after, files=tuple(filter(None, listed.split("\0"))))


class _Git:
    """git in a folder, with nobody at the keyboard."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds
        self._environment = _quiet(os.environ)
        configured = self._call("config", "--get", "core.sshCommand")[1].strip()
        ssh = os.environ.get("GIT_SSH_COMMAND") or configured or "ssh"
        options = f"-o BatchMode=yes -o ConnectTimeout={CONNECT_SECONDS}"
        self._environment["GIT_SSH_COMMAND"] = f"{ssh} {options}"

    def run(self, *arguments: str) -> str:
        """What git answers. Raises RepositoryError where it refuses."""
        code, answer, said = self._call(*arguments)
        if code:
            raise self._refused(said)
        return answer

    def _call(self, *arguments: str) -> tuple[int, str, str]:
        """Code, output and complaints. Raises RepositoryError for no git, no folder, no end."""
        command = ("git", "-C", str(self._folder), *arguments)
        try:
            process = subprocess.Popen(  # noqa: S603  # git of this machine, no word of a stranger
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise RepositoryError("git is not installed: install it, or pull by hand") from error
        with process:
            try:
                answer, said = process.communicate(timeout=self._seconds)
            except subprocess.TimeoutExpired as error:
                raise RepositoryError(
                    f"{self._folder}: git took longer than {self._seconds:g} s and was ended; "
                    "is the remote reachable? Try 'git pull' by hand"
                ) from error
            finally:
                _end(process)
        return process.returncode, answer, said

    def _refused(self, said: str) -> RepositoryError:
        words = _LOGIN.sub("//…@", " ".join(said.split()))
        words = "".join(char for char in words if char.isprintable())[:SAID_MOST]
        advice = next((advice for sign, advice in ADVICE if sign in said), "try it by hand there")
        return RepositoryError(f"{self._folder} was not pulled: {advice} (git: {words})")


def _quiet(variables: Mapping[str, str]) -> dict[str, str]:
    """An environment in which git asks nobody, speaks English, and learns no secret of ours."""
    kept = {
        name: value
        for name, value in variables.items()
        if name not in OURS and not name.startswith("ENEWS_")
    }
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_OPTIONAL_LOCKS": "0",
    }


def _end(process: subprocess.Popen[str]) -> None:
    """End git and what it started (ssh, say), where it is not over."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
