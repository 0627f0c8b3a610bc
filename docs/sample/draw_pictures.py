"""Draw the sample newsroom's illustrations into content/media.

Every picture is made of flat shapes in one small palette, so that a listing of
them looks like one newsroom. Nothing is random that is not seeded: running this
twice gives the same pictures.

    python docs/sample/draw_pictures.py
"""

from collections.abc import Callable

from people import SITTERS, interview, portrait
from places import care_window, caribbean, conference, library, seoul, terraces
from shapes import MEDIA, Scene
from trades import carts, couriers, market, weaving, workshop

PICTURES: dict[str, Callable[[], Scene]] = {
    "seoul": seoul,
    "market": market,
    "terraces": terraces,
    "workshop": workshop,
    "weaving": weaving,
    "couriers": couriers,
    "care-window": care_window,
    "carts": carts,
    "conference": conference,
    "caribbean": caribbean,
    "library": library,
    "interview": interview,
}


def main() -> None:
    """Write every picture."""
    MEDIA.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        draw().save(MEDIA / f"{name}.png")
    for name, sitter in SITTERS.items():
        portrait(sitter).save(MEDIA / f"{name}.png")


if __name__ == "__main__":
    main()
