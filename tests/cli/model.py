"""Models, those that come with the program and those that `links pack` makes, and the open data in third_party."""

import csv
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import unittest.mock

import h5py
import numpy as np

from cli import Cli, main

MOST_BYTES = 12e6
CLIP = "third_party/real_clip"


class Model(Cli):
    """A tiny run becomes the model that came with the program."""

    def prepare(self):
        self.train_tiny("run")
        self.links("pack", "--run", "run", "--data", "poses.h5", "--output", "share/models/cmu")
        (self.work / "share/models/cmu/README.md").write_text("# cmu\n\nLifts tiny people. And more.\n")
        (self.work / "share/configs").symlink_to(self.source / "configs")
        (self.work / "bare").mkdir()
        (self.work / "bare/configs").symlink_to(self.source / "configs")

    def with_share(self, folder):
        return unittest.mock.patch.dict(os.environ, {"LINKS_SHARE": str(self.work / folder)})

    def joints(self, name, *words):
        self.links("lift", *words, "--device", "cpu", "--input", self.source / CLIP / "cam02", "--fps", "60", "-o", name)
        frames = json.loads((self.work / name).read_text())["frames"]
        return np.array([person["joints"] for frame in frames for person in frame["people"] if person.get("joints")])

    def test_lift_without_a_run_takes_it(self):
        with self.with_share("share"):
            own = self.joints("own.json", "--run", "run")
            usual = self.joints("usual.json")
            named = self.joints("named.json", "--run", "models/cmu")
        self.assertGreater(len(own), 100)
        np.testing.assert_array_equal(usual, named)
        np.testing.assert_allclose(usual, own, atol=2e-3)

    def test_without_one_a_run_is_asked_for(self):
        with self.with_share("bare"):
            _, err = self.links("lift", "--input", self.source / CLIP / "cam02", "-o", "x.json", code=2)
            self.assertIn("expected --run", err)
            out, err = self.links("info", "--models")
        self.assertEqual(out, "")
        self.assertIn("no model", err)

    def test_info_lists_it(self):
        with self.with_share("share"):
            out, _ = self.links("info", "--models")
        self.assertRegex(out, r"^cmu  \d+\.\d MB  Lifts tiny people  .*models/cmu\n$")

    def test_evaluate_gives_the_runs_figures(self):
        def figures(run):
            out, _ = self.links("evaluate", "--run", run, "--data", "poses.h5", "--device", "cpu", "--format", "csv")
            return [float(row["pa_mpjpe"]) for row in csv.DictReader(io.StringIO(out))]

        with self.with_share("share"):
            packed = figures("models/cmu")
        own = figures("run")
        self.assertGreater(len(own), 20)
        np.testing.assert_allclose(packed, own, atol=.05)
        self.assertNotEqual(packed, own, "in half precision")

    def test_its_cost_is_of_all_poses(self):
        _, err = self.links("pack", "--run", "run", "--data", "poses.h5", "--output", "told", "--most-mm", "1")
        told = float(re.search(r"by (\d+\.\d+) mm at most", err)[1])

        def of_all(run):
            self.links("evaluate", "--run", run, "--data", "poses.h5", "--device", "cpu", "--output", "told.json")
            rows = json.loads((self.work / "told.json").read_text())["results"]
            return {(row["composition"], row["scenario"], row["filler"], row["joints"], metric): row[metric]
                    for row in rows if row["grouping"] == "all" for metric in ("pa_mpjpe", "n_mpjpe")}

        own, packed = of_all("run"), of_all("told")
        self.assertEqual(own.keys(), packed.keys())
        self.assertAlmostEqual(told, max(abs(own[key] - packed[key]) for key in own), delta=6e-5)
        self.assertGreater(told, 0)

    def test_what_costs_too_much_is_refused(self):
        words = ["pack", "--run", "run", "--data", "poses.h5", "--output", "dear"]
        _, err = self.links(*words, "--most-mm", "0", code=1)
        self.assertIn("of the run's own, found", err)
        self.assertFalse((self.work / "dear").exists())
        self.links(*words, "--most-mm", "0", "--precision", "full")
        _, err = self.links(*words, code=2)
        self.assertIn("with something in it", err)

    def test_a_stage_alone(self):
        self.links("pack", "--run", "run", "--stage", "lifters", "--stage", "completion", "--output", "two")
        self.assertEqual(sorted(path.stem for path in (self.work / "two/checkpoints").iterdir()), ["completion", "lifters"])
        _, err = self.links("pack", "--run", "run", "--stage", "lifter", "--output", "none", code=2)
        self.assertIn("'lifter'", err)


