#!/usr/bin/env python3
"""Draws the pictures of the river survey, and writes the manifest and the truth that belong to them.

Python's standard library suffices, so that anybody can draw the pictures again:

    python3 examples/river-survey/draw.py

A picture is a list of parts, each a polygon with a color. Because the animals are made of parts too, their tight
bounding boxes are known exactly, and with them the answers of a worker who makes no mistake.
"""

import json
import math
import random
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

SEED = 7
WIDTH, HEIGHT = 320, 200
WATERLINE = 112
SUBLINES = 4  # lines sampled per pixel row; coverage along a line is exact
HERE = Path(__file__).parent
BUCKET = "s3://river-survey-input"


class Animal(NamedTuple):
    """One animal in a picture: where it stands, how large, whether it looks to the left and holds a fish."""

    label: str
    x: float
    y: float
    scale: float
    left: bool = False
    fish: bool = False


class Picture(NamedTuple):
    """What makes one picture, and the manifest line and the truth that go with it. The first animal is the nearest."""

    mood: str
    animals: list
    river: str
    depth: str  # as text, since 1.40 has to keep its zero
    quality: tuple = ()
    note: str = ""
    settled: bool = False


PICTURES = [
    Picture("noon", [Animal("otter", 150, 168, 1.35)], "Tamar", "1.40"),
    Picture("morning", [Animal("heron", 196, 166, 1.05, left=True)], "Tamar", "0.65"),
    Picture("noon", [Animal("kingfisher", 128, 116, 1.25, fish=True)], "Dart", "2.00", note="holds a fish"),
    Picture("evening", [Animal("otter", 186, 166, 1.25, left=True)], "Dart", "1.10", quality=("partly hidden",)),
    Picture("morning", [Animal("heron", 116, 168, 1.15)], "Exe", "0.90", quality=("blurry",)),
    Picture("dusk", [Animal("otter", 140, 164, 1.20)], "Exe", "1.75", quality=("dark",)),
    Picture("evening", [Animal("kingfisher", 206, 120, 1.45, left=True)], "Tamar", "2.35"),
    Picture("noon", [Animal("heron", 152, 162, 0.95)], "Dart", "0.50", settled=True),
    Picture("morning", [Animal("otter", 112, 172, 1.30), Animal("otter", 214, 164, 0.70)], "Tamar", "1.05",
            note="an otter and her cub"),
    Picture("dusk", [Animal("kingfisher", 150, 118, 1.35)], "Exe", "1.60", quality=("dark", "blurry")),
    Picture("evening", [Animal("heron", 126, 170, 1.10), Animal("kingfisher", 246, 104, 0.80, left=True)], "Dart",
            "0.70"),
    Picture("noon", [Animal("kingfisher", 178, 120, 1.40, left=True)], "Tamar", "1.95", quality=("partly hidden",)),
]

# The colors of a time of day, from the top of the sky down to the near bank.
MOODS = {
    "morning": dict(sky=("#bfe3ee", "#fdeed3"), sun="#fff8e1", hill="#a9c8ad", trees="#7fae8c", water="#8cc5cf",
                    ripple="#c9e8ea", bank="#6f9a5b", reed="#4f7a45", bark="#6b4f35"),
    "noon": dict(sky=("#7ec8ea", "#d9f1f5"), sun="#fff3b0", hill="#93c08b", trees="#5f9e68", water="#4fa9c6",
                 ripple="#8fd0e0", bank="#86a94d", reed="#557f35", bark="#6b4f35"),
    "evening": dict(sky=("#f2a679", "#fbe3b5"), sun="#fff0c4", hill="#b98a86", trees="#80696f", water="#c9989a",
                    ripple="#f0cbb0", bank="#7c6a4a", reed="#56503a", bark="#54402f"),
    "dusk": dict(sky=("#17233f", "#3b4a6b"), sun="#e9ecd8", hill="#26344f", trees="#1c2940", water="#223553",
                 ripple="#46608a", bank="#1b2a2d", reed="#132022", bark="#10191c"),
}
DUSK_LIGHT = 0.42  # how much of an animal's own color is left at dusk


# Parts: shapes in local coordinates, x to the right and y downward.

def rgb(text):
    return tuple(int(text[i:i + 2], 16) for i in (1, 3, 5))


def mix(start, end, share):
    return tuple(a + (b - a) * share for a, b in zip(start, end))


