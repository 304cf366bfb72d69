"""Scenes: the same seed gives the same bytes; every place, thing, style and kind of sketch can be made."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from underpaint_train.scenes import FACETS, THINGS, VOCABULARY, Plan, render, write_scenes
from underpaint_train.scenes.captions import WORD, WORDS
from underpaint_train.scenes.painting import PLACES, compose
from underpaint_train.scenes.plan import INDOORS, MAY
from underpaint_train.scenes.scene import present
from underpaint_train.scenes.sketch import MODES
from underpaint_train.scenes.things import THINGS as MAKERS

SMALL = (96, 96)


class Rendering(unittest.TestCase):
    def test_the_same_seed_gives_the_same_bytes(self):
        a, b = render(5, SMALL), render(5, SMALL)
        self.assertEqual(
            (a.picture.tobytes(), a.sketch.tobytes(), a.caption, a.facts),
            (b.picture.tobytes(), b.sketch.tobytes(), b.caption, b.facts),
        )
        self.assertNotEqual(a.picture.tobytes(), render(6, SMALL).picture.tobytes())

    def test_sizes(self):
        for size in ((256, 256), (384, 256), (96, 160)):
            scene = render(3, size)
            for image in (scene.picture, scene.sketch):
                self.assertEqual((image.shape, image.dtype), ((size[1], size[0], 3), np.uint8))
        with self.assertRaisesRegex(ValueError, "multiples of 8"):
            render(1, (250, 256))

    def test_every_place_holds_every_thing_it_may(self):
        for place in PLACES:
            for season in FACETS["season"]:
                plan = Plan(place, "night", season, "clear", things=list(MAY.get(place, {})))
                picture = render(11, SMALL, plan, "flat").picture
                self.assertGreater(picture.std(), 3, f"{place} in {season} is empty")

    def test_a_thing_that_is_named_is_there(self):
        for place, things in MAY.items():
            for thing in set(things) - {"rainbow"}:
                missing = [
                    s for s in range(5) if thing not in compose(s, (256, 256), Plan(place, things=[thing]))[0].shown
                ]
                self.assertEqual(missing, [], f"{thing} is not painted in {place}")

    def test_light_moves_no_thing(self):
        """Words change colours; outlines stay."""
        lines = [
            [i.line.tolist() for i in compose(8, (256, 256), Plan("mountains", t, s, w))[0].items if hasattr(i, "line")]
            for t, s, w in (("day", "summer", "clear"), ("night", "winter", "snowfall"), ("sunset", "autumn", "storm"))
        ]
        self.assertEqual(lines[0], lines[1])
        self.assertEqual(lines[0], lines[2])

    def test_every_facet_changes_the_picture(self):
        base = Plan("hills", "day", "summer", "clear", "poster", ["tree"])
        seen = set()
        for facet in ("time", "season", "weather", "style"):
            for value in FACETS[facet]:
                plan = Plan(**{**base.__dict__, facet: value})
                picture = render(21, SMALL, plan, "flat").picture
                seen.add(picture.tobytes())
        total = sum(len(FACETS[f]) for f in ("time", "season", "weather", "style"))
        # The base is in each facet once.
        self.assertEqual(len(seen), total - 3)

    def test_every_outline_of_every_thing_is_finite(self):
        for name, make in MAKERS.items():
            parts = make(np.random.default_rng(1), 50.0, 80.0, 30.0)
            self.assertTrue(parts, name)
            self.assertTrue(all(np.isfinite(p.points).all() and p.points.shape[1] == 2 for p in parts), name)


class Sketches(unittest.TestCase):
    def test_every_kind(self):
        plan = Plan("lake", things=["pine"])
        for mode in MODES:
            sketch = render(4, SMALL, plan, mode).sketch
            self.assertEqual(sketch.min() == 255, mode == "blank", mode)
        lines = render(4, SMALL, plan, "lines").sketch
        self.assertGreater((lines > 250).mean(), 0.5)

    def test_colours_contradict_words_in_a_good_third(self):
        facts = [render(i, (64, 64)).facts for i in range(80)]
        share = np.mean([f["contradicts"] for f in facts])
        self.assertTrue(0.25 < share < 0.55, share)
        self.assertEqual({f["sketch"] for f in facts} - set(MODES), set())

    def test_a_contradicting_sketch_has_words_for_what_differs(self):
        for seed in range(60):
            scene = render(seed, (64, 64))
            if scene.facts["contradicts"]:
                told = [
                    any(text in scene.caption for text in WORDS[f][scene.facts[f]])
                    for f in ("time", "season", "weather")
                ]
                self.assertTrue(any(told), scene.caption)


class Captions(unittest.TestCase):
    def test_the_vocabulary_is_closed(self):
        captions = [render(i, (64, 64)).caption for i in range(120)]
        self.assertEqual({w for text in captions for w in WORD.findall(text.lower())} - set(VOCABULARY), set())
        self.assertGreater(len(set(captions)), 100)

    def test_every_thing_and_class_has_words(self):
        self.assertEqual({t for things in MAY.values() for t in things} - set(THINGS), set())
        for facet, names in FACETS.items():
            self.assertEqual(set(names), set(WORDS[facet]), facet)
        self.assertEqual(set(PLACES), set(FACETS["place"]))

    def test_flowers_are_gone_in_winter(self):
        self.assertEqual(present(Plan("meadow", season="winter"), ["flowers", "tree"], None), ["tree"])


class Writing(unittest.TestCase):
    def test_files(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "few"
            write_scenes(folder, 3, 50, 2, SMALL)
            pictures, scenes = np.load(folder / "pictures.npy"), json.loads((folder / "scenes.json").read_text())
            scene = render(51, SMALL)
            self.assertEqual(pictures[1].tobytes(), scene.picture.tobytes())
            self.assertEqual(scenes[1], {"caption": scene.caption, **scene.facts})
            self.assertEqual(json.loads((folder / "facts.json").read_text())[1], scene.facts)
            self.assertEqual(np.load(folder / "sketches.npy").shape, (3, 96, 96, 3))
            self.assertFalse(set(INDOORS) - set(PLACES))


if __name__ == "__main__":
    unittest.main()
