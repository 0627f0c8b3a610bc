"""Jinja2, set up once: escaped, strict about missing names, with errors that name the line.

Two environments: HTML is escaped, plain text is not (else a subject would read `&amp;`). Nothing
in them reads a clock, a locale or a set, so that equal input gives equal bytes.
"""

from __future__ import annotations

import hashlib
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

from pipeline.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jinja2 import Template


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

    def assets(self, folder: str) -> list[str]:
        """Names of the files below `folder`, sorted."""
        return [name for name in self._files if name.startswith(folder)]

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
            for part in ("site", "email"):
                for path in (folder / part).rglob("*"):
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
        return _get(environment, name).render(values)
    except TemplateSyntaxError as error:
        raise RenderError(error.name or name, error.lineno, error.message or "") from error
    except TemplateError as error:
        where, line = _line_of(error, name)
        raise RenderError(where, line, error.message or type(error).__name__) from error


def _get(environment: Environment, name: str) -> Template:
    return environment.get_template(name)


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