def curve(color, *points):
    """A closed smooth outline through the points (Catmull-Rom)."""
    outline = []
    n = len(points)
    for i in range(n):
        p0, p1, p2, p3 = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        for step in range(8):
            t = step / 8
            outline.append(tuple(
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t ** 3)
                for a, b, c, d in zip(p0, p1, p2, p3)))
    return outline, rgb(color)


def polygon(color, *points):
    return list(points), rgb(color)


def ellipse(color, x, y, rx, ry):
    angles = [2 * math.pi * i / 28 for i in range(28)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles], rgb(color)


def stroke(color, width, *points, end_width=None):
    """A line through the points, tapering to `end_width`: discs joined by quadrilaterals."""
    end_width = width if end_width is None else end_width
    radii = [(width + (end_width - width) * i / (len(points) - 1)) / 2 for i in range(len(points))]
    parts = [ellipse(color, x, y, r, r) for (x, y), r in zip(points, radii)]
    for (x1, y1), (x2, y2), r1, r2 in zip(points, points[1:], radii, radii[1:]):
        length = math.hypot(x2 - x1, y2 - y1)
        nx, ny = (y1 - y2) / length, (x2 - x1) / length
        parts.append(polygon(color, (x1 + nx * r1, y1 + ny * r1), (x2 + nx * r2, y2 + ny * r2),
                             (x2 - nx * r2, y2 - ny * r2), (x1 - nx * r1, y1 - ny * r1)))
    return parts


# The animals look to the right and stand at (0, 0).

def otter():
    fur, shade, pale, dark = "#8a5a3b", "#6f452c", "#e3c7a0", "#2e2019"
    return [
        curve(shade, (-30, -14), (-22, -15), (-18, -6), (-14, 0), (-30, 0), (-32, -6)),
        curve(shade, (12, -16), (20, -16), (19, -6), (23, 0), (11, 0), (11, -8)),
        curve(fur, (-72, -2), (-56, -9), (-40, -19), (-24, -28), (-6, -31), (10, -31), (22, -37), (31, -46), (42, -47),
              (50, -41), (56, -37), (56, -31), (49, -28), (41, -26), (35, -17), (24, -10), (6, -8), (-16, -8),
              (-36, -8), (-54, -2)),
        curve(pale, (55, -32), (48, -33), (42, -31), (34, -27), (27, -18), (20, -11), (27, -11), (35, -16), (41, -25),
              (49, -27)),
        curve(fur, (-26, -24), (-14, -21), (-11, -9), (-6, 0), (-23, 0), (-26, -8), (-32, -14)),
        curve(fur, (18, -20), (29, -18), (27, -7), (33, 0), (19, 0), (19, -8)),
        ellipse(shade, 33, -45.5, 4, 4),
        ellipse(pale, 33.6, -45, 1.8, 1.8),
        ellipse(dark, 45.5, -39.5, 2.1, 2.3),
        ellipse("#ffffff", 46.2, -40.3, 0.7, 0.7),
        ellipse(dark, 56, -36, 2.8, 2.1),
        *stroke(dark, 0.6, (50, -31.5), (44, -29.5)),
        *stroke(dark, 0.6, (50, -30.5), (45, -26.5)),
    ]


def heron():
    slate, wing, pale, dark, horn = "#8d9bb0", "#66758d", "#eef1f4", "#27303f", "#e8b23c"
    neck = [(7, -64), (14, -69), (17, -75), (15, -82), (11, -88), (10, -95), (13, -101), (18, -104)]
    return [
        *stroke("#8f7f57", 2.2, (-4, -48), (-8, -25), (-5, 0)),
        *stroke("#a89664", 2.2, (4, -48), (7, -25), (5, 0)),
        curve(slate, (-40, -38), (-26, -53), (-8, -66), (8, -71), (17, -65), (15, -54), (2, -45), (-18, -42)),
        *stroke(pale, 11, *neck, end_width=7),
        *stroke(dark, 1.0, (14, -70), (18, -76), (15, -83), (12, -89)),
        curve(pale, (10, -70), (18, -66), (17, -54), (14, -46), (11, -54)),
        curve(wing, (-42, -36), (-30, -48), (-12, -61), (2, -65), (8, -58), (-2, -49), (-20, -43)),
        *stroke(dark, 1.2, (-38, -38), (-22, -46), (-6, -52)),
        ellipse(pale, 20, -105, 8, 5.2),
        curve(dark, (25, -108), (18, -111), (8, -110), (-6, -102), (6, -106), (16, -107)),
        polygon(horn, (26, -108.5), (52, -102), (26, -101.5)),
        polygon("#c98a2b", (26, -104.5), (52, -102), (26, -101.5)),
        ellipse(dark, 22, -106, 1.5, 1.5),
    ]


