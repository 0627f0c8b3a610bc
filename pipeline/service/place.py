"""The name of this machine among several with one database: each builds an output of its own."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def place_in(state: Path) -> str:
    """A short random name, made once and kept in the state folder. Raises ConfigError."""
    path = state / "place"
    try:
        state.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f"place.{secrets.token_hex(4)}")
            draft.write_text(f"{secrets.token_hex(4)}\n", encoding="ascii")
            try:
                os.link(draft, path)  # unlike rename, never in the place of another's
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
