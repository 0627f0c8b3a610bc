"""Portraits: champions and those who were interviewed."""

import random
from dataclasses import dataclass

from shapes import (
    BRICK,
    COAL,
    CORAL,
    CREAM,
    INK,
    MIST,
    NIGHT,
    OCHRE,
    PLUM,
    SAGE,
    SAND,
    SKINS,
    TEAL,
    Scene,
    bust,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitter:
    """Whom a portrait shows: colours, and the cut of the hair."""

    sky: str
    halo: str
    coat: str
    skin: str
    hair: str
    cut: str  # long, bun, short, beard
    seed: int  # places the shapes behind


def backdrop(scene: Scene, sitter: Sitter) -> None:
    """Draw quiet half and quarter circles around a bright disc."""
    dice = random.Random(sitter.seed)
    palette = (CREAM, SAND, MIST, OCHRE, CORAL)
    colors = [color for color in palette if color not in (sitter.halo, sitter.sky)]
    for x, y in ((60, 120), (210, 330), (90, 600), (1130, 90), (1000, 300), (1110, 560)):
        size, start = dice.randint(46, 84), dice.choice((180, 180, 270))
        scene.pie(x, y, size, start, 360, fill=dice.choice(colors))
    scene.disc(600, 340, 290, sitter.halo)


def portrait(sitter: Sitter) -> Scene:
    """Draw one person, as for a champion or an interview."""
    scene = Scene(sitter.sky)
    backdrop(scene, sitter)
    if sitter.cut == "long":
        scene.rect(482, 190, 236, 300, sitter.hair, radius=110)
    elif sitter.cut == "bun":
        scene.disc(538, 118, 62, sitter.hair)
    bust(scene, 600, 700, 580, coat=sitter.coat, skin=sitter.skin, hair=sitter.hair)
    if sitter.cut in ("short", "beard"):
        scene.disc(600, 235, 140, sitter.halo)
        scene.disc(600, 246, 116, sitter.hair)
        scene.rect(462, 252, 276, 140, sitter.halo)
        scene.rect(556, 330, 88, 160, sitter.skin, radius=44)
        scene.shoulders(391, 410, 418, 290, sitter.coat)
        scene.oval(600, 266, 105, 119, sitter.skin)
    if sitter.cut == "beard":
        scene.oval(600, 322, 94, 76, sitter.hair)
        scene.oval(600, 276, 80, 62, sitter.skin)
        scene.rect(574, 344, 52, 10, sitter.skin, radius=5)
    scene.pie(600, 240, 106, 180, 360, fill=sitter.hair)
    scene.poly([(540, 420), (660, 420), (600, 530)], CREAM)
    scene.poly([(556, 408), (644, 408), (600, 486)], sitter.skin)
    return scene


def interview() -> Scene:
    """Two people talking, their words as circles between them."""
    scene = Scene("#f4ddb8")
    scene.disc(300, 380, 270, SAGE)
    scene.disc(900, 380, 270, CORAL)
    bust(scene, 300, 690, 480, coat=INK, skin=SKINS[1], hair="#4a2f26")
    bust(scene, 900, 690, 480, coat=PLUM, skin=SKINS[2], hair=INK)
    for x, y, radius, color in (
        (500, 150, 52, TEAL),
        (600, 104, 34, OCHRE),
        (690, 172, 58, BRICK),
        (592, 226, 40, CREAM),
    ):
        scene.disc(x, y, radius, color)
    return scene


SITTERS: dict[str, Sitter] = {
    "portrait-teal": Sitter(
        sky=TEAL, halo=SAND, coat=CORAL, skin=SKINS[1], hair=INK, cut="long", seed=3
    ),
    "portrait-plum": Sitter(
        sky=PLUM, halo=OCHRE, coat=TEAL, skin=SKINS[2], hair=COAL, cut="bun", seed=6
    ),
    "portrait-sage": Sitter(
        sky=SAGE, halo=CREAM, coat=NIGHT, skin=SKINS[3], hair=BRICK, cut="long", seed=11
    ),
    "portrait-ochre": Sitter(
        sky=OCHRE, halo=CREAM, coat=PLUM, skin=SKINS[2], hair=COAL, cut="short", seed=8
    ),
    "portrait-coral": Sitter(
        sky=CORAL, halo=SAND, coat=TEAL, skin=SKINS[1], hair=COAL, cut="beard", seed=5
    ),
    "portrait-night": Sitter(
        sky=NIGHT, halo=SAGE, coat=BRICK, skin=SKINS[3], hair=INK, cut="bun", seed=14
    ),
}
