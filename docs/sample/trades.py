"""Trades: what members of a cooperative do all day."""

import math

from shapes import (
    BRICK,
    CORAL,
    CREAM,
    INK,
    LEAF,
    MIST,
    NIGHT,
    OCHRE,
    PLUM,
    SAGE,
    SAND,
    SKINS,
    TEAL,
    WIDTH,
    Scene,
    bust,
    hill,
    skyline,
)


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
