"""Jinja2, set up once: escaped, strict about missing names, with errors that name the line.

Two environments: HTML is escaped, plain text is not (else a subject would read `&amp;`). Nothing
in them reads a clock, a locale or a set, so that equal input gives equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from pipeline.errors import EnewsError, RenderError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Templates:
    """Templates by name (`site/home.html`), looked up in `folders`, first match wins."""

    def __init__(self, folders: Sequence[Path], *, bytecode: Path | None = None) -> None:
        self._folders = folders
        self._bytecode = FileSystemBytecodeCache(str(bytecode)) if bytecode else None
        self._html = self._environment(autoescape=True)
        self._text = self._environment(autoescape=False)

    def html(self, name: str, /, **values: object) -> str:
        """Fill an HTML template; values are escaped. Raises RenderError."""
        return _fill(self._html, name, values)

    def text(self, name: str, /, **values: object) -> str:
        """Fill a plain-text template; nothing is escaped. Raises RenderError."""
        return _fill(self._text, name, values)

    def share(self, **values: object) -> None:
        """Make values known to every template."""
        self._html.globals.update(values)
        self._text.globals.update(values)

    def asset(self, name: str) -> bytes:
        """The bytes of a file beside the templates, such as `site/assets/site.css`."""
        return self._files[name].read_bytes()

    def words(self, name: str) -> dict[str, str]:
        """The texts in a JSON file such as `site/words.json`; those left out are the default's.

        Raises RenderError.
        """
        found: dict[str, str] = {}
        for folder in reversed(self._folders):
            if (folder / name).is_file():
                mine = _words(folder / name, name)
                strange = sorted(mine.keys() - found.keys()) if found else []
                if strange:
                    raise RenderError(name, 1, f"no template says the word {strange[0]!r}")
                found.update(mine)
        return found

    def assets(self, folder: str) -> list[str]:
        """Names of the files below `folder`, sorted."""
        return [name for name in self._files if name.startswith(folder)]

    def compile(self, folder: str) -> None:
        """Compile the HTML templates below `folder`; one that is wrong is left to who uses it."""
        for name in self.assets(folder):
            if name.endswith(".html"):
                with suppress(TemplateError):
                    self._html.get_template(name)

    @cached_property
    def digest(self) -> str:
        """Stands for every byte of every template."""
        total = hashlib.sha256()
        for name, path in self._files.items():
            total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()

    @cached_property
    def _files(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in reversed(self._folders):
            # All of them: a template may include one from any folder beside its own.
            for path in folder.rglob("*"):
                if path.is_file():
                    found[path.relative_to(folder).as_posix()] = path
        return dict(sorted(found.items()))

    def _environment(self, *, autoescape: bool) -> Environment:
        return Environment(
            autoescape=autoescape,  # noqa: S701  # text and subjects must not read &amp;
            undefined=StrictUndefined,
            loader=FileSystemLoader([str(folder) for folder in self._folders]),
            bytecode_cache=self._bytecode,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )


def _fill(environment: Environment, name: str, values: dict[str, Any]) -> str:
    try:
        return environment.get_template(name).render(values)
    except TemplateSyntaxError as error:
        raise RenderError(error.name or name, error.lineno, error.message or "") from error
    except EnewsError:
        raise
    except Exception as error:  # a template may do anything: add a text to a number, call itself
        where, line = _line_of(error, name)
        message = error.message if isinstance(error, TemplateError) else str(error)
        said = message or "this template cannot be used"
        kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
        raise RenderError(where, line, kind + said) from error


def _words(path: Path, name: str) -> dict[str, str]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise RenderError(name, line, f"not JSON: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise RenderError(name, 1, "expected words, each with its text")
    return found


def _line_of(error: BaseException, name: str) -> tuple[str, int]:
    """Template and line in which an error was raised: the last frame that Jinja2 mapped back."""
    where, line = name, 0
    trace = error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        for part in ("/site/", "/email/"):
            if part in path and path.endswith((".html", ".txt", ".xml", ".css")):
                where, line = part[1:] + path.rpartition(part)[2], trace.tb_lineno
        trace = trace.tb_next
    return where, line
