"""The cases of the corpus: read from their files, and unpacked over the base newsroom."""

from __future__ import annotations

import os
import shutil
import tomllib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.errors import Problem

HERE = Path(__file__).parent
BASE = HERE / "base"
ORIENTATION = 0x0112
KEYS = frozenset({
    "about", "absent", "bytes", "encoded", "exit", "fifos", "files", "fill", "folders", "links",
    "names", "pictures", "problems", "publishes", "reads", "remove", "says", "seconds",
    "unreadable",
})  # fmt: skip


class Case:
    """One case; `data` is its file."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        assert self.data.keys() <= KEYS, self.data.keys() - KEYS

    @property
    def broken(self) -> bool:
        """True where problems are expected, False where a site is."""
        return "exit" in self.data

    def problems(self) -> list[dict[str, Any]]:
        """What is expected of each problem, in the order of the report."""
        found: list[dict[str, Any]] = self.data.get("problems", [])
        return found

    def unpack(self, content: Path, outside: Path) -> None:
        """Put the case's files into `content`; `outside` is where links may leave it for."""
        for name in self.data.get("remove", []):
            place = content / name
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        for name in self.data.get("folders", []):
            (content / name).mkdir(parents=True)
        for name, raw in self._files():
            path = os.path.join(os.fsencode(content), name)  # noqa: PTH118  # bytes
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            Path(os.fsdecode(path)).write_bytes(raw)
        for name in self.data.get("fifos", []):
            os.mkfifo(content / name)
        for name in self.data.get("unreadable", []):
            (content / name).chmod(0)
        for name, target in self.data.get("links", {}).items():
            link = content / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(target.replace("{outside}", str(outside)))

    def _files(self) -> Iterator[tuple[bytes, bytes]]:
        for name, text in self.data.get("files", {}).items():
            yield name.encode(), self._filled(text).encode()
        for name, how in self.data.get("encoded", {}).items():
            yield name.encode(), how["text"].encode(how["as"])
        for name, digits in self.data.get("bytes", {}).items():
            yield name.encode(), bytes.fromhex(digits)
        for name, text in self.data.get("names", {}).items():
            yield unquote_to_bytes(name), text.encode()
        for name, how in self.data.get("pictures", {}).items():
            yield name.encode(), picture(**how)

    def _filled(self, text: str) -> str:
        for mark, how in self.data.get("fill", {}).items():
            times = range(how["times"])
            text = text.replace(mark, "".join(how["text"].replace("{n}", str(n)) for n in times))
        return text


def picture(
    *, kind: str, size: tuple[int, int], orientation: int = 1, keep: int | None = None
) -> bytes:
    """A picture of one colour, turned by its notes, or only its first bytes."""
    buffer = BytesIO()
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    Image.new("RGB", (size[0], size[1]), (40, 90, 160)).save(buffer, kind, exif=notes)
    return buffer.getvalue()[:keep]


def cases() -> list[Case]:
    """All of them, by name."""
    return [Case(path) for path in sorted((HERE / "cases").glob("*.toml"))]


def matches(problem: Problem, expected: dict[str, Any]) -> bool:
    """True where a problem is the one that is expected."""
    return (
        problem.path == expected["path"]
        and problem.line == expected.get("line", 0)
        and problem.field == expected.get("field", "")
        and problem.found == expected.get("found", "")
        and expected["expected"] in problem.expected
    )
