"""The packages of underpaint_train import only from those below them."""

import ast
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "underpaint_train"
BELOW = {
    "scenes": set(),
    "networks": set(),
    "training": {"scenes", "networks"},
    "measuring": {"scenes", "networks", "training"},
    "publishing": {"scenes", "networks", "training", "measuring"},
}


def imported(source: str) -> set[str]:
    """The packages that a module two folders deep imports from by `from ..package`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            names = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
            found |= set(names) & set(BELOW)
    return found


class LayersTest(unittest.TestCase):
    def test_imports_point_down(self):
        self.assertEqual({path.parent.name for path in ROOT.glob("*/*.py")}, set(BELOW))
        for path in ROOT.glob("*/*.py"):
            with self.subTest(path.relative_to(ROOT)):
                self.assertLessEqual(imported(path.read_text()), BELOW[path.parent.name])

    def test_no_module_is_long(self):
        for path in ROOT.rglob("*.py"):
            with self.subTest(path.relative_to(ROOT)):
                self.assertLessEqual(len(path.read_text().splitlines()), 300)
