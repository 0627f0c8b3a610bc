"""The files of issues: plans, locks and released messages; the port `IssueFiles`."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.content.frontmatter import parse_document
from pipeline.errors import ContentError, IssueError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from pipeline.core.issue import Lock, LockedVersion
    from pipeline.core.plan import Plan

PLAN, LOCK, MESSAGE = ".md", ".lock.json", ".eml"
RELEASED = "this message was released: restore the file from version control"
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
            # Here and below: a newsroom without issues loads nothing for them.
            from pipeline.content.lock import read_lock

            try:
                lock = read_lock(path, (self._root / path).read_bytes())
                for version in lock.all_versions:
                    self._message(lock, version)
            except ContentError as error:
                problems.extend(error.problems)
            else:
                locks.append(lock)
        if problems:
            raise ContentError(problems)
        return tuple(locks)

    def plans(
        self, newsletters: Mapping[str, Sequence[str]], released: Collection[str]
    ) -> tuple[Plan, ...]:
        """Every plan that is not `released`, by id. Raises ContentError with every problem.

        `newsletters` has the key of each and its further languages.
        """
        plans: list[Plan] = []
        problems: list[Problem] = []
        for path in self._paths(PLAN):
            if path.removeprefix("issues/").removesuffix(PLAN) in released:
                continue
            from pipeline.content.plan import read_plan

            try:
                document = parse_document(path, (self._root / path).read_bytes())
                plans.append(read_plan(document, newsletters))
            except ContentError as error:
                problems.extend(error.problems)
        if problems:
            raise ContentError(problems)
        return tuple(plans)

    def message(self, lock: Lock, lang: str = "") -> bytes:
        """The bytes that were released in a language ("": the main one).

        Raises ContentError where they are not there any more.
        """
        versions = lock.all_versions
        return self._message(lock, next((x for x in versions if x.lang == lang), versions[0]))

    def _message(self, lock: Lock, version: LockedVersion) -> bytes:
        path = lock.message_file(version)
        try:
            raw = (self._root / path).read_bytes()
        except OSError as error:
            found = error.strerror or "no file"
            raise ContentError([Problem(path=path, found=found, expected=RELEASED)]) from error
        digest = hashlib.sha256(raw).hexdigest()
        if digest != version.digest:
            found = f"other bytes ({digest[:12]}…, released as {version.digest[:12]}…)"
            raise ContentError([Problem(path=path, found=found, expected=RELEASED)])
        return raw

    def create(self, plan: Plan, titles: Mapping[str, str]) -> Plan:
        """Write a new plan, whole or not at all. Raises IssueError where the file is there."""
        from pipeline.content.plan import write_plan

        self._write(plan.source, write_plan(plan, titles).encode(), new=True)
        return self._read(plan)

    def refresh(self, old: Plan, new: Plan) -> Plan:
        """Add to a plan's file what `new` has more of. Raises IssueError where that fails."""
        before = (self._root / old.source).read_bytes()
        # PyYAML loads only where a plan is refreshed.
        from pipeline.content.plan_text import refreshed

        after = refreshed(before.decode(), old, new).encode()
        reread = _reread(old, after)
        if (reread.sections, reread.offered) != (new.sections, new.offered):
            added = ", ".join(new.offered[len(old.offered) :])
            raise IssueError(f"{old.source} cannot be added to: write these ids into it: {added}")
        self._write(old.source, after, new=False)
        return self._read(new)

    def release(self, lock: Lock, messages: Mapping[str, bytes]) -> None:
        """Write the message in each language, then the lock: it alone makes an issue released.

        `messages` go by language, as the lock's versions do. Raises IssueError where another
        message of this issue lies there: what was sent is kept.
        """
        wanted = {lock.message_file(v): messages[v.lang] for v in lock.all_versions}
        for path in self._paths(MESSAGE):
            here = self._root / path
            if _id_of(path, MESSAGE) == lock.id and here.read_bytes() != wanted.get(path):
                raise IssueError(
                    f"{path} holds another message, so this issue was released before: restore "
                    "its lock from version control. If it never went out, delete the message."
                )
        for path, message in wanted.items():
            self._write(path, message, new=False)
        from pipeline.content.lock import write_lock

        self._write(lock.source, write_lock(lock), new=True)

    def _read(self, plan: Plan) -> Plan:
        return _reread(plan, (self._root / plan.source).read_bytes())

    def _ids(self, ending: str) -> frozenset[str]:
        return frozenset(_id_of(path, ending) for path in self._paths(ending))

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


def _reread(plan: Plan, raw: bytes) -> Plan:
    """A plan's file as it is now; its languages are those that it had."""
    from pipeline.content.plan import read_plan

    further = [version.lang for version in plan.versions]
    return read_plan(parse_document(plan.source, raw), {plan.newsletter: further})


def _id_of(path: str, ending: str) -> str:
    """The id of the issue that a file belongs to; a message's name may hold its language."""
    name = path.removeprefix("issues/").removesuffix(ending)
    return name.partition(".")[0] if ending == MESSAGE else name


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder last, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
