"""The record of every id that readers have seen: the port `Published`. Not a cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class PublishedFile:
    """`.pipeline/published.json`: id → the file below `content/` that it came from."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ids(self) -> Mapping[str, str]:
        """Each id with its file. Raises OutputError where the record cannot be read."""
        try:
            ids = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise OutputError(
                f"{self._path} cannot be read ({error}): restore it from a backup, or delete it "
                "and give up noticing that published ids have vanished"
            ) from error
        return {str(key): str(value) for key, value in ids.items()}

    def keep(self, ids: Mapping[str, str]) -> None:
        """Replace the record, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        text = json.dumps(ids, ensure_ascii=False, indent=0, sort_keys=True)
        fresh.write_text(text + "\n", "utf-8")
        fresh.replace(self._path)
