"""Scenes: the same seed gives the same bytes; every place, thing, style and kind of sketch can be made."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

from underpaint_train.scenes import FACETS, THINGS, VOCABULARY, Plan, Scenes, dataset, render, write_scenes
from underpaint_train.scenes.by_hand import hand_sketches
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
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name) / "few"

    def written(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def test_files(self):
        write_scenes(self.folder, 3, 50, 2, SMALL)
        scenes, scene = Scenes(self.folder), render(51, SMALL)
        self.assertEqual(scenes.pictures[1].tobytes(), scene.picture.tobytes())
        self.assertEqual(scenes.facts[1], {"caption": scene.caption, **scene.facts})
        self.assertEqual(np.load(self.folder / "sketches.npy").shape, (3, 96, 96, 3))
        self.assertFalse(set(INDOORS) - set(PLACES))

    def test_a_killed_rendering_goes_on_where_it_stopped(self):
        with mock.patch.object(dataset, "CHUNK", 2):
            write_scenes(self.folder, 5, 50, 1, SMALL)
            whole = self.written()
            # Killed while a line and a picture were being written.
            with (self.folder / "scenes.jsonl").open("r+") as file:
                file.truncate(len("".join(file.readlines()[:3])) + 9)
            with (self.folder / "sketches.npy").open("ab") as file:
                file.write(b"half a picture")
            with mock.patch.object(dataset, "render", side_effect=render) as rendered:
                write_scenes(self.folder, 5, 50, 0, SMALL)
            self.assertEqual([call.args[0] for call in rendered.call_args_list], [53, 54])
        self.assertEqual(self.written(), whole)

    def test_more_scenes_are_added_to_those_that_are_there(self):
        write_scenes(self.folder, 2, 50, 1, SMALL)
        first = Scenes(self.folder).pictures.tobytes()
        write_scenes(self.folder, 4, 50, 1, SMALL)
        scenes = Scenes(self.folder)
        self.assertEqual((len(scenes), len(scenes.pictures)), (4, 4))
        self.assertEqual(scenes.pictures[:2].tobytes(), first)
        before = self.written()
        write_scenes(self.folder, 3, 50, 1, SMALL)
        self.assertEqual(self.written(), before)

    def test_scenes_can_be_read_while_they_are_rendered(self):
        write_scenes(self.folder, 2, 50, 1, SMALL)
        dataset.append(self.folder / "pictures.npy", np.zeros((1, 96, 96, 3), np.uint8), 2)
        self.assertEqual(len(Scenes(self.folder).pictures), 2)


class ByHand(unittest.TestCase):
    def test_every_sketch_has_strokes_on_its_sheet(self):
        drawn = hand_sketches()
        self.assertEqual(len(drawn), 16)
        for one in drawn:
            self.assertEqual((one.sketch.shape, one.sketch.dtype), ((256, 256, 3), np.uint8))
            self.assertGreater(one.sketch.std(), 10, one.prompt)
            grey = np.ptp(one.sketch.astype(int), axis=2).max() == 0
            self.assertEqual(one.lines_only, bool(grey), one.prompt)
            self.assertEqual(set(WORD.findall(one.prompt)) - set(VOCABULARY), set(), one.prompt)

    def test_strokes_scale_with_the_sheet(self):
        small, large = hand_sketches(128)[0].sketch, hand_sketches(256)[0].sketch
        halved = large.reshape(128, 2, 128, 2, 3).mean((1, 3))
        self.assertLess(np.abs(halved - small).mean(), 2)


if __name__ == "__main__":
    unittest.main()
