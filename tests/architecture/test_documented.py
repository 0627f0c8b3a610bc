"""What users can type is documented, and what the documentation names is there.

Names come from the code: commands and options from click, variables from `config`, keys from the
calls that read them, templates from their folder, targets from the Makefile.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from pipeline.cli import main
from pipeline.config import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FORMAT = ROOT / "docs/content-format.md"
COMMANDS = ROOT / "docs/commands.md"
TEMPLATES = ROOT / "docs/templates.md"
READING = {"boolean", "choice", "choices", "integer", "number", "parsed", "table", "tables",
           "take", "text", "texts"}  # fmt: skip
"""The methods of `Fields` that read a key."""

KEYS = {
    "newsroom": "The newsroom",
    "newsletter": "The newsroom",
    "sending": "The newsroom",
    "schedule": "The newsroom",
    "item": "Items",
    "theme": "Themes",
    "plan": "Issue plans",
}
"""By the module that reads them, the section of the content format that explains the keys."""

OURS = re.compile(r"(?:\.ci|bench|content|docs|pipeline|templates|tests)/[\w./-]*")
FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^ *\2 *$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ +(?P<words>.+?) *$", re.MULTILINE)
TEMPLATE = re.compile(r"(?:desk|site|email|newsroom)/[\w./-]+\.\w+")


def _name(value: object) -> str:
    return value.relative_to(ROOT).as_posix() if isinstance(value, Path) else str(value)


def _without_fences(text: str) -> str:
    return FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """What stands in code spans outside code blocks."""
    return [" ".join(match[2].split()) for match in SPAN.finditer(_without_fences(text))]


def section(text: str, title: str) -> str:
    """The text below a heading of the second level, to the next one."""
    _, found, rest = f"\n{text}".partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0] if found else ""


def missing(names: Iterable[str], text: str) -> list[str]:
    """The names that no code span holds as a word, also as the end of a dotted path."""
    said = spans(text)
    return [
        name
        for name in dict.fromkeys(names)
        if not any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", span) for span in said)
    ]


def keys_read(code: str) -> list[str]:
    """The keys that a module reads: `fields.text("title")`, and by helpers that take `Fields`."""
    tree = ast.parse(code)
    helpers = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and [ast.unparse(a.annotation) for a in node.args.args[:2] if a.annotation]
        == ["Fields", "str"]
    }
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in READING:
            place = 0
        elif isinstance(node.func, ast.Name) and node.func.id in helpers:
            place = 1
        else:
            continue
        key = node.args[place] if len(node.args) > place else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.append(key.value)
    return list(dict.fromkeys(found))


def commands(command: click.Command, name: str = "enews") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for word in command.list_commands(context):
        below = command.get_command(context, word)
        assert below is not None
        yield from commands(below, f"{name} {word}")


def options(command: click.Command) -> list[str]:
    """The names of a command's options."""
    return [
        name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    ]


def targets(makefile: str) -> list[str]:
    """The targets that the Makefile offers to people."""
    return re.findall(r"^([a-z][\w-]*):.*##", makefile, re.MULTILINE)


def slugs(text: str) -> set[str]:
    """The fragments that GitHub gives a document's headings."""
    words = (match["words"] for match in HEADING.finditer(_without_fences(text)))
    return {re.sub(r"[^\w\- ]", "", word.lower()).replace(" ", "-") for word in words}


def broken_links(path: Path, text: str) -> list[str]:
    """Relative links of the document at `path` to files or headings that are not there."""
    broken = []
    for match in LINK.finditer(SPAN.sub("", _without_fences(text))):
        target = match["target"]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, fragment = target.partition("#")
        other = (path.parent / file).resolve() if file else path
        known = text if other == path else None
        if known is None and other.suffix == ".md" and other.is_file():
            known = other.read_text("utf-8")
        if (file and not other.exists()) or (fragment and fragment not in slugs(known or "")):
            broken.append(target)
    return broken


def missing_paths(text: str) -> list[str]:
    """Paths of this repository that a document names and that are not there."""
    named = (span for span in spans(text) if OURS.fullmatch(span))
    return [path for path in dict.fromkeys(named) if not (ROOT / path).exists()]


COMMAND_TREE = dict(commands(main))
TEMPLATE_FILES = sorted(
    path.relative_to(ROOT / "templates").as_posix()
    for path in (ROOT / "templates").rglob("*")
    if path.is_file()
)


@pytest.mark.parametrize("name", COMMAND_TREE)
def test_every_command_with_its_options_is_documented(name: str) -> None:
    said = section(COMMANDS.read_text("utf-8"), f"`{name}`")
    assert said, f"docs/commands.md has no section `{name}`"
    assert missing(options(COMMAND_TREE[name]), said) == []