def kingfisher():
    blue, bright, orange, dark, white = "#1f7fae", "#37c0d3", "#ee8434", "#1f2732", "#fbf6ea"
    return [
        polygon("#17618a", (-14, -8), (-4, -6), (-9, 17), (-15, 16)),
        curve(orange, (-6, -40), (8, -40), (16, -28), (15, -14), (7, -3), (-4, -1), (-12, -8), (-13, -24)),
        curve(blue, (-8, -45), (-1, -34), (-1, -20), (-6, -6), (-12, 5), (-17, -4), (-19, -20), (-15, -36)),
        curve(bright, (-9, -38), (-6, -28), (-9, -12), (-12, 0), (-14, -14), (-13, -30)),
        curve(blue, (-12, -40), (-11, -52), (1, -58), (13, -55), (18, -46), (14, -37), (2, -34), (-8, -34)),
        curve(orange, (2, -45), (10, -48), (18, -45), (14, -39), (4, -39)),
        curve(white, (-7, -44), (1, -44), (3, -39), (-5, -36), (-11, -38)),
        curve(white, (6, -38), (16, -40), (14, -34), (5, -34)),
        polygon(dark, (16, -49), (48, -42), (16, -41.5)),
        polygon("#b5562f", (16, -44), (48, -42), (16, -41.5)),
        *(ellipse(bright, x, y, 0.9, 0.9) for x, y in ((-6, -51), (-1, -54), (5, -55), (-3, -48), (2, -51), (8, -52))),
        ellipse(dark, 10, -47, 2.6, 2.6),
        ellipse("#ffffff", 10.9, -48, 0.9, 0.9),
        *stroke("#c4482f", 1.8, (1, -2), (1, 1.5)),
        *stroke("#c4482f", 1.8, (6, -3), (6, 1.5)),
    ]


def fish():
    """What a kingfisher may hold in its beak; no part of the bird, and so outside of its box."""
    return [
        curve("#cfd8e0", (34, -44), (39, -50), (45, -44), (42, -34), (39, -30), (36, -34)),
        polygon("#aab7c4", (39, -32), (45, -25), (33, -25)),
        ellipse("#27303f", 40, -46, 0.9, 0.9),
    ]


DRAWN = {"otter": otter, "heron": heron, "kingfisher": kingfisher}


def place(parts, animal):
    """Moves parts from an animal's own coordinates to the picture's."""
    side = -animal.scale if animal.left else animal.scale
    return [([(animal.x + x * side, animal.y + y * animal.scale) for x, y in points], color)
            for points, color in parts]


def bounding_box(animal):
    """The smallest box of whole pixels that holds the animal, its hidden parts included, within the picture."""
    points = [point for part in place(DRAWN[animal.label](), animal) for point in part[0]]
    left, right = (clamp(edge, WIDTH) for edge in extent(x for x, _ in points))
    top, bottom = (clamp(edge, HEIGHT) for edge in extent(y for _, y in points))
    return {"label": animal.label, "left": left, "top": top, "width": right - left, "height": bottom - top}


def extent(values):
    values = list(values)
    return math.floor(min(values)), math.ceil(max(values))


def clamp(value, limit):
    return max(0, min(limit, value))


# The scene, from the sky to the reeds in front.

def scene(picture, chance):
    """All parts of a picture in painting order; `chance` varies what stands around the animals."""
    mood = MOODS[picture.mood]
    nearest = picture.animals[0]
    yield from sky(mood, chance, away_from(nearest))
    yield from river(mood, chance)
    for animal in reversed(picture.animals):
        yield from GROUNDS[animal.label](mood, chance, animal)
        parts = DRAWN[animal.label]() + (fish() if animal.fish else [])
        if picture.mood == "dusk":
            night = rgb(MOODS["dusk"]["sky"][0])
            parts = [(points, mix(night, color, DUSK_LIGHT)) for points, color in parts]
        yield from place(parts, animal)
    yield from reeds(mood, chance, away_from(nearest) - 15, tallest=92)
    if "partly hidden" in picture.quality:
        yield from reeds(mood, chance, nearest.x - 12, tallest=HEIGHT - nearest.y + 50 * nearest.scale)


