"""Training poses from files of several detectors at once: import_detectors.py [CLASS...] --binary links --source ."""

import pathlib
import sys

import h5py
import numpy as np

from cli import Cli, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from layouts import detectors  # noqa: E402

TINY = pathlib.Path(__file__).with_name("tiny.yaml")
EVERYONE = ["--set", "data.training_selection.subjects=[]", "--set", "data.validation_selection.subjects=[]",
            "--set", "data.validation=[]", "--set", "data.bone_ratios=human36m", "--device", "cpu"]


class Detectors(Cli):
    """Known poses, written in four layouts and four resolutions."""

    def setUp(self):
        if not (self.work / "poses.h5").exists():
            self.synthesize(poses=4000)
            type(self).written = detectors.write_all(self.work / "poses.h5", self.work)

    def read(self, name):
        with h5py.File(self.work / name) as file:
            return file["keypoints_2d"][:], file["camera"][:]

    def test_one_command_gives_back_every_complete_pose_once(self):
        inputs = [path for path, _ in self.written]
        out, err = self.links("data", "import", "detections", *inputs, "--output", "four.h5", "--distinct", "1e-5")
        self.assertIn("taken for h36m17", err)
        keypoints, cameras = self.read("four.h5")
        self.assertEqual(len(set(cameras)), 4)
        seen = kept = 0
        for path, clips in self.written:
            expected = []
            for points, rows in clips:
                last = None
                for person, row in zip(points, rows):
                    seen += 1
                    if (person[:, 2] > 0).all() and row != last:
                        expected.append(person[:, :2])
                        last = row
            found = keypoints[cameras == path.stem.encode()]
            kept += len(expected)
            self.assertEqual(found.shape, (len(expected), 17, 2), path)
            np.testing.assert_allclose(found, expected, atol=2e-3)
        self.assertGreater(seen, 1.1 * kept)
        self.assertRegex(out, rf"seen in \d+ frames of 4 inputs +{seen} +100.0")
        self.assertRegex(out, rf"kept +{kept} ")

    def test_people_in_part_are_trained_on(self):
        path, _ = self.written[0]
        self.links("data", "import", "detections", path, "--output", "whole.h5")
        self.links("data", "import", "detections", path, "--output", "legs.h5", "--require", "legs")
        whole, legs = len(self.read("whole.h5")[0]), len(self.read("legs.h5")[0])
        self.assertGreater(legs, whole)
        training = ["--config", TINY, *EVERYONE, "--set", "data.training=[legs.h5]", "--set", "data.scale=person",
                    "--stage", "flows", "--stage", "lifters"]
        _, err = self.links("train", *training, "--output", "left_out")
        self.assertIn(f"{legs - whole} of {legs} training poses lack joints in 2D and are left out", err)
        _, err = self.links("train", *training, "--set", "data.partial=true", "--output", "partial")
        self.assertIn(f"all 17 joints are seen of {whole} of {legs} poses, legs of {legs}", err)
        self.assertIn("legs/likelihood", (self.work / "partial" / "metrics.jsonl").read_text())


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