def test_the_options_before_the_command_are_documented() -> None:
    beginning = COMMANDS.read_text("utf-8").partition("\n## ")[0]
    assert missing([*options(main), "--help", "-h"], beginning) == []


def test_no_option_is_documented_that_does_not_exist() -> None:
    known = {"--help", *options(main), *(x for c in COMMAND_TREE.values() for x in options(c))}
    said = re.findall(r"(?<![\w-])--[a-z][\w-]*", COMMANDS.read_text("utf-8"))
    assert sorted(set(said) - known) == []


def test_the_environment_is_documented() -> None:
    text = COMMANDS.read_text("utf-8")
    assert missing(VARIABLES, section(text, "Environment")) == []
    said = {word for path in DOCS for word in re.findall(r"ENEWS_\w+", path.read_text("utf-8"))}
    known = VARIABLES.keys() | {f"{name}_FILE" for name in VARIABLES}
    assert sorted(said - known) == []


@pytest.mark.parametrize("module", KEYS)
def test_every_key_is_documented(module: str) -> None:
    keys = keys_read((ROOT / f"pipeline/content/{module}.py").read_text("utf-8"))
    if module == "theme":
        keys.append("image")  # read by the item's own function
    assert {"title", "connections", "backup"} & set(keys)
    said = section(FORMAT.read_text("utf-8"), KEYS[module])
    assert missing(keys, said) == []


def test_every_template_is_documented_and_no_other() -> None:
    text = TEMPLATES.read_text("utf-8")
    assert missing(TEMPLATE_FILES, text) == []
    said = {span for span in spans(text) if TEMPLATE.fullmatch(span)}
    assert sorted(said - set(TEMPLATE_FILES)) == []


def test_every_make_target_is_documented() -> None:
    names = targets((ROOT / "Makefile").read_text("utf-8"))
    assert "demo" in names
    assert missing([f"make {name}" for name in names], COMMANDS.read_text("utf-8")) == []


@pytest.mark.parametrize("path", DOCS, ids=_name)
def test_links_lead_somewhere(path: Path) -> None:
    assert broken_links(path, path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", DOCS, ids=_name)
def test_paths_are_there(path: Path) -> None:
    assert missing_paths(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", DOCS, ids=_name)
def test_lines_are_short(path: Path) -> None:
    text = _without_fences(path.read_text("utf-8"))
    prose = (line for line in text.splitlines() if not line.startswith("|"))
    assert [line for line in prose if len(line) > 100] == []


def test_a_missing_name_is_found() -> None:
    text = "`--json`, `image.src`, `make test`\n\n```sh\nenews build --full\n```\n"
    names = ["--json", "src", "make test", "--full", "--js", "image.alt"]
    assert missing(names, text) == ["--full", "--js", "image.alt"]


def test_a_key_is_found_however_it_is_read() -> None:
    code = (
        "def _ids(fields: Fields, key: str) -> tuple[str, ...]: ...\n"
        'a = fields.text("title", most=3)\nb = _ids(fields, "items")\n'
        'c = about.table("author") or fields.wrong("no", "expected this")\n'
    )
    assert sorted(keys_read(code)) == ["author", "items", "title"]


def test_a_section_ends_with_the_next() -> None:
    text = "# T\n\n## One\n\n`a`\n\n### Sub\n\n`b`\n\n## Two\n\n`c`\n"
    assert missing(["a", "b", "c"], section(text, "One")) == ["c"]
    assert section(text, "Three") == ""


def test_an_undocumented_command_is_found() -> None:
    group = click.Group("x", commands=[click.Command("y", params=[click.Option(["--z"])])])
    found = dict(commands(group, "x"))
    assert list(found) == ["x y"]
    assert missing(options(found["x y"]), "`--zz`") == ["--z"]


def test_a_target_without_an_explanation_is_no_offer() -> None:
    assert targets("demo: a  ## it\n\tb\n.venv/x: y\nq: r\n") == ["demo"]


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[a](docs/why.md) [b](https://example.org/) [c](#one)\n\n# One\n", []),
        ("[a](docs/nowhere.md)", ["docs/nowhere.md"]),
        ("[a](#two)\n\n# One\n", ["#two"]),
        ("[a](docs/why.md#nothing-of-the-kind)", ["docs/why.md#nothing-of-the-kind"]),
        ("`[a](docs/nowhere.md)`\n\n```\n[a](docs/nowhere.md)\n```\n", []),
    ],
)
def test_a_broken_link_is_found(text: str, broken: list[str]) -> None:
    assert broken_links(ROOT / "README.md", text) == broken


def test_a_missing_path_is_found() -> None:
    text = "`pipeline/core/` `docs/why.md` `docs/because.md` `content/themes/<key>.md`"
    assert missing_paths(text) == ["docs/because.md"]