def away_from(animal):
    """A place on the other side of the picture."""
    return 36 if animal.x > WIDTH / 2 else WIDTH - 36


def sky(mood, chance, sun_x):
    top, bottom = (rgb(color) for color in mood["sky"])
    for y in range(WATERLINE):
        yield [(0, y), (WIDTH, y), (WIDTH, y + 1), (0, y + 1)], mix(top, bottom, y / WATERLINE)
    yield ellipse(mood["sun"], sun_x + between(chance, -14, 14), between(chance, 24, 46), 15, 15)
    yield hills(mood["hill"], chance, base=80, height=26, steps=5)
    yield hills(mood["trees"], chance, base=100, height=9, steps=22)


def hills(color, chance, base, height, steps):
    ridge = [(WIDTH * i / steps, base - between(chance, -height, height) / 2) for i in range(-1, steps + 2)]
    return curve(color, *ridge, (WIDTH + 60, WATERLINE + 20), (-60, WATERLINE + 20))


def river(mood, chance):
    yield polygon(mood["water"], (0, WATERLINE), (WIDTH, WATERLINE), (WIDTH, HEIGHT), (0, HEIGHT))
    for _ in range(16):
        x, y = between(chance, 0, WIDTH), between(chance, WATERLINE + 5, HEIGHT - 6)
        yield ellipse(mood["ripple"], x, y, between(chance, 8, 26), 0.9)


def grassy_bank(mood, chance, animal):
    """An otter stands on the bank."""
    top = animal.y - 3
    yield curve(mood["bank"], (-60, top + 14), (40, top + 6), (animal.x, top), (WIDTH - 30, top + 8),
                (WIDTH + 60, top + 2), (WIDTH + 60, HEIGHT + 60), (-60, HEIGHT + 60))
    for _ in range(26):
        x, y = between(chance, 0, WIDTH), between(chance, top + 14, HEIGHT)
        yield from stroke(mood["reed"], 1.1, (x, y), (x + between(chance, -3, 3), y - 6), end_width=0.3)


def shallow_water(mood, chance, animal):
    """A heron stands in the river, with rings around its legs and a pebble beach in front."""
    for leg in (-5, 5):
        for radius in (13, 9, 5):
            color = mood["ripple"] if radius != 9 else mood["water"]
            yield ellipse(color, animal.x + leg * animal.scale, animal.y, radius * animal.scale, radius * 0.28)
    yield curve(mood["bank"], (-60, HEIGHT - 6), (90, HEIGHT - 12), (210, HEIGHT - 5), (WIDTH + 60, HEIGHT - 14),
                (WIDTH + 60, HEIGHT + 60), (-60, HEIGHT + 60))
    for _ in range(9):
        size = between(chance, 2, 6)
        yield ellipse(mood["reed"], between(chance, 0, WIDTH), HEIGHT - between(chance, 0, 5), size, size * 0.6)


def branch(mood, chance, animal):
    """A kingfisher sits on a branch that grows in from the side it looks away from."""
    side, edge = (-1, WIDTH + 10) if animal.left else (1, -10)
    x, y = animal.x, animal.y + 4
    yield from stroke(mood["bark"], 12, (edge, y + 30), ((edge + x) / 2, y + 9), (x - 14 * side, y + 1),
                      (x + 16 * side, y), (x + 52 * side, y - 9), end_width=2.5)
    yield from stroke(mood["bark"], 4, ((edge + x) / 2, y + 9), ((edge + x) / 2 + 20 * side, y - 16), end_width=1.5)
    for dx, dy in ((52, -9), (44, -14), (38, 2), (34, -10)):
        yield leaf(mood["reed"], x + dx * side, y + dy, 12 * side, between(chance, -8, 4))
    for dx, dy in ((20, -16), (16, -10), (10, -4)):
        yield leaf(mood["bank"], (edge + x) / 2 + dx * side, y + dy, 11 * side, between(chance, -9, -2))


def leaf(color, x, y, dx, dy):
    return curve(color, (x, y), (x + dx * 0.5 - dy * 0.3, y + dy * 0.5 + dx * 0.25), (x + dx, y + dy),
                 (x + dx * 0.5 + dy * 0.3, y + dy * 0.5 - dx * 0.25))


GROUNDS = {"otter": grassy_bank, "heron": shallow_water, "kingfisher": branch}


