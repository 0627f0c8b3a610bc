"""What a template is told where it asks for something that is not there, in its author's words."""

from __future__ import annotations

from jinja2 import StrictUndefined
from jinja2.utils import missing


class Missing(StrictUndefined):
    """Strict: neither shown nor tested; names the nearest thing that is there."""

    @property
    def _undefined_message(self) -> str:
        name, inside = self._undefined_name, self._undefined_obj
        if self._undefined_hint:
            return self._undefined_hint
        if inside is missing:
            return f"there is no '{name}' here"
        # Only a mistake pays for loading difflib.
        from difflib import get_close_matches

        known = list(inside) if isinstance(inside, dict) else dir(inside)
        words = [word for word in known if isinstance(word, str) and not word.startswith("_")]
        near = get_close_matches(str(name), words, n=1)
        return f"there is no '{name}' in this" + (f"; did you mean '{near[0]}'?" if near else "")
