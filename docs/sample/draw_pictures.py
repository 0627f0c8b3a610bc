"""Draw the sample newsroom's illustrations into content/media.

Every picture is made of flat shapes in one small palette, so that a listing of
them looks like one newsroom. Nothing is random that is not seeded: running this
twice gives the same pictures.

    python docs/sample/draw_pictures.py
"""

import math
import random
from collections.abc import Callable

from people import SITTERS, interview, portrait
from shapes import (
    BRICK,
    COAL,
    CORAL,
    CREAM,
    HEIGHT,
    INK,
    LEAF,
    MEDIA,
    MIST,
    NIGHT,
    OCHRE,
    PLUM,
    SAGE,
    SAND,
    SKINS,
    STONE,
    TEAL,
    WIDTH,
    Scene,
    bust,
    hill,
    skyline,
)


def seoul() -> Scene:
    """Seoul: mountains, the tower on its hill, the river, an old roof."""
    scene = Scene("#f9dfc0")
    scene.rect(0, 0, WIDTH, 190, "#f5cfa6")
    scene.disc(860, 215, 112, CORAL)
    scene.poly([(0, 330), (170, 190), (300, 300), (430, 170), (640, 360)], SAGE)
    scene.poly([(0, 400), (90, 300), (260, 380), (0, 470)], LEAF)
    scene.poly([(560, 420), (740, 300), (930, 330), (1200, 250), (1200, 450)], SAGE)
    scene.poly([(330, 430), (560, 292), (640, 300), (860, 430)], LEAF)
    scene.rect(592, 150, 16, 160, INK)
    scene.rect(597, 74, 6, 90, BRICK)
    scene.rect(572, 160, 56, 26, INK, radius=8)
    scene.rect(580, 190, 40, 14, INK, radius=6)
    skyline(scene, 452, 8, (NIGHT, TEAL, PLUM, "#3d6d83"))
    scene.rect(0, 450, WIDTH, 225, TEAL)
    for index, width in enumerate((260, 190, 320, 150, 220)):
        scene.rect(700 - width / 2 + index * 30, 548 + index * 25, width, 6, MIST, radius=3)
    for pier in range(60, WIDTH, 180):
        scene.rect(pier - 8, 490, 16, 56, INK)
        scene.ring(pier + 90, 562, 86, INK, 8)
    scene.rect(0, 546, WIDTH, 129, TEAL)
    scene.rect(0, 474, WIDTH, 18, INK)
    for index, width in enumerate((230, 340, 180, 280)):
        scene.rect(700 + index * 22 - width / 2, 570 + index * 26, width, 6, SAGE, radius=3)
    eaves = [(0, 520), (120, 512), (250, 528), (330, 560), (398, 552), (352, 606)]
    scene.poly([*eaves, (0, 606)], INK)
    scene.poly([(0, 500), (170, 496), (226, 520), (0, 524)], BRICK)
    for rafter in range(14, 330, 32):
        scene.rect(rafter, 594, 18, 22, OCHRE, radius=4)
    scene.rect(0, 616, 310, 59, CREAM)
    for post in (40, 160, 280):
        scene.rect(post, 606, 20, 69, BRICK)
    return scene


def stall(scene: Scene, x: float, stripe: str, fruit: tuple[str, ...]) -> None:
    """Draw one market stall with its awning, its keeper and three crates."""
    scene.rect(x + 12, 190, 10, 420, INK)
    scene.rect(x + 318, 190, 10, 420, INK)
    for index in range(8):
        color = stripe if index % 2 == 0 else CREAM
        scene.rect(x - 6 + index * 44, 170, 44, 100, color)
        scene.pie(x + 16 + index * 44, 269, 22, 0, 180, fill=color)
    for crate in range(3):
        left = x + 22 + crate * 100
        for ball in range(8):
            row, place = divmod(ball, 4)
            ball_x = left + 15 + place * 21 + row * 4
            scene.disc(ball_x, 468 - row * 15, 14, fruit[crate])
        scene.rect(left, 472, 92, 44, SAND, radius=4)
        scene.rect(left, 490, 92, 5, OCHRE)
    scene.rect(x, 516, 340, 100, INK, radius=4)
    scene.rect(x + 14, 530, 312, 72, stripe, radius=4)


