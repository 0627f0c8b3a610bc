"""`enews build --check`: a second build, apart and from nothing, compared byte for byte."""

from __future__ import annotations

import filecmp
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.app import App


def compare_build(app: App) -> list[str]:
    """Paths, sorted, whose bytes are not those that a new build makes, or that one side lacks.

    What begins with a dot (`.git`) is not the build's. Raises what the build raises.
    """
    from pipeline.flows.build import build

    with tempfile.TemporaryDirectory(prefix="enews-") as name:
        apart = app.beside(Path(name))
        with apart.workshop("enews build --check") as workshop:
            build(workshop, now=app.now())
        ours, fresh = app.settings.folders.output, apart.settings.folders.output
        paths = _files(ours) | _files(fresh)
        return sorted(
            path
            for path in paths
            if not (ours / path).is_file()
            or not (fresh / path).is_file()
            or not filecmp.cmp(ours / path, fresh / path, shallow=False)
        )


def _files(root: Path) -> set[str]:
    paths = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return {path for path in paths if not path.startswith(".")}