def reeds(mood, chance, x, tallest):
    for i in range(6):
        foot = x + i * 6 + between(chance, -2, 2)
        height, lean = tallest * between(chance, 0.6, 1), between(chance, -7, 7)
        tip = (foot + lean, HEIGHT + 4 - height)
        yield from stroke(mood["reed"], 3, (foot, HEIGHT + 6), (foot + lean * 0.3, HEIGHT + 4 - height / 2), tip,
                          end_width=1.2)
        if i % 2:
            yield from stroke(mood["bark"], 5, tip, (tip[0] + lean * 0.06, tip[1] + 7),
                              (tip[0] - lean * 0.1, tip[1] + 14))


def between(chance, low, high):
    return low + (high - low) * chance.random()


# From parts to pixels, and from pixels to a file.

def paint(parts):
    pixels = [[(0, 0, 0)] * WIDTH for _ in range(HEIGHT)]
    for points, color in parts:
        fill(pixels, points, color)
    return pixels


def fill(pixels, points, color):
    """Fills a polygon by the even-odd rule; a pixel at its edge takes on the share of the color it is covered by."""
    edges = list(zip(points, points[1:] + points[:1]))
    left, right = (clamp(edge, WIDTH) for edge in extent(x for x, _ in points))
    top, bottom = (clamp(edge, HEIGHT) for edge in extent(y for _, y in points))
    for row in range(top, bottom):
        covered = [0.0] * (right - left)
        for subline in range(SUBLINES):
            y = row + (subline + 0.5) / SUBLINES
            crossings = sorted(x1 + (y - y1) / (y2 - y1) * (x2 - x1)
                               for (x1, y1), (x2, y2) in edges if (y1 <= y) != (y2 <= y))
            for start, end in zip(crossings[::2], crossings[1::2]):
                start, end = clamp(start, WIDTH), clamp(end, WIDTH)
                for x in range(math.floor(start), math.ceil(end)):
                    covered[x - left] += (min(end, x + 1) - max(start, x)) / SUBLINES
        for x, share in enumerate(covered, left):
            if share > 0:
                pixels[row][x] = mix(pixels[row][x], color, min(share, 1))


def blur(pixels, radius=2):
    """Averages along the rows, then along the columns."""
    for _ in range(2):
        pixels = [[average(row[max(0, x - radius):x + radius + 1]) for x in range(len(row))] for row in pixels]
        pixels = [list(column) for column in zip(*pixels)]
    return pixels


def average(colors):
    return tuple(sum(channel) / len(colors) for channel in zip(*colors))


def png(pixels):
    """The bytes of a PNG file: RGB with 8 bits a channel, each row stored as its difference from the row above."""
    above, rows = bytes(3 * WIDTH), []
    for row in pixels:
        current = bytes(round(channel) for color in row for channel in color)
        rows.append(b"\x02" + bytes((a - b) % 256 for a, b in zip(current, above)))
        above = current
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")))


# What belongs to the pictures.

def manifest_line(name, picture):
    """A line of the input manifest, written by hand where json.dumps would shorten 1.40 to 1.4."""
    settled = ',"isHumanAnnotationRequired":false' if picture.settled else ""
    return f'{{"source-ref":"{BUCKET}/{name}","river":"{picture.river}","depth-m":{picture.depth}{settled}}}'


def truth_line(picture):
    """The form as a worker fills it in who makes no mistake; like on the wire, an empty note is left out."""
    answer = {
        "animal": {"label": picture.animals[0].label},
        "shapes": {
            "boundingBoxes": [bounding_box(animal) for animal in picture.animals],
            "inputImageProperties": {"width": WIDTH, "height": HEIGHT},
        },
        "quality": {trouble: trouble in picture.quality for trouble in ("blurry", "dark", "partly hidden")},
    }
    if picture.note:
        answer["note"] = picture.note
    return json.dumps(answer, separators=(",", ":"))


def main():
    (HERE / "images").mkdir(exist_ok=True)
    manifest, truth = [], []
    for i, picture in enumerate(PICTURES):
        name = f"images/{i:03}.png"
        pixels = paint(scene(picture, random.Random(f"{SEED}-{i}")))
        if "blurry" in picture.quality:
            pixels = blur(pixels)
        (HERE / name).write_bytes(png(pixels))
        manifest.append(manifest_line(name, picture))
        truth.append(truth_line(picture))
    (HERE / "manifest.jsonl").write_bytes("".join(f"{line}\n" for line in manifest).encode())
    (HERE / "truth.jsonl").write_bytes("".join(f"{line}\n" for line in truth).encode())


if __name__ == "__main__":
    main()