def market() -> Scene:
    """Three stalls of one market, and the members who keep them."""
    scene = Scene("#fbe6c6")
    scene.disc(1010, 110, 84, OCHRE)
    skyline(scene, 420, 21, ("#e7c190", "#dfb184", "#edcfa2"))
    scene.rect(0, 420, WIDTH, 255, "#d9b98a")
    scene.rect(0, 596, WIDTH, 79, "#caa574")
    people = ((190, CORAL, 0, INK), (600, CREAM, 2, BRICK), (1010, SAGE, 1, PLUM))
    for x, coat, skin, hair in people:
        bust(scene, x, 480, 190, coat=coat, skin=SKINS[skin], hair=hair)
    stall(scene, 30, TEAL, (CORAL, LEAF, OCHRE))
    stall(scene, 430, BRICK, (OCHRE, PLUM, LEAF))
    stall(scene, 830, PLUM, (LEAF, CORAL, SAGE))
    return scene


def terraces() -> Scene:
    """Fields that follow the hill, step below step."""
    scene = Scene("#fdeccb")
    scene.disc(270, 170, 96, OCHRE)
    hill(scene, 250, 60, 1.2, MIST)
    hill(scene, 300, 46, 1.7, SAGE)
    colors = (LEAF, "#a9c686", TEAL, "#d8c76e", SAGE, LEAF, "#e3b955", TEAL, "#6fa06b")
    for step, color in enumerate(colors):
        base = 330 + step * 41 + step * step * 1.6
        hill(scene, base, 30 - step, 0.9, INK)
        hill(scene, base + 5, 30 - step, 0.9, color)
    scene.rect(842, 282, 84, 58, CREAM)
    scene.poly([(826, 286), (884, 238), (942, 286)], BRICK)
    scene.rect(874, 306, 20, 34, INK)
    for x, y, coat in ((410, 470, CORAL), (470, 478, PLUM), (720, 585, CORAL)):
        scene.rect(x - 12, y - 44, 24, 48, coat, radius=10)
        scene.disc(x, y - 52, 11, SKINS[0])
        scene.poly([(x - 26, y - 52), (x, y - 76), (x + 26, y - 52)], SAND)
    return scene


def workshop() -> Scene:
    """A workshop with tall windows, tools on the wall and two at the bench."""
    scene = Scene("#e9d6b4")
    for left in (60, 330, 870):
        scene.rect(left, 60, 230, 290, INK, radius=8)
        for column in range(2):
            for row in range(3):
                light = MIST if (column + row) % 2 else "#dcebe3"
                scene.rect(left + 12 + column * 105, 72 + row * 91, 98, 84, light)
    scene.rect(600, 90, 230, 260, "#d8bd90", radius=6)
    scene.rect(634, 120, 14, 130, BRICK, radius=5)
    scene.rect(612, 116, 58, 28, NIGHT, radius=4)
    scene.poly([(700, 140), (722, 140), (740, 290), (700, 290)], NIGHT)
    scene.rect(694, 112, 34, 34, OCHRE, radius=10)
    scene.ring(785, 160, 28, TEAL, 12)
    scene.rect(779, 186, 12, 120, TEAL, radius=6)
    for x in (200, 720, 1040):
        scene.rect(x - 2, 0, 4, 40, INK)
        scene.pie(x, 78, 46, 180, 360, fill=CORAL)
        scene.disc(x, 80, 12, OCHRE)
    scene.rect(0, 560, WIDTH, 115, "#b98d5f")
    for x, coat, apron, skin in ((400, TEAL, SAND, 1), (830, PLUM, CORAL, 2)):
        bust(scene, x, 520, 250, coat=coat, skin=SKINS[skin], hair=INK)
        scene.rect(x - 46, 412, 92, 110, apron, radius=10)
    scene.rect(90, 480, 1020, 40, BRICK, radius=6)
    scene.rect(90, 508, 1020, 14, "#93402f", radius=6)
    for leg in (140, 590, 1020):
        scene.rect(leg, 520, 40, 130, "#93402f", radius=4)
    scene.rect(500, 428, 200, 52, OCHRE, radius=4)
    scene.rect(520, 404, 160, 24, SAND, radius=4)
    scene.rect(190, 440, 90, 40, NIGHT, radius=6)
    scene.disc(980, 448, 32, NIGHT)
    scene.disc(980, 448, 13, SAND)
    return scene


