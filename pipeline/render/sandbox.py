"""Where templates that an editor wrote run: they show what they are given, and can do no harm.

Jinja2's sandbox keeps them from names with an underscore, from changing what they are given, and
from long ranges. Closed here besides: products and powers that would keep one instruction busy for
hours, during which no signal is heard. Time and memory are the business of whoever calls (see
`Bounded`), and the length of a page that of `render.templates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from jinja2.runtime import Context

LONGEST = 1_000_000
"""Characters or entries that a product may have."""

BITS = 1_024
"""Binary digits of a number that may be multiplied."""


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for templates that are not the program's own."""

    intercepted_binops = frozenset({"*", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As the library does; what is ours holds plain data, so the short way is as safe.

        It halves what the sandbox costs, which is a third of the time of a page.
        """
        if attribute[:1] != "_" and type(obj).__module__.startswith("pipeline."):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return super().getattr(obj, attribute)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """A product or a power. Raises OverflowError where it would be beyond all use."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, int) and one.bit_length() > BITS:
                raise OverflowError("a number is too large to be multiplied")
            sized = isinstance(one, (str, bytes, list, tuple)) and isinstance(other, int)
            if sized and len(one) * other > LONGEST:
                raise OverflowError(f"a product would have more than {LONGEST:,} parts")
        whole = operator == "**" and isinstance(left, int) and isinstance(right, int)
        if whole and left.bit_length() * right > BITS:
            raise OverflowError("a power is too large")
        return super().call_binop(context, operator, left, right)
