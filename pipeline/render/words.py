"""The templates' own words in a language: `words.newest`, `words.by(authors=…)`, `words.items(3)`.

Where they come from is the business of `render.word_files`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jinja2 import UndefinedError
from markupsafe import Markup, escape

from pipeline.render.dates import format_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COUNT = "count"
"""The place of the number in a text that counts."""

PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")

_DOUBLED = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")


class Words:
    """The texts of one language, each an attribute; a text with places is to be called.

    A key that is not there is an error in the template that says it, never an empty place.
    """

    def __init__(self, texts: Mapping[str, tuple[str, list[str]]], name: str, lang: str) -> None:
        self._name = name
        for key, (plural, forms) in texts.items():
            ready = [_Form(text) for text in forms]
            if plural:
                value: object = Counted(key, ready, plural, lang)
            else:
                value = Phrase(key, ready[0]) if ready[0].places else forms[0]
            setattr(self, key, value)

    def __getattr__(self, key: str) -> Any:
        """Only for what is not there. Raises UndefinedError, which carries the template's line."""
        if key.startswith("_"):
            raise AttributeError(key)
        raise UndefinedError(f"there is no word {key!r} in {self._name}")


class Phrase:
    """A text with places in braces. Raises UndefinedError where one of them is left open."""

    def __init__(self, key: str, form: _Form) -> None:
        self._key = key
        self._form = form

    def __call__(self, **values: object) -> str:
        """The text with `values` in its places: markup where one of them is, else plain."""
        places = self._form.places
        if values.keys() != places:
            wanted = ", ".join(f"{place}=…" for place in sorted(places))
            raise UndefinedError(f"the word {self._key!r} wants ({wanted})")
        return self._form.filled(values)

    def __str__(self) -> str:
        return self()

    __html__ = __str__


class Counted:
    """A text that counts: called with a number, it is in the form which that asks for."""

    def __init__(self, key: str, forms: Sequence[_Form], plural: str, lang: str) -> None:
        from gettext import c2py

        self._key = key
        self._forms = forms
        self._place = c2py(plural)
        self._lang = lang

    def __call__(self, count: int, /, **values: object) -> str:
        """The text for `count`, which stands at {count} as the language writes numbers."""
        form = self._forms[self._place(abs(count))]
        places = {COUNT: format_number(count, self._lang), **values}
        missing = sorted(form.places - places.keys())
        if missing:
            raise UndefinedError(f"the word {self._key!r} wants {missing[0]}=…")
        return form.filled(places)

    def __str__(self) -> str:
        raise UndefinedError(f"the word {self._key!r} wants a number: words.{self._key}(3)")

    __html__ = __str__


class _Form:
    """A text made ready to be filled: what is in its places stands there as it is."""

    def __init__(self, text: str) -> None:
        self.places = frozenset(PLACE.findall(text))
        whole = text.replace("{", "{{").replace("}", "}}")
        self._plain = _DOUBLED.sub(r"{\1}", whole)
        self._escaped = str(escape(self._plain))

    def filled(self, values: Mapping[str, object]) -> str:
        """Markup where a value is, everything else escaped in it; else as plain as they are."""
        for value in values.values():
            if hasattr(value, "__html__"):
                marked = {name: escape(value) for name, value in values.items()}
                return Markup(self._escaped.format_map(marked))  # noqa: S704 # escaped just here
        return self._plain.format_map(values)