def diamond(scene: Scene, x: float, y: float, size: float, fill: str) -> None:
    """Fill a stepped diamond, as a loom would make it."""
    step = size / 6
    for row in range(-5, 6):
        half = (6 - abs(row)) * step
        scene.rect(x - half, y + row * step * 0.8, half * 2, step * 0.82, fill)


def weaving() -> Scene:
    """Cloth on a loom: finished pattern above, bare warp and a shuttle below."""
    scene = Scene(CREAM)
    bands = ((0, 44, BRICK), (44, 14, OCHRE), (58, 160, TEAL), (218, 14, OCHRE))
    more = ((232, 40, INK), (272, 10, CORAL), (282, 150, SAND), (432, 36, BRICK))
    for y, height, color in (*bands, *more):
        scene.rect(0, y, WIDTH, height, color)
    for column in range(11):
        diamond(scene, column * 120, 138, 62, CREAM)
        diamond(scene, column * 120, 138, 34, CORAL)
        diamond(scene, column * 120 + 60, 357, 64, PLUM)
        diamond(scene, column * 120 + 60, 357, 40, OCHRE)
        diamond(scene, column * 120 + 60, 357, 16, INK)
        for tooth in range(4):
            left = column * 120 + tooth * 30
            scene.poly([(left, 270), (left + 15, 240), (left + 30, 270)], SAGE)
            scene.rect(left + 4, 440, 12, 20, SAND)
    for thread in range(6, WIDTH, 24):
        scene.rect(thread, 468, 8, 207, "#d9b98a")
    scene.line([(0, 498), (500, 520), (640, 572)], CORAL, 6)
    hull = [(470, 575), (560, 540), (860, 540), (950, 575), (860, 610), (560, 610)]
    scene.poly(hull, BRICK)
    scene.rect(590, 555, 240, 40, INK, radius=20)
    scene.rect(630, 560, 150, 30, CORAL, radius=12)
    return scene


def cyclist(scene: Scene, x: float, ground: float, coat: str, box: str) -> None:
    """Draw a courier riding to the right."""
    axle = ground - 74
    for wheel in (x - 116, x + 116):
        scene.ring(wheel, axle, 74, INK, 9)
        scene.disc(wheel, axle, 10, INK)
    crank, seat, bar = (x - 10, axle + 4), (x - 52, axle - 110), (x + 82, axle - 116)
    frame = [(x - 116, axle), seat, crank, (x - 116, axle)]
    scene.line(frame, CORAL, 9)
    scene.line([(x - 46, axle - 88), (x + 86, axle - 92), crank], CORAL, 9)
    scene.line([(x + 116, axle), bar, (x + 112, axle - 130)], INK, 9)
    scene.rect(x - 84, axle - 122, 64, 14, INK, radius=7)
    hip, neck = (x - 48, axle - 132), (x + 30, axle - 240)
    scene.line([hip, (x + 36, axle - 82), (x + 2, axle + 28)], NIGHT, 30)
    scene.line([(x - 2, axle + 34), (x + 32, axle + 34)], INK, 16)
    scene.line([hip, neck], coat, 56)
    scene.line([neck, (x + 46, axle - 172), (x + 108, axle - 138)], coat, 22)
    scene.disc(x + 62, axle - 292, 34, SKINS[1])
    scene.pie(x + 60, axle - 298, 40, 175, 365, fill=OCHRE)
    corners = [(-150, -260), (-48, -318), (10, -216), (-92, -158)]
    scene.poly([(x + dx, axle + dy) for dx, dy in corners], box)
    scene.line([(x - 99, axle - 289), (x - 41, axle - 187)], CREAM, 8)


