"""Adds to the text of a plan and leaves the rest of it, to the last blank, as its editor left it.

YAML is composed only to learn where its nodes stand; what is added is put there as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from pipeline.content.plan import scalar, titles_lines
from pipeline.errors import IssueError

if TYPE_CHECKING:
    from pipeline.core.plan import Plan, PlanSection

_HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<head>.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.S | re.M)


def refreshed(text: str, old: Plan, new: Plan) -> str:
    """The file's `text` for the plan `old`, with what `new` has more of. Raises IssueError."""
    found = _HEAD.match(text)
    root = yaml.compose(found["head"], Loader=yaml.BaseLoader) if found else None
    if found is None or not isinstance(root, yaml.MappingNode):
        raise IssueError(f"{old.source}: the front matter cannot be added to")
    edits = _Edits(found["head"])
    _grow_sections(edits, root, old, new)
    edits.extend(root, "offered", new.offered[len(old.offered) :], "")
    start, end = found.span("head")
    return text[:start] + edits.apply() + text[end:]


def _grow_sections(edits: _Edits, root: yaml.MappingNode, old: Plan, new: Plan) -> None:
    sections = _value(root, "sections")
    nodes = sections.value if isinstance(sections, yaml.SequenceNode) else []
    for node, before, after in zip(nodes, old.sections, new.sections, strict=False):
        edits.extend(node, "items", after.items[len(before.items) :], "  ")
    added = new.sections[len(old.sections) :]
    if not added:
        return
    if isinstance(sections, yaml.SequenceNode) and sections.flow_style:
        edits.into_flow(sections, [_in_flow(section) for section in added])
        return
    inside = isinstance(sections, yaml.SequenceNode)
    indent = " " * sections.start_mark.column if inside and sections else "  "
    lines = [line for section in added for line in _in_lines(section, indent)]
    if sections is None:
        edits.at_end(["sections:", *lines])
    else:
        edits.after_line(_end(sections) if inside else sections.start_mark.index, lines)


def _in_flow(section: PlanSection) -> str:
    ids = ", ".join(map(scalar, section.items))
    pairs = ", ".join(f"{lang}: {_quoted(title)}" for lang, title in section.titles.items())
    titles = f"titles: {{{pairs}}}, " if pairs else ""
    titles += f"layout: {scalar(section.layout)}, " if section.layout else ""
    return f"{{title: {_quoted(section.title)}, {titles}items: [{ids}]}}"


def _in_lines(section: PlanSection, indent: str) -> list[str]:
    head = [f"{indent}- title: {scalar(section.title)}", *titles_lines(section, f"{indent}  ")]
    ids = (f"{indent}    - {scalar(item)}" for item in section.items)
    return [*head, f"{indent}  items:", *ids]


class _Edits:
    """Insertions into a text, made all at once, so that no one moves another's place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._break = "\r\n" if "\r\n" in text else "\n"
        self._insertions: list[tuple[int, str]] = []

    def extend(self, parent: yaml.Node, key: str, added: tuple[str, ...], indent: str) -> None:
        """Put ids at the end of the list under a key of `parent`, in the list's own style."""
        if not added:
            return
        node = _value(parent, key)
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            dash = " " * node.start_mark.column
            self.after_line(_end(node), [f"{dash}- {scalar(item)}" for item in added])
        elif isinstance(node, yaml.SequenceNode):
            self.into_flow(node, [scalar(item) for item in added])
        elif isinstance(node, yaml.ScalarNode) and node.value:
            self._wrap(node, added)
        else:
            self._new_list(parent, node, key, added, indent)

    def after_line(self, index: int, lines: list[str]) -> None:
        """Whole lines below the one that holds `index`."""
        end = self._text.find("\n", index)
        place = len(self._text) if end < 0 else end + 1
        self._insertions.append((place, "".join(line + self._break for line in lines)))

    def into_flow(self, node: yaml.SequenceNode, texts: list[str]) -> None:
        """Entries at the end of `[…]`."""
        glue = ", " if node.value else ""
        place = _end(node.value[-1]) if node.value else node.start_mark.index + 1
        self._insertions.append((place, glue + ", ".join(texts)))

    def at_end(self, lines: list[str]) -> None:
        """Whole lines at the end of the front matter."""
        self._insertions.append((len(self._text), "".join(x + self._break for x in lines)))

    def apply(self) -> str:
        """The text with everything put in; at one place, in the order in which it was asked."""
        text = self._text
        for _, (place, added) in sorted(
            enumerate(self._insertions), key=lambda pair: (pair[1][0], pair[0]), reverse=True
        ):
            text = text[:place] + added + text[place:]
        return text

    def _wrap(self, node: yaml.ScalarNode, added: tuple[str, ...]) -> None:
        """A single id instead of a list becomes one."""
        self._insertions.append((node.start_mark.index, "["))
        self._insertions.append((node.end_mark.index, f", {', '.join(map(scalar, added))}]"))

    def _new_list(
        self,
        parent: yaml.Node,
        node: yaml.Node | None,
        key: str,
        added: tuple[str, ...],
        indent: str,
    ) -> None:
        ids = f"[{', '.join(map(scalar, added))}]"
        if node is not None:
            self._insertions.append((node.start_mark.index, f" {ids}"))
        elif isinstance(parent, yaml.MappingNode) and parent.flow_style:
            self._insertions.append((_end(parent.value[-1][1]), f", {key}: {ids}"))
        elif indent:
            column = " " * parent.start_mark.column
            self.after_line(_end(parent), [f"{column}{key}: {ids}"])
        else:
            self.at_end([f"{key}: {ids}"])


def _value(node: yaml.Node, key: str) -> yaml.Node | None:
    """What stands under a key of a mapping."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _end(node: yaml.Node) -> int:
    """Where the last thing in a node ends; a block's own mark is behind the comments after it."""
    if isinstance(node, yaml.ScalarNode) or not node.value or getattr(node, "flow_style", False):
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _quoted(text: str) -> str:
    """A text that holds no comma or bracket outside quotes, for a flow mapping."""
    plain = scalar(text)
    return plain if plain.startswith('"') or "," not in plain else f'"{plain}"'
