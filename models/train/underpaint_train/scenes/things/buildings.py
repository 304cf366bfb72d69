"""Houses and other buildings."""

import numpy as np

from ..geometry import box, dome, poly, stroke
from ..parts import Part


def window(x: float, y: float, w: float, h: float) -> Part:
    return Part(box(x - w / 2, y - h, x + w / 2, y), "pane", up=-0.4, sketch=False, lamp=True)


def house(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """A gable to the left, a long wall to the right, half of each wall's side lit."""
    wall, roof = str(rng.choice(["wall", "wall2", "brick"])), str(rng.choice(["roof", "roof2", "roof3"]))
    a, b, c, eaves, top = x - s * 0.62, x - s * 0.12, x + s * 0.68, y - s * 0.46, y - s * 0.95
    m = (a + b) / 2
    out = [Part(box(x + s * 0.3, y - s * 1.02, x + s * 0.42, y - s * 0.6), "stone", side=0.2, sketch=False)]
    out += [
        Part(poly((a, y), (a, eaves), (m, top), (b, eaves), (b, y)), wall, side=-0.7),
        Part(box(b, eaves, c, y), wall, side=0.7),
    ]
    out.append(
        Part(
            poly(
                (m - s * 0.02, top - s * 0.03),
                (c - s * 0.2, top - s * 0.03),
                (c + s * 0.07, eaves + s * 0.04),
                (b + s * 0.02, eaves + s * 0.04),
            ),
            roof,
            side=0.6,
        )
    )
    out.append(
        Part(stroke([(a - s * 0.06, eaves + s * 0.06), (m, top - s * 0.02)], s * 0.07), roof, side=-0.6, sketch=False)
    )
    out += [
        Part(box(m - s * 0.08, y - s * 0.3, m + s * 0.08, y), "door", side=-0.3, sketch=False),
        window(m, y - s * 0.46, s * 0.14, s * 0.14),
    ]
    out += [window(b + s * u, y - s * 0.14, s * 0.16, s * 0.19) for u in (0.22, 0.56)]
    return out


def church(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    out = [
        Part(box(x - s * 0.06, y - s * 0.32, x + s * 0.42, y), "wall", side=0.5),
        Part(
            poly(
                (x - s * 0.06, y - s * 0.32),
                (x + s * 0.02, y - s * 0.52),
                (x + s * 0.34, y - s * 0.52),
                (x + s * 0.46, y - s * 0.32),
            ),
            "roof",
            side=0.6,
        ),
    ]
    out += [
        Part(box(x - s * 0.28, y - s * 0.62, x - s * 0.15, y), "wall", side=-0.6),
        Part(box(x - s * 0.15, y - s * 0.62, x - s * 0.02, y), "wall", side=0.7),
    ]
    out += [
        Part(
            poly((x - s * 0.31, y - s * 0.61), (x - s * 0.15, y - s * 0.96), (x - s * 0.15, y - s * 0.61)),
            "roof2",
            side=-0.6,
        ),
        Part(
            poly((x + s * 0.01, y - s * 0.61), (x - s * 0.15, y - s * 0.96), (x - s * 0.15, y - s * 0.61)),
            "roof2",
            side=0.6,
        ),
    ]
    out += [
        Part(stroke([(x - s * 0.15, y - s * 0.96), (x - s * 0.15, y - s * 1.06)], s * 0.02), "dark", sketch=False),
        Part(stroke([(x - s * 0.19, y - s * 1.02), (x - s * 0.11, y - s * 1.02)], s * 0.02), "dark", sketch=False),
    ]
    return (
        out
        + [window(x - s * 0.15, y - s * 0.44, s * 0.08, s * 0.1)]
        + [window(x + s * u, y - s * 0.1, s * 0.06, s * 0.13) for u in (0.08, 0.2, 0.32)]
    )


def lighthouse(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """Red and white bands, each in a left and a right half."""
    out = []
    for k in range(5):
        f0, f1 = k / 5, (k + 1) / 5
        w0, w1 = s * (0.15 - 0.06 * f0), s * (0.15 - 0.06 * f1)
        y0, y1 = y - s * 0.74 * f0, y - s * 0.74 * f1
        role = "white" if k % 2 else "crimson"
        out += [
            Part(poly((x - w0, y0), (x - w1, y1), (x, y1), (x, y0)), role, side=-0.8),
            Part(poly((x + w0, y0), (x + w1, y1), (x, y1), (x, y0)), role, side=0.8),
        ]
    out += [
        Part(box(x - s * 0.13, y - s * 0.77, x + s * 0.13, y - s * 0.73), "dark"),
        Part(box(x - s * 0.07, y - s * 0.87, x + s * 0.07, y - s * 0.77), "pane", lamp=True, sketch=False),
    ]
    return out + [Part(dome(x, y - s * 0.87, s * 0.1, s * 0.11), "crimson", side=0.3)]


def _turret(x: float, y: float, w: float, h: float, cone: float) -> list:
    out = [Part(box(x - w, y - h, x, y), "stone", side=-0.8), Part(box(x, y - h, x + w, y), "stone", side=0.8)]
    out += [
        Part(poly((x - w * 1.25, y - h), (x, y - h - cone), (x, y - h)), "roof2", side=-0.7),
        Part(poly((x + w * 1.25, y - h), (x, y - h - cone), (x, y - h)), "roof2", side=0.7),
    ]
    return out + [window(x, y - h * 0.68, w * 0.55, w * 0.9)]


def castle(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    out = [Part(box(x - s * 0.5, y - s * 0.34, x + s * 0.5, y), "stone", side=0.2)]
    out += [
        Part(
            box(x + s * (k * 0.125 - 0.5), y - s * 0.39, x + s * (k * 0.125 - 0.44), y - s * 0.33),
            "stone",
            side=0.2,
            sketch=False,
        )
        for k in range(8)
    ]
    out += (
        _turret(x + s * 0.12, y - s * 0.2, s * 0.12, s * 0.5, s * 0.3)
        + _turret(x - s * 0.46, y, s * 0.12, s * 0.52, s * 0.26)
        + _turret(x + s * 0.46, y, s * 0.12, s * 0.58, s * 0.28)
    )
    out += [
        Part(
            np.concatenate(
                [dome(x - s * 0.08, y - s * 0.14, s * 0.09, s * 0.1), poly((x + s * 0.01, y), (x - s * 0.17, y))]
            ),
            "dark",
            sketch=False,
        )
    ]
    return out + [window(x + s * u, y - s * 0.16, s * 0.05, s * 0.08) for u in (0.16, 0.28, -0.26)]


def windmill(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    out = [
        Part(poly((x - s * 0.17, y), (x - s * 0.1, y - s * 0.6), (x, y - s * 0.6), (x, y)), "wall", side=-0.8),
        Part(poly((x + s * 0.17, y), (x + s * 0.1, y - s * 0.6), (x, y - s * 0.6), (x, y)), "wall", side=0.8),
    ]
    out += [
        Part(dome(x, y - s * 0.59, s * 0.13, s * 0.14), "roof"),
        Part(box(x - s * 0.04, y - s * 0.15, x + s * 0.04, y), "door", sketch=False),
        window(x, y - s * 0.34, s * 0.06, s * 0.08),
    ]
    turn, hub = rng.uniform(0.2, 0.8), (x, y - s * 0.62)
    for k in range(4):
        c, n = (
            np.array([np.cos(turn + k * 1.571), np.sin(turn + k * 1.571)]),
            np.array([-np.sin(turn + k * 1.571), np.cos(turn + k * 1.571)]),
        )
        out.append(Part(stroke([hub, hub + c * s * 0.44], s * 0.025), "wooddark"))
        out.append(
            Part(
                np.array(
                    [
                        hub + c * s * 0.12,
                        hub + c * s * 0.44,
                        hub + c * s * 0.44 + n * s * 0.09,
                        hub + c * s * 0.12 + n * s * 0.07,
                    ]
                ),
                "cloth",
                up=0.3,
            )
        )
    return out


def bridge(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """Three arches; `s` is the height, the length four times that."""
    half, top = s * 2.2, y - s * 0.75
    arch = [(x - half, y)]
    for k in (-1, 0, 1):
        arch += [tuple(p) for p in dome(x + k * half * 0.62, y, half * 0.25, s * (0.62 if k == 0 else 0.5))]
    outline = arch + [(x + half, y), (x + half, top + s * 0.12), (x, top - s * 0.1), (x - half, top + s * 0.12)]
    out = [Part(np.array(outline), "stone")]
    rail = np.array([(x - half, top + s * 0.12), (x, top - s * 0.1), (x + half, top + s * 0.12)])
    return out + [Part(stroke(rail, s * 0.13), "stone2", up=0.6, sketch=False)]


def tower_block(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """A high house of a skyline, with rows of windows; `s` high."""
    role, w = str(rng.choice(["tower", "tower2", "tower3", "tower4"])), rng.uniform(9, 17)
    out = [
        Part(box(x - w, y - s, x + w * 0.2, y), role, side=-0.75),
        Part(box(x + w * 0.2, y - s, x + w, y), role, side=0.75),
    ]
    if rng.random() < 0.35:
        out.append(Part(poly((x - w, y - s), (x - w * 0.4, y - s - w), (x + w, y - s)), role, side=0.2))
    elif rng.random() < 0.4:
        out += [
            Part(box(x - w * 0.5, y - s - 6, x + w * 0.4, y - s), role),
            Part(stroke([(x, y - s), (x, y - s - 18)], 1.4), "dark", sketch=False),
        ]
    out.append(Part(box(x - w - 1, y - s - 2.2, x + w + 1, y - s + 2.2), "cover", up=0.5, sketch=False))
    for r in range(int((s - 8) // 8)):
        for c in range(4):
            if (r * 7 + c * 5 + int(s)) % 3:
                out.append(window(x - w * 0.7 + c * w * 0.47, y - s + 9 + r * 8, 3.0, 4.0))
    return out


THINGS = {
    "house": house,
    "church": church,
    "lighthouse": lighthouse,
    "castle": castle,
    "windmill": windmill,
    "bridge": bridge,
    "skyscraper": tower_block,
}