def couriers() -> Scene:
    """Two bicycle couriers of one cooperative, crossing their town."""
    scene = Scene(MIST)
    scene.disc(600, 250, 190, "#e3ece2")
    skyline(scene, 470, 5, ("#9dbfbc", "#89b0b0", "#b4cdc6"))
    scene.rect(0, 470, WIDTH, 205, "#c9b08c")
    scene.rect(0, 530, WIDTH, 145, NIGHT)
    for dash in range(20, WIDTH, 170):
        scene.rect(dash, 628, 96, 10, CREAM, radius=5)
    cyclist(scene, 310, 600, TEAL, BRICK)
    cyclist(scene, 860, 600, PLUM, TEAL)
    return scene


def armchair_pair(scene: Scene) -> None:
    """Draw an old woman in her armchair and the carer beside her."""
    scene.rect(440, 300, 190, 230, BRICK, radius=50)
    bust(scene, 540, 500, 190, coat=SAGE, skin=SKINS[3], hair="#f4f1ea")
    scene.rect(420, 420, 50, 110, CORAL, radius=20)
    scene.rect(604, 420, 50, 110, CORAL, radius=20)
    scene.rect(440, 480, 196, 60, CORAL, radius=16)
    bust(scene, 730, 540, 270, coat=TEAL, skin=SKINS[0], hair=INK)
    scene.line([(700, 452), (650, 470), (606, 440)], TEAL, 30)
    scene.disc(602, 438, 17, SKINS[0])


def care_window() -> Scene:
    """A house at dusk; behind one lit window, someone is not alone."""
    scene = Scene(PLUM)
    for row in range(0, 675, 45):
        for brick in range(-60 + row % 90, WIDTH, 120):
            scene.rect(brick, row, 112, 38, "#734868", radius=3)
    for x, lit in ((60, NIGHT), (950, OCHRE)):
        for y in (70, 370):
            scene.rect(x, y, 190, 220, CREAM, radius=6)
            scene.rect(x + 12, y + 12, 166, 196, lit if y == 70 else NIGHT)
            scene.rect(x + 89, y + 12, 12, 196, CREAM)
            scene.rect(x - 14, y + 220, 218, 18, SAND, radius=4)
    scene.rect(340, 70, 520, 500, CREAM, radius=10)
    scene.rect(362, 92, 476, 456, "#f7c873")
    scene.rect(362, 92, 476, 120, "#fad794")
    scene.rect(597, 92, 6, 70, INK)
    scene.pie(600, 206, 54, 180, 360, fill=BRICK)
    scene.disc(600, 208, 14, CREAM)
    armchair_pair(scene)
    scene.rect(362, 92, 44, 456, CORAL)
    scene.rect(794, 92, 44, 456, CORAL)
    scene.rect(340, 536, 520, 34, CREAM, radius=6)
    scene.rect(310, 566, 580, 30, SAND, radius=6)
    for pot in (400, 600, 800):
        for angle in (-34, 0, 34):
            scene.oval(pot + angle, 520 - 14 * (angle == 0), 15, 34, LEAF)
        scene.rect(pot - 34, 540, 68, 40, BRICK, radius=8)
    return scene


