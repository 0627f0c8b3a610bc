"""Places: a town, a bay, fields, and rooms that people come to."""

import random

from shapes import (
    BRICK,
    COAL,
    CORAL,
    CREAM,
    HEIGHT,
    INK,
    LEAF,
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
