"""The page that compares two models does not reveal which is which."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

from underpaint_train.errors import TrainingError
from underpaint_train.publishing.judge import CLI, write_pairs

from . import toy

OLD = Path(__file__).resolve().parents[2] / "landscape"


class JudgeTest(unittest.TestCase):
    def test_pairs(self):
        if not (CLI.parents[1] / "dist").exists():
            raise FileNotFoundError("the server is not built: npm run build comes first")
        with tempfile.TemporaryDirectory() as folder, toy.small():
            out = Path(folder) / "judge"
            write_pairs(toy.runs(), OLD, out, 2)
            code = (out / "pairs.js").read_text()
            pairs = json.loads(code.removeprefix("const PAIRS = ").rstrip(";\n"))
            self.assertEqual([set(pair["pictures"]) for pair in pairs], [{"old", "new"}] * 2)
            for pair in pairs:
                pictures = [np.asarray(Image.open(out / name)) for name in pair["pictures"].values()]
                self.assertEqual([picture.shape for picture in pictures], [(256, 256, 3)] * 2)
                self.assertFalse(np.array_equal(*pictures))
                self.assertTrue((out / pair["sketch"]).exists())
            page = (out / "judge.html").read_text()
            self.assertIn('src="pairs.js"', page)
            self.assertNotIn("old", page.lower().replace("bold", ""), "the page itself must not know the names")

    def test_more_pairs_than_scenes(self):
        with (
            tempfile.TemporaryDirectory() as folder,
            toy.small(),
            self.assertRaisesRegex(TrainingError, "ask for fewer"),
        ):
            write_pairs(toy.runs(), OLD, Path(folder), 400)


if __name__ == "__main__":
    unittest.main()