def cart(scene: Scene, x: float, cloth: tuple[str, str, str]) -> None:
    """Draw a loaded handcart and the picker who pulls it."""
    for dx, dy, r, color in ((-96, 366, 62, 0), (84, 362, 66, 1), (-8, 326, 64, 2)):
        scene.disc(x + dx, dy, r, cloth[color])
        scene.rect(x + dx - 12, dy - r - 12, 24, 22, cloth[color], radius=6)
    scene.rect(x - 150, 384, 110, 60, SAND)
    scene.rect(x - 104, 384, 18, 60, OCHRE)
    scene.rect(x - 20, 374, 140, 70, "#dcb783")
    scene.rect(x + 40, 374, 20, 70, OCHRE)
    scene.line([(x + 160, 470), (x + 282, 442)], INK, 12)
    scene.rect(x - 180, 440, 350, 46, TEAL, radius=6)
    scene.rect(x - 180, 458, 350, 8, MIST)
    for wheel in (x - 90, x + 80):
        scene.disc(wheel, 520, 60, INK)
        scene.disc(wheel, 520, 44, SAND)
        for spoke in range(0, 180, 45):
            angle = math.radians(spoke)
            across, up = 44 * math.cos(angle), 44 * math.sin(angle)
            rim = [(wheel - across, 520 - up), (wheel + across, 520 + up)]
            scene.line(rim, INK, 5)
    walker = x + 290
    scene.line([(walker, 440), (walker - 34, 572)], NIGHT, 32)
    scene.line([(walker, 440), (walker + 40, 500), (walker + 44, 572)], INK, 32)
    scene.line([(walker + 6, 440), (walker + 26, 340)], cloth[1], 66)
    scene.line([(walker + 18, 346), (walker - 18, 400), (walker - 8, 444)], cloth[1], 22)
    scene.disc(walker + 44, 268, 34, SKINS[0])
    scene.pie(walker + 42, 262, 40, 170, 370, fill=OCHRE)
    scene.rect(walker + 60, 254, 38, 10, OCHRE, radius=5)


def carts() -> Scene:
    """Two recyclers bring in the morning's load."""
    scene = Scene("#f6dcb4")
    scene.disc(980, 150, 90, CREAM)
    hill(scene, 330, 70, 1.1, "#ecc593")
    skyline(scene, 500, 13, ("#dba873", "#cf9763", "#e2b581"))
    scene.rect(0, 500, WIDTH, 175, "#a9785a")
    scene.rect(0, 576, WIDTH, 99, "#96674d")
    cart(scene, 195, (CORAL, PLUM, SAGE))
    cart(scene, 775, (LEAF, BRICK, MIST))
    return scene


