"""The Python package against the program: package.py --binary build/release/bin/links --source ."""

import inspect
import json
import os
import pathlib
import subprocess
import sys
import unittest

from cli import Cli, main
from gaps import lines, people

POSES = 300


def import_links():
    """-> numpy, torch and the package; SkipTest says what is missing."""
    try:
        import numpy
        import torch
    except ImportError as error:
        raise unittest.SkipTest(f"{sys.executable}: {error}; pip install torch numpy") from error
    try:
        import links
    except ImportError as error:
        raise unittest.SkipTest(f"{error}: the module was not built for this Python (LINKS_BUILD_PYTHON)") from error
    return numpy, torch, links


class Package(Cli):
    """A run with every stage, lifted with from Python and by the program."""

    def prepare(self):
        global np, torch, links
        np, torch, links = import_links()
        torch.set_num_threads(1)
        self.train_tiny("run")
        poses = people(POSES)
        self.write("poses.jsonl", lines(poses))
        type(self).given = np.array(poses)
        type(self).lifter = links.Lifter(self.work / "run")

    def by_program(self, *more):
        self.links("lift", "--run", "run", "--device", "cpu", "--input", "poses.jsonl", "--map", "h36m17", "--output",
                   "lifted.npz", *more)
        with np.load(self.work / "lifted.npz") as file:
            arrays = {name: file[name] for name in file.files}
        return arrays, arrays["index"].astype(int) - 1 + (arrays["index"].min() == 0)

    def assert_same(self, found, program, rows):
        posed = ~np.isnan(found.joints).any((-1, -2)).ravel()
        self.assertEqual(sorted(rows), list(np.flatnonzero(posed)))
        np.testing.assert_allclose(found.joints.reshape(-1, 17, 3)[rows], program["joints"], atol=2e-5)
        np.testing.assert_array_equal(found.states.reshape(-1, 17)[rows], program["states"])
        for name in ["scale_px", "plausibility"]:
            np.testing.assert_allclose(getattr(found, name).ravel()[rows], program[name], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(found.root_px.reshape(-1, 2)[rows], program["root_px"], rtol=1e-4, atol=1e-2)

    def test_poses_by_themselves_are_the_programs(self):
        program, rows = self.by_program("--tracks", "none")
        found = self.lifter.lift(self.given, layout="h36m17")
        self.assert_same(found, program, rows)
        self.assertEqual({index for (index,) in found.reasons}, set(range(POSES)) - set(rows))
        self.assertIn("at least 4 joints", next(iter(found.reasons.values())))
        self.assertTrue((found.states[sorted(set(range(POSES)) - set(rows))] == links.NO_POSE).all())

    def test_video_is_the_programs(self):
        # One person in every frame, of one track.
        steady = self.given[0][None, None] + np.sin(np.arange(60) / 9)[:, None, None, None] * np.array([8, 5, 0])
        self.write("poses.jsonl", "".join(json.dumps({"people": [{"track_id": 7, "keypoints": frame[0].tolist()}]}) + "\n"
                                          for frame in steady))
        try:
            for more, options in [((), {}), (("--fps", "30", "--smooth", "5"), {"fps": 30, "smooth_hz": 5}),
                                  (("--rigid",), {"rigid": True})]:
                if "--smooth" not in more:
                    more = (*more, "--smooth", "off")
                program, rows = self.by_program("--tracks", "file", *more)
                self.assert_same(self.lifter.lift(steady, layout="h36m17", **options), program, rows)
        finally:
            self.write("poses.jsonl", lines(people(POSES)))

    def test_stream_is_the_programs_pipe(self):
        text = lines(people(40))
        done = subprocess.run([self.binary, "-q", "lift", "--run", "run", "--device", "cpu", "--input", "-", "--map", "h36m17",
                               "--smooth", "off"], cwd=self.work, input=text, capture_output=True, text=True, check=True)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        stream = self.lifter.stream(layout="h36m17")
        self.assertEqual(len(answers), 40)
        for pose, answer in zip(self.given, answers):
            found, person = stream.push(pose[None]), answer["people"][0]
            if "joints" not in person or person["joints"] is None:
                self.assertTrue(np.isnan(found.joints).all())
                self.assertIn((0,), found.reasons)
                continue
            np.testing.assert_allclose(found.joints[0], person["joints"], atol=2e-5)
            self.assertEqual(found.tracks[0], person["track"] or "")
            np.testing.assert_allclose(found.scale_px[0], person["scale_px"], rtol=1e-4)

    def test_a_stream_forgets_nothing_between_frames_and_smooths(self):
        steady = np.repeat(self.given[0][None], 40, 0)
        noise = np.random.default_rng(1).normal(0, 2, steady[..., :2].shape)
        noisy = steady.copy()
        noisy[..., :2] += noise
        shake = {}
        for smooth in [None, 1]:
            stream = self.lifter.stream(layout="h36m17", fps=30, smooth_hz=smooth)
            joints = np.stack([stream.push(pose[None], tracks=["a"]).joints[0] for pose in noisy])
            shake[smooth] = np.abs(np.diff(joints[10:], axis=0)).mean()
        self.assertLess(shake[1], .7 * shake[None])

    def test_shapes_types_and_layouts(self):
        joints = self.lifter.lift(self.given, layout="h36m17").joints
        one = self.lifter.lift(self.given[0], layout="h36m17")
        self.assertEqual((one.joints.shape, one.states.shape, one.scale_px.shape, one.root_px.shape),
                         ((17, 3), (17,), (), (2,)))
        np.testing.assert_allclose(one.joints, joints[0], atol=2e-5)
        video = self.lifter.lift(self.given[:20].reshape(10, 2, 17, 3), layout="h36m17")
        self.assertEqual(video.joints.shape, (10, 2, 17, 3))
        for kind in [np.float32, np.float64]:
            apart = self.lifter.lift(self.given[..., :2].astype(kind), self.given[..., 2].astype(kind), layout="h36m17")
            np.testing.assert_allclose(apart.joints, joints, atol=1e-3)
        turned = np.asfortranarray(self.given)[::-1]
        np.testing.assert_allclose(self.lifter.lift(turned, layout="h36m17").joints[::-1], joints, atol=2e-5)
        tensor = self.lifter.lift(torch.from_numpy(self.given), layout="h36m17")
        self.assertIsInstance(tensor.joints, torch.Tensor)
        np.testing.assert_allclose(tensor.joints.numpy(), joints, atol=2e-5)
        tall = links.Lifter(self.work / "run", height_mm=1750).lift(self.given[:1], layout="h36m17")
        legs = np.linalg.norm(np.diff(tall.joints_mm[0][[1, 2, 3, 4, 5, 6]], axis=0)[[0, 1, 3, 4]], axis=-1).sum() / 2
        trunk = np.linalg.norm(np.diff(tall.joints_mm[0][[0, 7, 8, 9, 10]], axis=0), axis=-1).sum()
        self.assertAlmostEqual(legs + trunk, .961 * 1750, delta=.5)
        coco = np.random.default_rng(2).uniform(100, 300, (4, 17, 2))
        np.testing.assert_array_equal(self.lifter.lift(coco).joints, self.lifter.lift(coco, layout="coco17-simple").joints)
        share = coco / [1920, 1080]
        np.testing.assert_allclose(self.lifter.lift(share, image_size=(1920, 1080)).joints, self.lifter.lift(coco).joints,
                                   atol=2e-5)

    def test_nobody_lists_and_half_precision(self):
        stream = self.lifter.stream(layout="h36m17")
        nobody = stream.push(np.zeros((0, 17, 3)))
        self.assertEqual((nobody.joints.shape, nobody.tracks), ((0, 17, 3), []))
        self.assertEqual(stream.push(self.given[:1]).tracks, ["1"])
        with self.assertRaisesRegex(links.Error, "17 keypoints as before, found 20"):
            stream.push(np.zeros((1, 20, 3)))
        self.assertEqual(stream.push(self.given[:1]).tracks, ["1"])
        self.assertEqual(self.lifter.lift(np.zeros((0, 17, 3))).joints.shape, (0, 17, 3))
        self.assertEqual(self.lifter.lift(np.zeros((0, 2, 17, 3))).joints.shape, (0, 2, 17, 3))
        unseen = self.lifter.lift(np.zeros((17, 2)))
        self.assertEqual(unseen.reasons, {(): "expected at least 4 joints seen, found 0"})
        self.assertTrue((unseen.states == links.NO_POSE).all())
        expected = self.lifter.lift(self.given[:2], layout="h36m17").joints
        np.testing.assert_array_equal(self.lifter.lift(self.given[:2].tolist(), layout="h36m17").joints, expected)
        half = self.lifter.lift(torch.from_numpy(self.given[:2]).half(), layout="h36m17")
        np.testing.assert_allclose(half.joints.numpy(), expected, atol=.1)

    def test_nothing_is_copied_that_need_not_be(self):
        from links._arrays import like, to_numpy
        for kind in [np.float32, np.float64]:
            array = np.ones((2, 17, 3), kind)
            tensor = torch.from_numpy(array)
            self.assertTrue(np.shares_memory(to_numpy(array), array))
            self.assertTrue(np.shares_memory(to_numpy(tensor), array))
            self.assertTrue(np.shares_memory(like(array, tensor).numpy(), array))

    def test_wrong_calls_are_a_sentence(self):
        lift, pose = self.lifter.lift, self.given[:2]
        inf = pose.copy()
        inf[1, 3, 0] = np.inf
        for words, call in [
                ("20 keypoints|17 keypoints", lambda: lift(np.ones((2, 20, 2)))),
                (r"\(5,\)", lambda: lift(np.ones(5))),
                ("confidence", lambda: lift(pose[..., :2], np.ones((2, 3)), layout="h36m17")),
                ("keypoint 3 of person 0 in frame 1", lambda: lift(inf, layout="h36m17")),
                ("nonsense", lambda: lift(pose, layout="nonsense")),
                ("size of the image", lambda: lift(pose[..., :2] / 1e4, layout="h36m17")),
                ("by themselves", lambda: lift(pose, layout="h36m17", fps=25)),
                ("different names", lambda: lift(pose[None], layout="h36m17", tracks=["a", "a"])),
                ("rise", lambda: lift(pose[:, None], layout="h36m17", frames=[3, 3])),
                ("fps", lambda: lift(pose[:, None], layout="h36m17", smooth_hz=5)),
                ("training", lambda: links.Lifter(self.work / "run", scale="tall")),
                ("absent", lambda: links.Lifter(self.work / "absent")),
                ("dice", lambda: links.Lifter(self.work / "run", device="dice")),
                (r"\(N, 17, 3\)", lambda: links.evaluate(np.ones((2, 17, 2)), np.ones((2, 17, 2)))),
                ("as many", lambda: links.evaluate(np.ones((2, 17, 3)), np.ones((3, 17, 3)))),
                ("absent.h5", lambda: links.read_poses(self.work / "absent.h5")),
                ("frame number of at least 1", lambda: self.push_twice(pose))]:
            with self.subTest(words=words), self.assertRaisesRegex((links.Error, links.UsageError), words) as raised:
                call()
            self.assertEqual(len(str(raised.exception).splitlines()), 1)

    def push_twice(self, pose):
        stream = self.lifter.stream(layout="h36m17")
        stream.push(pose, frame=0)
        stream.push(pose, frame=0)

    def test_evaluate(self):
        draw = np.random.default_rng(3)
        truth = draw.normal(0, 300, (50, 17, 3))
        predicted = truth * 1.3 + draw.normal(0, 20, truth.shape) + [[[10, 20, 3000]]]
        found = links.evaluate(predicted, truth)
        self.assertEqual(set(found), {"poses", "rejected", *links.METRICS})
        p, g = predicted - predicted[:, :1], truth - truth[:, :1]
        error = lambda a: np.linalg.norm(a - g, axis=-1).mean()
        norm = lambda a: np.linalg.norm(a.reshape(50, -1), axis=1)[:, None, None]
        self.assertAlmostEqual(found["mpjpe"], error(p), delta=1e-2)
        self.assertAlmostEqual(found["n_mpjpe"], error(p * norm(g) / norm(p)), delta=1e-2)
        self.assertLess(found["pa_mpjpe"], found["n_mpjpe_lsq"])
        perfect = links.evaluate(torch.from_numpy(truth), torch.from_numpy(truth))
        self.assertLess(perfect["pa_mpjpe"], 1e-3)
        self.assertEqual((perfect["n_pck"], perfect["poses"]), (100, 50))
        broken = predicted.copy()
        broken[4, 2] = np.nan
        self.assertEqual(links.evaluate(broken, truth)["rejected"], 1)
        self.assertTrue(np.isnan(links.evaluate(np.zeros((0, 17, 3)), np.zeros((0, 17, 3)))["mpjpe"]))

    def test_pose_files_both_ways(self):
        poses = links.read_poses(self.work / "poses.h5")
        self.assertEqual(poses.keypoints_2d.shape, (len(poses), 17, 2))
        links.write_poses(self.work / "again.h5", poses)
        again = links.read_poses(self.work / "again.h5")
        for name in ["keypoints_2d", "joints_3d"]:
            np.testing.assert_array_equal(getattr(again, name), getattr(poses, name))
        self.assertEqual((again.subject, again.frame, again.source), (poses.subject, poses.frame, poses.source))
        out, _ = self.links("data", "info", "again.h5")
        self.assertIn(str(len(poses)), out)
        few = links.read_poses(self.work / "poses.h5", subjects=[poses.subject[0]], stride=2)
        self.assertEqual(set(few.subject), {poses.subject[0]})
        links.write_poses(self.work / "small.h5", links.Poses(torch.from_numpy(self.given[:3, :, :2] + 1)))
        self.assertIsNone(links.read_poses(self.work / "small.h5").joints_3d)
        with self.assertRaisesRegex(links.UsageError, "joints_3d"):
            links.write_poses(self.work / "bad.h5", links.Poses(poses.keypoints_2d, poses.joints_3d[:3]))
        (self.work / "cut.h5").write_bytes((self.work / "again.h5").read_bytes()[:4000])
        with self.assertRaisesRegex(links.Error, "cut.h5"):
            links.read_poses(self.work / "cut.h5")

    def test_without_a_model_the_shipped_one_or_a_sentence(self):
        try:
            lifter = links.Lifter()
        except links.Error as error:
            self.assertIn("model", str(error))
        else:
            self.assertTrue(os.path.isdir(lifter.model))

    def test_typed_and_documented(self):
        self.assertTrue(pathlib.Path(links.__file__).with_name("py.typed").exists())
        for name in links.__all__:
            item = getattr(links, name)
            if not callable(item) or issubclass(type(item), type) and issubclass(item, Exception):
                continue
            self.assertTrue(inspect.getdoc(item), name)
            functions = [(name, item)] if inspect.isfunction(item) else inspect.getmembers(item, inspect.isfunction)
            for part, function in functions:
                if part.startswith("_"):
                    continue
                self.assertTrue(inspect.getdoc(function), f"{name}.{part}")
                hints = function.__annotations__
                self.assertIn("return", hints, f"{name}.{part}")
                self.assertLessEqual(set(inspect.signature(function).parameters) - {"self"}, set(hints), f"{name}.{part}")

    def test_threads_may_share_a_lifter(self):
        from concurrent.futures import ThreadPoolExecutor
        expected = self.lifter.lift(self.given, layout="h36m17").joints
        with ThreadPoolExecutor(4) as pool:
            for joints in pool.map(lambda _: self.lifter.lift(self.given, layout="h36m17").joints, range(8)):
                np.testing.assert_array_equal(joints, expected)


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
