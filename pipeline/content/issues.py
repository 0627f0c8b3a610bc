"""The files of issues: plans, locks and released messages; the port `IssueFiles`."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.content.frontmatter import parse_document
from pipeline.content.lock import read_lock, write_lock
from pipeline.content.plan import read_plan, write_plan
from pipeline.errors import ContentError, IssueError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pipeline.core.issue import Lock
    from pipeline.core.plan import Plan

PLAN, LOCK, MESSAGE = ".md", ".lock.json", ".eml"
MARKS_OF_EDITORS = (".", "#")


class IssueFolder:
    """`content/issues/`, below the content folder `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def ids(self) -> frozenset[str]:
        """The ids of every plan, lock and message that is there, right or wrong."""
        return frozenset().union(*map(self._ids, (PLAN, LOCK, MESSAGE)))

    def released(self) -> frozenset[str]:
        """The ids of those with a lock, right or wrong."""
        return self._ids(LOCK)

    def locks(self) -> tuple[Lock, ...]:
        """Every released issue, by id. Raises ContentError, also for a message that was changed."""
        locks: list[Lock] = []
        problems: list[Problem] = []
        for path in self._paths(LOCK):
            try:
                lock = read_lock(path, (self._root / path).read_bytes())
                self.message(lock)
            except ContentError as error:
                problems.extend(error.problems)
            else:
                locks.append(lock)
        if problems:
            raise ContentError(problems)
        return tuple(locks)

    def plans(self, newsletters: Collection[str], released: Collection[str]) -> tuple[Plan, ...]:
        """Every plan that is not `released`, by id. Raises ContentError with every problem."""
        plans: list[Plan] = []
        problems: list[Problem] = []
        for path in self._paths(PLAN):
            if path.removeprefix("issues/").removesuffix(PLAN) in released:
                continue
            try:
                document = parse_document(path, (self._root / path).read_bytes())
                plans.append(read_plan(document, newsletters))
            except ContentError as error:
                problems.extend(error.problems)
        if problems:
            raise ContentError(problems)
        return tuple(plans)

    def message(self, lock: Lock) -> bytes:
        """The bytes that were released. Raises ContentError where they are not there any more."""
        path = f"issues/{lock.id}{MESSAGE}"
        expected = "this message was released: restore the file from version control"
        try:
            raw = (self._root / path).read_bytes()
        except OSError as error:
            found = error.strerror or "no file"
            raise ContentError([Problem(path=path, found=found, expected=expected)]) from error
        digest = hashlib.sha256(raw).hexdigest()
        if digest != lock.digest:
            found = f"other bytes ({digest[:12]}…, released as {lock.digest[:12]}…)"
            raise ContentError([Problem(path=path, found=found, expected=expected)])
        return raw

    def create(self, plan: Plan, titles: Mapping[str, str]) -> Plan:
        """Write a new plan, whole or not at all. Raises IssueError where the file is there."""
        self._write(plan.source, write_plan(plan, titles).encode(), new=True)
        return self._read(plan)

    def refresh(self, old: Plan, new: Plan) -> Plan:
        """Add to a plan's file what `new` has more of. Raises IssueError where that fails."""
        before = (self._root / old.source).read_bytes()
        # PyYAML loads only where a plan is refreshed.
        from pipeline.content.plan_text import refreshed

        after = refreshed(before.decode(), old, new).encode()
        reread = read_plan(parse_document(old.source, after), [old.newsletter])
        if (reread.sections, reread.offered) != (new.sections, new.offered):
            added = ", ".join(new.offered[len(old.offered) :])
            raise IssueError(f"{old.source} cannot be added to: write these ids into it: {added}")
        self._write(old.source, after, new=False)
        return self._read(new)

    def release(self, lock: Lock, message: bytes) -> None:
        """Write the message, then the lock: an issue is released when its lock is there.

        Raises IssueError where another message of this issue lies there: what was sent is kept.
        """
        place = self._root / f"issues/{lock.id}{MESSAGE}"
        if place.exists() and place.read_bytes() != message:
            raise IssueError(
                f"issues/{lock.id}{MESSAGE} holds another message, so this issue was released "
                "before: restore its lock from version control. If it never went out, delete it."
            )
        self._write(f"issues/{lock.id}{MESSAGE}", message, new=False)
        self._write(lock.source, write_lock(lock), new=True)

    def _read(self, plan: Plan) -> Plan:
        raw = (self._root / plan.source).read_bytes()
        return read_plan(parse_document(plan.source, raw), [plan.newsletter])

    def _ids(self, ending: str) -> frozenset[str]:
        paths = self._paths(ending)
        return frozenset(path.removeprefix("issues/").removesuffix(ending) for path in paths)

    def _paths(self, ending: str) -> list[str]:
        """Files below `issues/`, as paths below the content folder."""
        found = (self._root / "issues").glob(f"**/*{ending}")
        return sorted(
            path.relative_to(self._root).as_posix()
            for path in found
            if not path.name.startswith(MARKS_OF_EDITORS) and path.is_file()
        )

    def _write(self, path: str, data: bytes, *, new: bool) -> None:
        """Write a file so that it is seen whole or not at all, also after a crash."""
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        spare = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with spare.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if new:
                # A link, since renaming would replace what another process has just written.
                os.link(spare, target)
            else:
                spare.replace(target)
            _sync_folder(target.parent)
        except FileExistsError as error:
            raise IssueError(f"{path} is there already") from error
        except OSError as error:
            raise IssueError(f"{target}: {error.strerror}") from error
        finally:
            spare.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder last, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
