"""Jinja2, set up once: escaped, strict about missing names, with errors that name the line.

Two environments: HTML is escaped, plain text is not (else a subject would read `&amp;`). Nothing
in them reads a clock, a locale, a set or chance, so that equal input gives equal bytes.

The program's own templates are part of the program. As soon as a newsroom has one of its own, all
run in a sandbox (which costs an eighth of a page's time), bounded in what they may use.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    TemplateError,
    TemplateSyntaxError,
)

from pipeline.errors import EnewsError, RenderError
from pipeline.render.missing import Missing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.ports.building import Bounded
    from pipeline.render.words import Words

LONGEST = 20_000_000
"""Characters of a page from a template that an editor wrote."""

_SURROGATE = re.compile("[\ud800-\udfff]")

_MEANING: dict[type[Exception], str] = {MemoryError: "this needs more memory than any page"}

PAGES = "site/"
"""The folder of the templates of pages."""

PARTS = ("site", "email")
"""The folders of templates that have words."""


class Templates:
    """Templates by name (`site/home.html`), looked up in `folders`, first match wins."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        bytecode: Path | None = None,
        bounded: Bounded | None = None,
    ) -> None:
        self._folders = folders
        self._bounded = bounded
        self._bytecode_folder = bytecode
        self._words: dict[tuple[str, str], Words] = {}

    def html(self, name: str, /, **values: object) -> str:
        """Fill an HTML template; values are escaped. Raises RenderError."""
        return self._fill(self._html, name, values)

    def text(self, name: str, /, **values: object) -> str:
        """Fill a plain-text template; nothing is escaped. Raises RenderError."""
        return self._fill(self._text, name, values)

    def asset(self, name: str) -> bytes:
        """The bytes of a file beside the templates, such as `site/assets/site.css`."""
        return self._files[name].read_bytes()

    def words(self, part: str, lang: str) -> Words:
        """The words of a part (`site`, `email`) in a language. Raises RenderError."""
        known = self._words.get((part, lang))
        if known is None:
            from pipeline.render.word_files import WordFiles

            known = WordFiles(part, self._folders, self._bytecode_folder).words(lang)
            self._words[part, lang] = known
        return known

    def check_words(self) -> None:
        """Read each PO file of the newsroom's own. Raises RenderError."""
        from pipeline.render.word_files import WordFiles

        for part in PARTS:
            WordFiles(part, self._folders, None).check()

    def assets(self, folder: str) -> list[str]:
        """Names of the files below `folder`, sorted."""
        return [name for name in self._files if name.startswith(folder)]

    def names(self, folder: str) -> list[str]:
        """What the templates right below `folder` are called, without folder and ending."""
        return [name.removeprefix(folder).removesuffix(".html") for name in self.assets(folder)]

    def default(self, name: str) -> bytes:
        """The program's own file of that name, whatever the newsroom has; b"" for none."""
        path = self._folders[-1] / name
        return path.read_bytes() if path.is_file() else b""

    def compile(self, folder: str) -> bool:
        """Compile the HTML templates below `folder`; one that is wrong is left to who uses it.

        What is compiled is kept on the disk, for other processes and later builds. True always, as
        what is begun in another process has to say something.
        """
        for name in self.assets(folder):
            if name.endswith(".html"):
                with suppress(TemplateError):
                    self._html.get_template(name)
        return True

    @cached_property
    def digest(self) -> str:
        """Stands for every byte of every template."""
        total = hashlib.sha256()
        for name, path in self._files.items():
            total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()

    @cached_property
    def sandboxed(self) -> bool:
        """Whether a template may be an editor's: any file of theirs that is no asset, no words."""
        return any(
            path.is_file() and not _is_plain(path.relative_to(folder).as_posix())
            for folder in self._folders[:-1]
            for path in folder.rglob("*")
        )

    @property
    def _kind(self) -> type[Environment]:
        if not self.sandboxed:
            return Environment
        from pipeline.render.sandbox import Sandbox

        return Sandbox

    @cached_property
    def _html(self) -> Environment:
        return self._environment(autoescape=True)

    @cached_property
    def _text(self) -> Environment:
        return self._environment(autoescape=False)

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
        environment = self._kind(
            autoescape=autoescape,
            undefined=Missing,
            loader=FileSystemLoader([str(folder) for folder in self._folders]),
            bytecode_cache=self._compiled(autoescape=autoescape),
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        # What they give is another text each time.
        del environment.globals["lipsum"], environment.filters["random"]
        return environment

    def _compiled(self, *, autoescape: bool) -> FileSystemBytecodeCache | None:
        """Compiled templates, apart for each environment: whether to escape is compiled in."""
        if self._bytecode_folder is None:
            return None
        kind = f"{'sandbox' if self.sandboxed else 'own'}-{'html' if autoescape else 'text'}"
        return FileSystemBytecodeCache(str(self._bytecode_folder), f"{kind}-%s.cache")

    def _fill(self, environment: Environment, name: str, values: dict[str, Any]) -> str:
        if not self.sandboxed:
            return self._rendered(environment, name, values)
        work = partial(self._rendered, environment, name, values)
        text = self._bounded(work) if self._bounded else work()
        if len(text) > LONGEST:
            raise RenderError(name, 0, f"this fills more than {LONGEST:,} characters")
        if half := _SURROGATE.search(text):
            raise RenderError(name, 0, f"half a character, U+{ord(half[0]):X}: no file holds one")
        return text

    def _rendered(self, environment: Environment, name: str, values: dict[str, Any]) -> str:
        try:
            return environment.get_template(name).render(values)
        except TemplateSyntaxError as error:
            raise RenderError(error.name or name, error.lineno, error.message or "") from error
        except EnewsError:
            raise
        except Exception as error:  # a template may do anything: add text to a number, call itself
            where, line = self._line_of(error, name)
            message = error.message if isinstance(error, TemplateError) else str(error)
            said = message or _MEANING.get(type(error), "this template cannot be used")
            kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
            raise RenderError(where, line, kind + said) from error

    def _line_of(self, error: BaseException, name: str) -> tuple[str, int]:
        """Template and line where an error was raised: the last frame that Jinja2 mapped back."""
        where, line = name, 0
        trace = error.__traceback__
        while trace is not None:
            path = trace.tb_frame.f_code.co_filename
            for folder in self._folders:
                if path.startswith(f"{folder}/"):
                    where, line = path[len(f"{folder}/") :], trace.tb_lineno
            trace = trace.tb_next
        return where, line


def _is_plain(name: str) -> bool:
    """Whether a file holds nothing that Jinja2 would run."""
    return name.startswith("site/assets/") or ("/words/" in name and name.endswith(".po"))