class Shipped(Cli):
    """Every model in models/: its size, its papers, and the figures of its card computed again."""

    def test_figures(self):
        models = sorted(path.parent for path in self.source.glob("models/*/config.yaml"))
        if not models:
            self.skipTest("no model is in models/")
        for model in models:
            with self.subTest(model=model.name):
                files = [path for path in model.rglob("*") if path.is_file()]
                self.assertLess(sum(path.stat().st_size for path in files), MOST_BYTES)
                for name in ("README.md", "LICENSE", "figures.json", "metrics.jsonl", "environment.json"):
                    self.assertTrue((model / name).is_file(), name)
                done = subprocess.run([sys.executable, self.source / "scripts/model_figures.py", "--links", self.binary,
                                       "--model", model, "--check"], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                card = (model / "README.md").read_text()
                for camera, error in json.loads((model / "figures.json").read_text())["clip"].items():
                    self.assertIn(f"{camera} {error:.1f} mm", card)


class OpenData(Cli):
    """The data in third_party, read by the program and scored."""

    def score(self, *arguments, code=0):
        done = subprocess.run([sys.executable, self.source / "scripts/score_clip.py", *map(str, arguments)],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def lifted(self, name, change):
        """The truth of cam02 as `links lift` would write it, with a smaller person beside the subject."""
        with h5py.File(self.source / CLIP / "truth.h5") as truth:
            goal, joints = truth["cam02/joints_3d"][:].astype(float), truth["joints_17_index"][:]
        frames = []
        for target in goal:
            points = np.zeros((17, 3))
            points[joints] = change(target)
            keypoints = [[0, float(y)] for y in np.linspace(100, 900, 17)]
            other = [[0, 400.], None, [0, 500.]]
            frames.append({"people": [{"keypoints": other, "joints": np.ones((17, 3)).tolist()}, {"keypoints": other},
                                      {"keypoints": keypoints, "joints": points.tolist()}]})
        return self.write(name, json.dumps({"frames": frames}))

    def test_scores_are_of_the_aligned_subject(self):
        turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
        turn *= np.sign(np.linalg.det(turn))
        for name, change, low, high in [
                ("truth.json", lambda points: points, 0, 1e-6),
                ("moved.json", lambda points: .3 * points @ turn + [1, 2, 3], 0, 1e-6),
                ("mirrored.json", lambda points: points * [1, 1, -1], 50, 500)]:
            error = json.loads(self.score("--json", f"cam02={self.lifted(name, change)}"))["cam02"]
            self.assertTrue(low <= error <= high, f"{name}: {error}")
        # One joint of 14 that is 140 mm off costs 10 mm before the alignment takes its part.
        def off(points):
            moved = points.copy()
            moved[3, 0] += 140
            return moved

        error = json.loads(self.score("--json", f"cam02={self.lifted('off.json', off)}"))["cam02"]
        self.assertTrue(10 < error < 25, error)

    def test_wrong_files_are_told(self):
        path = self.lifted("short.json", lambda points: points)
        read = json.loads(path.read_text())
        path.write_text(json.dumps({"frames": read["frames"][:5]}))
        self.assertIn("expected 100 frames", self.score(f"cam02={path}", code=1))
        self.assertIn("expected cam02=FILE.json", self.score(f"cam09={path}", code=1))

    def test_the_motion_capture_is_whole(self):
        for name, count in (("cmu_mocap_dev", 201), ("cmu_mocap_train_daz", 66)):
            with tarfile.open(self.source / f"third_party/cmu_mocap/{name}.tar.xz") as archive:
                index = list(csv.DictReader(io.TextIOWrapper(archive.extractfile("index.csv"), encoding="utf-8")))
                clips = [member for member in archive.getnames() if member.endswith(".bvh")]
                self.assertEqual(sorted(row["file"] for row in index), sorted(clips))
                self.assertEqual(len(clips), count)
                row = index[-1]
                path = self.work / pathlib.Path(row["file"]).name
                path.write_bytes(archive.extractfile(row["file"]).read())
            self.links("data", "import", "bvh", path, "--output", f"{name}.h5", "--views", "1")
            with h5py.File(self.work / f"{name}.h5") as file:
                self.assertEqual(len(file["joints_3d"]), int(row["frames"]))


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
