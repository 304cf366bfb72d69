"""Trees and smaller plants."""

import numpy as np

from ..geometry import blob, box, curve, ellipse, poly, stroke
from ..parts import Part


def pine(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """Four tiers, the left and right half apart, so that one of them is lit."""
    w, out = (
        s * rng.uniform(0.19, 0.24),
        [Part(box(x - s * 0.025, y - s * 0.14, x + s * 0.025, y), "trunk", up=-0.3, sketch=False)],
    )
    role = str(rng.choice(["pine", "pine2"]))
    for i in range(4):
        low, top, half = y - s * (0.1 + 0.2 * i), y - s * (0.46 + 0.18 * i), w * (1 - 0.21 * i)
        out.append(Part(poly((x, top), (x + half, low), (x + half * 0.4, low - s * 0.025), (x, low)), role, side=0.8))
        out.append(Part(poly((x, top), (x - half, low), (x - half * 0.4, low - s * 0.025), (x, low)), role, side=-0.8))
        out.append(
            Part(
                poly((x, top), (x + half * 0.7, low - s * 0.09), (x, low - s * 0.16), (x - half * 0.7, low - s * 0.09)),
                "cover",
                up=0.5,
                sketch=False,
            )
        )
    return out


def _crown(rng: np.random.Generator, x: float, y: float, rx: float, ry: float, role: object) -> list:
    """A crown of puffs: shade below, the main tone, light towards both sides."""
    out = [Part(blob(rng, x, y, rx, ry, 0.1), role, up=-0.3)]
    out.append(Part(ellipse(x, y - 0.16 * ry, rx * 0.82, ry * 0.74), role, up=0.0, sketch=False))
    for k in (-1, 1):
        for dx, dy, r in ((0.3, 0.0, 0.5), (0.2, -0.38, 0.46)):
            out.append(
                Part(
                    ellipse(x + k * dx * rx, y + dy * ry, rx * r, ry * r * 0.92),
                    role,
                    side=0.42 * k,
                    up=0.12,
                    sketch=False,
                )
            )
        for dx, dy in ((0.46, -0.14), (0.3, -0.52), (0.16, -0.1), (0.5, 0.2)):
            out.append(
                Part(
                    ellipse(x + k * dx * rx, y + dy * ry, rx * 0.15, ry * 0.07),
                    role,
                    side=0.75 * k,
                    up=0.2,
                    sketch=False,
                )
            )
    return out


def round_tree(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    role = str(rng.choice(["leaf", "leaf2", "leaf3"]))
    trunk = Part(
        poly((x - s * 0.05, y), (x - s * 0.03, y - s * 0.5), (x + s * 0.03, y - s * 0.5), (x + s * 0.05, y)),
        "trunk",
        up=-0.2,
    )
    return [trunk] + _crown(rng, x, y - s * 0.62, s * 0.34, s * 0.36, role)


def birch(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    lean = rng.uniform(-0.04, 0.04) * s
    out = [Part(stroke([(x, y), (x + lean, y - s * 0.9)], s * 0.06, s * 0.03), "birchbark", side=0.3)]
    for k in range(4):
        f = 0.12 + 0.16 * k
        out.append(
            Part(
                box(x + lean * f - s * 0.028, y - s * f, x + lean * f + s * 0.01, y - s * f + s * 0.018),
                "blackmark",
                sketch=False,
            )
        )
    for dx, dy, r in ((-0.1, 0.5, 0.15), (0.11, 0.58, 0.15), (-0.03, 0.72, 0.2), (0.04, 0.88, 0.13)):
        out.append(Part(ellipse(x + lean + dx * s, y - dy * s, r * s, r * s * 0.8), "birch", side=6 * dx, up=0.1))
    return out


def palm(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    lean = rng.choice([-1, 1]) * rng.uniform(0.1, 0.26) * s
    top = (x + lean, y - s * 0.78)
    out = [Part(stroke(curve((x, y), (x + lean * 0.1, y - s * 0.5), top), s * 0.07, s * 0.035), "trunk", up=0.1)]
    for a in (-0.15, 0.45, 1.0, 2.14, 2.69, 3.29):
        reach = s * 0.42
        tip = (top[0] + reach * np.cos(a), top[1] - reach * np.sin(a) * 0.5 + s * 0.14)
        lift = (top[0] + reach * 0.55 * np.cos(a), top[1] - reach * 0.75 * np.sin(a) - s * 0.08)
        ridge = curve(top, lift, tip)
        belly = curve(tip, (lift[0] * 0.9 + top[0] * 0.1, lift[1] + s * 0.17), top)
        out.append(Part(np.concatenate([ridge, belly]), "palm" if np.sin(a) > 0.5 else "palm2", side=np.cos(a)))
    out.append(Part(ellipse(top[0], top[1] + s * 0.03, s * 0.035), "wooddark", sketch=False))
    return out


def cactus(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    def arm(k: float, low: float, high: float) -> list:
        return [
            Part(
                stroke(
                    [
                        (x, y - s * low),
                        (x + k * s * 0.24, y - s * low),
                        (x + k * s * 0.26, y - s * (low + 0.04)),
                        (x + k * s * 0.26, y - s * high),
                    ],
                    s * 0.11,
                ),
                "cactus2",
                side=k,
            ),
            Part(ellipse(x + k * s * 0.26, y - s * high, s * 0.055), "cactus2", side=k),
        ]

    out = arm(-1, 0.34, 0.66) + arm(1, 0.46, 0.78)
    out += [
        Part(box(x - s * 0.08, y - s * 0.92, x + s * 0.08, y), "cactus"),
        Part(ellipse(x, y - s * 0.92, s * 0.08), "cactus"),
    ]
    out += [
        Part(
            box(x + k * s * 0.035 - 0.012 * s, y - s * 0.9, x + k * s * 0.035 + 0.012 * s, y),
            "cactus",
            side=k * 0.9,
            sketch=False,
        )
        for k in (-1, 1)
    ]
    return out


def bush(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    return _crown(rng, x, y - s * 0.3, s * 0.55, s * 0.36, "bush")


def flowers(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """A patch: stems with round heads of one colour."""
    role, out = str(rng.choice(["petal", "petal2", "petal3"])), []
    for _ in range(int(rng.integers(5, 9))):
        fx, high = x + rng.uniform(-0.9, 0.9) * s, s * rng.uniform(0.6, 1.0)
        out.append(Part(stroke([(fx, y), (fx + s * 0.05, y - high)], s * 0.07), "stem", sketch=False))
        out.append(Part(ellipse(fx + s * 0.05, y - high, s * 0.2, s * 0.17), role, up=0.4))
        out.append(Part(ellipse(fx + s * 0.05, y - high, s * 0.07), "petal2", up=0.5, sketch=False))
    return out


THINGS = {
    "pine": pine,
    "tree": round_tree,
    "birch": birch,
    "palm": palm,
    "cactus": cactus,
    "bush": bush,
    "flowers": flowers,
}
