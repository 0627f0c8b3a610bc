"""Flat shapes in one small palette, and the scene that they are drawn on."""

import math
import random
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 675
ZOOM = 2  # drawn larger, then shrunk: smooth edges
COLORS = 96  # enough for flat shapes and their edges; under 60 KB a picture
MEDIA = Path(__file__).resolve().parents[2] / "content" / "media"

INK, NIGHT, TEAL, SAGE = "#1d3349", "#2c4a63", "#2f7f86", "#86b59a"
LEAF, CREAM, SAND, OCHRE = "#4d8c6f", "#f8efdf", "#ecd3a8", "#e6a23c"
CORAL, BRICK, PLUM, MIST = "#e0765a", "#b5523f", "#6d4262", "#cfe0dc"
COAL, STONE = "#2a1d1a", "#8d7b70"
SKINS = ("#8a5a3c", "#c98f64", "#5e3b2a", "#e2b48c")

Point = tuple[float, float]


class Scene:
    """A surface measured in the final picture's pixels."""

    def __init__(self, background: str) -> None:
        size = (WIDTH * ZOOM, HEIGHT * ZOOM)
        self._image = Image.new("RGB", size, background)
        self._draw = ImageDraw.Draw(self._image)

    def rect(self, x: float, y: float, w: float, h: float, fill: str, *, radius: float = 0) -> None:
        """Fill a rectangle from its top left corner, its corners rounded."""
        box = (x * ZOOM, y * ZOOM, (x + w) * ZOOM - 1, (y + h) * ZOOM - 1)
        self._draw.rounded_rectangle(box, radius * ZOOM, fill=fill)

    def shoulders(self, x: float, y: float, w: float, h: float, fill: str) -> None:
        """Fill a rectangle whose upper corners only are round."""
        box = (x * ZOOM, y * ZOOM, (x + w) * ZOOM - 1, (y + h) * ZOOM - 1)
        upper = (True, True, False, False)
        self._draw.rounded_rectangle(box, w * ZOOM / 3, fill=fill, corners=upper)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        """Fill an ellipse around a centre."""
        box = ((x - rx) * ZOOM, (y - ry) * ZOOM, (x + rx) * ZOOM, (y + ry) * ZOOM)
        self._draw.ellipse(box, fill=fill)

    def disc(self, x: float, y: float, r: float, fill: str) -> None:
        """Fill a circle around a centre."""
        self.oval(x, y, r, r, fill)

    def ring(self, x: float, y: float, r: float, color: str, width: float) -> None:
        """Draw a circle's outline."""
        box = ((x - r) * ZOOM, (y - r) * ZOOM, (x + r) * ZOOM, (y + r) * ZOOM)
        self._draw.ellipse(box, outline=color, width=round(width * ZOOM))

    def pie(self, x: float, y: float, r: float, start: float, end: float, *, fill: str) -> None:
        """Fill a slice of a circle; degrees run clockwise from three o'clock."""
        box = ((x - r) * ZOOM, (y - r) * ZOOM, (x + r) * ZOOM, (y + r) * ZOOM)
        self._draw.pieslice(box, start, end, fill=fill)

    def poly(self, points: Iterable[Point], fill: str) -> None:
        """Fill a polygon."""
        self._draw.polygon([(x * ZOOM, y * ZOOM) for x, y in points], fill=fill)

    def line(self, points: Iterable[Point], color: str, width: float) -> None:
        """Draw a thick line with round joints and ends."""
        corners = list(points)
        scaled = [(x * ZOOM, y * ZOOM) for x, y in corners]
        self._draw.line(scaled, fill=color, width=round(width * ZOOM), joint="curve")
        for x, y in corners:
            self.disc(x, y, width / 2, color)

    def save(self, path: Path) -> None:
        """Shrink, reduce to a small set of colours and write as PNG."""
        small = self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        flat = small.quantize(COLORS, dither=Image.Dither.NONE)
        flat.save(path, optimize=True)


def hill(scene: Scene, base: float, rise: float, waves: float, fill: str) -> None:
    """Fill everything below a soft ridge line; its phase comes from `base`."""
    ridge: list[Point] = []
    phase = base / 40
    for x in range(0, WIDTH + 1, 8):
        bend = math.sin(x / WIDTH * waves * math.tau + phase)
        ridge.append((x, base - rise * (0.6 * bend + 0.4 * math.sin(x / 97 + phase))))
    scene.poly([*ridge, (WIDTH, HEIGHT), (0, HEIGHT)], fill)


def bust(
    scene: Scene, x: float, base: float, size: float, *, coat: str, skin: str, hair: str
) -> None:
    """Draw head and shoulders, `size` high, standing on `base`."""
    head, top = size * 0.21, base - size
    scene.shoulders(x - size * 0.36, base - size * 0.5, size * 0.72, size * 0.5, coat)
    neck = size * 0.075
    scene.rect(x - neck, top + head, neck * 2, head * 1.55, skin, radius=neck)
    scene.disc(x, top + head * 0.95, head * 1.08, hair)
    scene.oval(x, top + head * 1.2, head * 0.86, head * 0.98, skin)


def skyline(scene: Scene, base: float, seed: int, walls: tuple[str, ...]) -> None:
    """Draw a row of houses with a few lit windows."""
    dice, x = random.Random(seed), -20
    while x < WIDTH:
        width, height = dice.randint(54, 110), dice.randint(70, 210)
        scene.rect(x, base - height, width, height + 4, dice.choice(walls))
        for column in range(x + 12, x + width - 16, 22):
            for row in range(int(base - height) + 16, int(base) - 24, 32):
                if dice.random() < 0.55:
                    scene.rect(column, row, 9, 14, SAND)
        x += width + dice.choice((0, 0, 8))