def conference() -> Scene:
    """A full hall, seen from the last row."""
    scene = Scene(NIGHT)
    for panel in range(9):
        color = TEAL if panel % 2 else "#37898f"
        scene.rect(panel * 134, 0, 134, 330, color)
    scene.rect(330, 46, 540, 210, CREAM, radius=8)
    scene.disc(480, 150, 66, CORAL)
    scene.disc(560, 150, 66, OCHRE)
    scene.disc(640, 150, 66, SAGE)
    scene.disc(720, 150, 66, PLUM)
    for index, x in enumerate((370, 485, 600, 715, 830)):
        coat = (CORAL, SAND, BRICK, MIST, OCHRE)[index]
        bust(scene, x, 345, 100, coat=coat, skin=SKINS[index % 4], hair=INK)
    scene.rect(300, 318, 600, 54, SAND, radius=6)
    scene.rect(300, 336, 600, 50, BRICK, radius=6)
    dice = random.Random(4)
    coats = (INK, PLUM, BRICK, LEAF, "#3d6d83", CORAL, SAND)
    hairs = (INK, "#4a2f26", COAL, STONE)
    for row in range(4):
        size, base = 100 + row * 48, 440 + row * 82
        gap = 84 + row * 38
        for seat in range(-1, WIDTH // gap + 2):
            center, top, width = (seat + row % 2 / 2) * gap, base - size, size * 0.66
            coat, hair = dice.choice(coats), dice.choice(hairs)
            left, neck = center - width / 2, top + size * 0.46
            scene.rect(left, neck, width, size, coat, radius=size * 0.22)
            scene.disc(center, top + size * 0.24, size * 0.2, hair)
        scene.rect(0, base + 10 + row * 5, WIDTH, 200, "#24405a")
    return scene


def palm(scene: Scene, x: float, y: float, size: float) -> None:
    """Draw a palm tree that leans into the wind."""
    scene.line([(x, y), (x + 14, y - size * 0.5), (x + 48, y - size)], BRICK, 14)
    top_x, top_y = x + 48, y - size
    for dx, dy in ((-110, 6), (-92, -48), (-20, -76), (70, -62), (116, -8), (84, 40)):
        middle = (top_x + dx * 0.6, top_y + dy * 0.6 - 26)
        inner = (top_x + dx * 0.5, top_y + dy * 0.5 + 6)
        scene.poly([(top_x, top_y), middle, (top_x + dx, top_y + dy), inner], LEAF)


def caribbean() -> Scene:
    """A Caribbean bay: bright houses, a boat, long waves."""
    scene = Scene("#fbe3bd")
    scene.rect(0, 0, WIDTH, 130, "#f8d3a2")
    scene.disc(820, 226, 104, CORAL)
    hill(scene, 300, 50, 0.8, SAGE)
    scene.rect(0, 322, WIDTH, 353, TEAL)
    scene.poly([(0, 250), (180, 262), (400, 322), (460, 352), (0, 380)], LEAF)
    for index, color in enumerate((CORAL, CREAM, OCHRE, PLUM)):
        left, top = 34 + index * 84, 244 + index * 10
        scene.rect(left, top, 68, 62, color)
        roof = [(left - 8, top), (left + 34, top - 36), (left + 76, top)]
        scene.poly(roof, BRICK if index != 3 else INK)
        scene.rect(left + 25, top + 26, 18, 36, NIGHT)
    scene.poly([(0, 316), (380, 326), (500, 360), (0, 400)], SAND)
    palm(scene, 400, 344, 200)
    scene.poly([(700, 408), (960, 408), (910, 456), (744, 456)], CREAM)
    scene.poly([(700, 408), (960, 408), (948, 420), (712, 420)], BRICK)
    scene.rect(826, 206, 8, 204, INK)
    scene.poly([(838, 214), (838, 390), (950, 390)], CREAM)
    scene.poly([(822, 240), (822, 390), (740, 390)], OCHRE)
    for step, color in enumerate(("#3a8f95", "#4fa3a3", "#74b8ad", MIST, SAND)):
        hill(scene, 452 + step * 46, 9 + step, 4 - step * 0.4, color)
    return scene


def shelf(scene: Scene, y: float, dice: random.Random) -> None:
    """Fill one shelf with books; now and then one leans or a gap is left."""
    x = 46.0
    colors = (CORAL, TEAL, OCHRE, PLUM, SAGE, BRICK, CREAM, NIGHT, LEAF)
    while x < WIDTH - 90:
        width, height = dice.randint(22, 46), dice.randint(96, 136)
        color = dice.choice(colors)
        if dice.random() < 0.08:
            x += dice.randint(30, 60)
        elif dice.random() < 0.1:
            foot = [(x, y), (x + 22, y), (x + 60, y - 104), (x + 39, y - 112)]
            scene.poly(foot, color)
            x += 64
        else:
            scene.rect(x, y - height, width, height, color, radius=3)
            band = SAND if color != CREAM else CORAL
            scene.rect(x, y - height + 18, width, 6, band)
            scene.rect(x, y - 28, width, 4, band)
            x += width + 3
    scene.rect(30, y, WIDTH - 60, 16, "#8d5a3d")


def library() -> Scene:
    """Shelves of books with a ladder and a reading lamp."""
    scene = Scene("#5b3a2d")
    scene.rect(30, 0, WIDTH - 60, HEIGHT, "#70493a")
    dice = random.Random(17)
    for y in (150, 306, 462, 618):
        shelf(scene, y, dice)
    for rung in range(40, 675, 62):
        scene.line([(838 - rung * 0.1, rung), (960 - rung * 0.1, rung)], SAND, 12)
    scene.line([(850, -20), (770, 690)], SAND, 16)
    scene.line([(970, -20), (890, 690)], SAND, 16)
    scene.rect(0, 626, WIDTH, 49, INK)
    scene.rect(176, 600, 130, 26, OCHRE, radius=6)
    scene.rect(235, 470, 12, 136, OCHRE)
    scene.poly([(190, 478), (292, 478), (268, 398), (214, 398)], "#fad794")
    for index, color in enumerate((TEAL, CORAL, CREAM)):
        scene.rect(400 + index * 10, 602 - index * 24, 180, 24, color, radius=4)
    return scene


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
