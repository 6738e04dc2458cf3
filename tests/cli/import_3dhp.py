"""Imports MPI-INF-3DHP in its published layouts: import_3dhp.py [CLASS...] --binary bin/links --source ."""

import pathlib
import shutil
import sys

import h5py
import numpy as np
import scipy.io
import scipy.sparse

from cli import Cli, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from layouts import mpi_inf_3dhp as layout  # noqa: E402

SETS = {"all": range(14), "regular": range(14), "relevant": range(11), "ceiling": range(11, 14),
        "vnect": [0, 1, 2, 4, 5, 6, 7, 8], "mm3d_chest": [0, 2, 4, 7, 8]}


def convert(case, folder, part, *options, code=0):
    """-> (data sets of the pose file or None, stdout, stderr)"""
    output = case.work / "out.h5"
    output.unlink(missing_ok=True)
    out, err = case.links("data", "import", "mpi-inf-3dhp", folder, "--part", part, "--output", output,
                          *options, code=code, partial=True)
    if not output.exists():
        return None, out, err
    with h5py.File(output) as file:
        poses = {name: data[()] for name, data in file.items()}
        poses["source"] = file.attrs["source"].decode()
    for name in ("subject", "action", "camera"):
        poses[name] = [text.decode() for text in poses[name]]
    return poses, out, err


def one_line(case, err, *words):
    """One message of stderr has all the words."""
    lines = [line for line in err.splitlines() if all(word in line for word in words)]
    case.assertEqual(len(lines), 1, f"{words} in\n{err}")


def assert_view(case, poses, camera, view, frames, truth="univ_annot3"):
    """The poses of a camera are these frames of the view."""
    rows = [row for row, name in enumerate(poses["camera"]) if name == str(camera)]
    case.assertEqual(list(poses["frame"][rows]), list(frames))
    np.testing.assert_allclose(poses["keypoints_2d"][rows], view["annot2"][frames], atol=1e-3)
    np.testing.assert_allclose(poses["joints_3d"][rows], view[truth][frames], atol=1e-3)


class Train3dhp(Cli):
    """annot.mat, version 5."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.frames = 60
        cls.seen = layout.views(1, cls.frames, layout.CAMERAS)
        cls.data = cls.work / "data"
        layout.write_train(cls.data, "S1", "Seq1", cls.seen)

    def first(self, *options, **more):
        return convert(self, self.data, "train", "--subjects", "S1", "--allow-missing", *options, **more)

    def test_both_ground_truths_and_the_source_says_which(self):
        for truth in ("univ_annot3", "annot3"):
            poses, out, _ = self.first("--ground-truth", truth)
            for camera in SETS["vnect"]:
                assert_view(self, poses, camera, self.seen[camera], range(self.frames), truth)
            self.assertIn(truth, poses["source"].split(", ")[1])
            self.assertIn(f"ground truth: {truth}", out)
            self.assertEqual(set(poses["subject"]), {"S1"})
            self.assertEqual(set(poses["action"]), {"Seq1"})
        poses, out, _ = self.first()
        self.assertIn("univ_annot3", poses["source"])
        self.assertIn("does not reproject", out)

    def test_univ_annot3_is_told_from_annot3(self):
        difference = self.seen[0]["annot3"] - self.seen[0]["univ_annot3"]
        self.assertGreater(np.abs(difference).max(), 20)

    def test_camera_sets_by_name(self):
        for name, cameras in SETS.items():
            poses, _, _ = self.first("--camera-set", name)
            self.assertEqual(sorted(set(poses["camera"]), key=int), [str(camera) for camera in cameras])
            self.assertEqual(len(poses["frame"]), self.frames * len(cameras))
            for camera in cameras:
                assert_view(self, poses, camera, self.seen[camera], range(self.frames))
        self.assertIn("vnect", self.first()[0]["source"])

    def test_left_arm_comes_before_the_right(self):
        poses, _, _ = self.first("--camera-set", "mm3d_chest")
        for ours, name in ((11, "left_shoulder"), (13, "left_wrist"), (14, "right_shoulder"),
                           (16, "right_wrist"), (1, "right_hip"), (4, "left_hip"), (9, "head"),
                           (10, "head_top")):
            index = layout.TRAIN_JOINTS.index(name)
            cell = layout.train_variables(self.seen)["univ_annot3"][0, 0]
            expected = cell[:, 3 * index:3 * index + 3]
            np.testing.assert_allclose(poses["joints_3d"][:self.frames, ours], expected, atol=1e-3)

    def test_uncompressed_and_single_precision_files(self):
        def as_single(variables):
            for name in ("annot2", "annot3", "univ_annot3"):
                for index in range(layout.CAMERAS):
                    variables[name][index, 0] = variables[name][index, 0].astype(np.float32)
        expected, _, _ = self.first()
        for number, (compress, change) in enumerate([(False, None), (False, as_single), (True, as_single)]):
            data = self.work / f"kind{number}"
            layout.write_train(data, "S1", "Seq1", self.seen, compress, change)
            poses, _, _ = convert(self, data, "train", "--subjects", "S1", "--allow-missing")
            np.testing.assert_allclose(poses["joints_3d"], expected["joints_3d"], atol=1e-3)
            np.testing.assert_allclose(poses["keypoints_2d"], expected["keypoints_2d"], atol=1e-3)

    def test_rows_of_cells_lie_in_either_direction(self):
        def as_row(variables):
            variables["annot2"] = variables["annot2"].T
        data = self.work / "rows"
        layout.write_train(data, "S1", "Seq1", self.seen, change=as_row)
        poses, _, _ = convert(self, data, "train", "--subjects", "S1", "--allow-missing")
        assert_view(self, poses, 8, self.seen[8], range(self.frames))

    def test_short_and_absent_sequences_are_listed(self):
        _, out, err = self.first(code=0)
        self.assertIn("missing or not readable: 2", out)
        one_line(self, err, "S1/Seq1/annot.mat",
                 "expected 6416 frames, found 60 of camera 0, 1, 2, 4, 5, 6, 7, 8")
        one_line(self, err, "S1/Seq2/annot.mat", "found no file")
        _, _, err = convert(self, self.data, "train", "--subjects", "S1", code=1)
        self.assertIn("2 parts missing", err)
        poses, _, err = convert(self, self.data, "train", "--subjects", "S1,S9", "--allow-missing")
        one_line(self, err, "the subject S9")
        self.assertEqual(set(poses["subject"]), {"S1"})

    def test_only_the_published_rows_are_read(self):
        published = 6054
        short = layout.views(2, 5, layout.CAMERAS)
        seen = [layout.views(3, published + 4, 1)[0], *short[1:]]
        for name in ("annot2", "annot3", "univ_annot3"):
            seen[0][name][published:] = np.nan
        data = self.work / "long"
        layout.write_train(data, "S8", "Seq2", seen, compress=False)
        poses, _, err = convert(self, data, "train", "--subjects", "S8", "--camera-set", "mm3d_chest",
                                "--allow-missing")
        assert_view(self, poses, 0, seen[0], range(published))
        assert_view(self, poses, 2, seen[2], range(5))
        one_line(self, err, "S8/Seq2", "expected 6054 frames, found 5 of camera 2, 4, 7, 8")
        self.assertNotIn("otherwise", err)

    def test_frames_by_number_and_rate(self):
        data = self.work / "rates"
        for sequence in ("Seq1", "Seq2"):  # 25 and 50 frames a second
            layout.write_train(data, "S1", sequence, self.seen)
        for options, steps in ((["--every", 4], (4, 4)), (["--fps", 25], (1, 2)),
                               (["--fps", 25, "--every", 3], (3, 6)), (["--fps", "native"], (1, 1))):
            poses, _, _ = convert(self, data, "train", "--subjects", "S1", "--camera-set", "ceiling",
                                  "--allow-missing", *options)
            for sequence, step in zip(("Seq1", "Seq2"), steps):
                rows = zip(poses["frame"], poses["action"], poses["camera"])
                frames = [frame for frame, action, camera in rows if (action, camera) == (sequence, "12")]
                self.assertEqual(frames, list(range(0, self.frames, step)))

    def test_frames_by_distance_are_the_same_for_all_cameras(self):
        poses, _, _ = self.first("--moved-mm", 80, "--camera-set", "relevant")
        joints = self.seen[3]["univ_annot3"]
        kept = [0]
        for frame in range(1, self.frames):
            if np.linalg.norm(joints[frame] - joints[kept[-1]], axis=-1).max() >= 80:
                kept.append(frame)
        self.assertTrue(3 < len(kept) < self.frames - 10)
        for camera in SETS["relevant"]:
            assert_view(self, poses, camera, self.seen[camera], kept)

    def test_bad_frames_are_left_out_of_their_camera_only(self):
        def spoil(variables):
            variables["univ_annot3"][0, 0][[0, 7], 3 * 4 + 2] = [np.nan, -5]  # pelvis z
            variables["annot2"][1, 0][9, 2 * 4] = np.inf
            variables["annot2"][2, 0][11, 0] = np.nan  # spine3: none of ours
        data = self.work / "spoilt"
        layout.write_train(data, "S1", "Seq1", self.seen, change=spoil)
        for options in ([], ["--moved-mm", 0.01]):
            poses, out, err = convert(self, data, "train", "--subjects", "S1", "--allow-missing", *options)
            every = range(self.frames)
            reference_good = [frame for frame in every if frame not in (0, 7)]
            assert_view(self, poses, 0, self.seen[0], reference_good)
            assert_view(self, poses, 1, self.seen[1], [frame for frame in every if frame != 9])
            assert_view(self, poses, 2, self.seen[2], every)
            one_line(self, err, "camera 0", "found 2 of 60 frames otherwise, frame 0 the first")
            one_line(self, err, "camera 1", "found 1 of 60 frames otherwise, frame 9 the first")
            self.assertIn("missing or not readable: 4", out)

    def test_wrong_calls(self):
        for options in (["--camera-set", "front"], ["--ground-truth", "annot4"], ["--fps", 30],
                        ["--all-frames"], ["--every", 0]):
            self.first(*options, code=2)
        self.links("data", "import", "mpi-inf-3dhp", self.data, "--output", "x.h5", code=2)
        for option in (["--camera-set", "ceiling"], ["--fps", "25"]):
            convert(self, self.data, "test", *option, code=2)
        _, _, err = convert(self, self.data, "test", code=1)
        self.assertIn("expected folders TS1 to TS6", err)
        convert(self, self.work / "nowhere", "train", code=1)


class Test3dhp(Cli):
    """annot_data.mat, version 7.3."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        random = np.random.default_rng(5)
        cls.data = cls.work / "data"
        cls.frames, cls.seen, cls.valid, cls.activity = {}, {}, {}, {}
        for number in range(1, 7):
            name = f"TS{number}"
            frames = {5: 320, 6: 492}.get(number, 40 + number)  # published counts for two of them
            valid = np.zeros(frames)
            valid[random.permutation(frames)[:{5: 276, 6: 452}.get(number, 20)]] = 1
            cls.seen[name] = layout.views(number, frames, 1)[0]
            cls.valid[name] = np.flatnonzero(valid)
            cls.activity[name] = random.integers(1, 8, frames)
            layout.write_test(cls.data, name, cls.seen[name], valid, cls.activity[name])
            cls.frames[name] = frames

    def assert_sequence(self, poses, name, frames, truth="univ_annot3"):
        rows = [row for row, subject in enumerate(poses["subject"]) if subject == name]
        part = {key: values[rows] for key, values in poses.items() if isinstance(values, np.ndarray)}
        part["camera"] = [poses["camera"][row] for row in rows]
        assert_view(self, part, 0, self.seen[name], frames, truth)
        self.assertEqual([poses["action"][row] for row in rows],
                         [layout.ACTIVITIES[self.activity[name][frame] - 1] for frame in frames])

    def test_valid_frames_of_every_sequence(self):
        for truth in ("univ_annot3", "annot3"):
            poses, out, _ = convert(self, self.data, "test", "--ground-truth", truth, "--allow-missing")
            for name, frames in self.valid.items():
                self.assert_sequence(poses, name, frames, truth)
                self.assertIn(f"{name}: {len(frames)} of {self.frames[name]} frames valid", out)
            self.assertEqual(set(poses["camera"]), {"0"})
            self.assertEqual(set(poses["action"]), set(layout.ACTIVITIES))
            self.assertIn(truth, poses["source"])

    def test_all_frames_on_demand(self):
        poses, _, _ = convert(self, self.data, "test", "--all-frames", "--allow-missing")
        for name, frames in self.frames.items():
            self.assert_sequence(poses, name, range(frames))

    def test_published_counts(self):
        poses, out, err = convert(self, self.data, "test", "--subjects", "TS5,TS6")
        self.assertEqual(len(poses["frame"]), 276 + 452)
        self.assertNotIn("missing", out)
        _, _, err = convert(self, self.data, "test", code=1)
        one_line(self, err, "TS2/annot_data.mat", "expected 6080 frames, 540 of them valid, found 42 and 20")
        self.assertNotIn("TS6/annot_data.mat: expected", err)

    def test_frame_choice_counts_valid_frames(self):
        poses, _, _ = convert(self, self.data, "test", "--every", 3, "--subjects", "TS5")
        self.assert_sequence(poses, "TS5", self.valid["TS5"][::3])

    def test_integers_logicals_and_columns(self):
        def change(variables):
            variables["valid_frame"] = variables["valid_frame"].T.astype(np.uint8)
            variables["activity_annotation"] = variables["activity_annotation"].astype(np.int32)
            variables["annot2"] = variables["annot2"].astype(np.float32)
        data = self.work / "kinds"
        valid = np.isin(np.arange(320), self.valid["TS5"])
        layout.write_test(data, "TS5", self.seen["TS5"], valid, self.activity["TS5"], change,
                          {"valid_frame": "logical", "activity_annotation": "int32", "annot2": "single"})
        poses, _, _ = convert(self, data, "test", "--subjects", "TS5")
        self.assert_sequence(poses, "TS5", self.valid["TS5"])

    def test_one_frame_only(self):
        """MATLAB drops lengths of 1 at the end: 2 x 17, not 2 x 17 x 1 x 1."""
        def squeeze(variables):
            for name in ("annot2", "annot3", "univ_annot3"):
                variables[name] = variables[name][:, :, 0, 0]
        view = {name: joints[:1] for name, joints in self.seen["TS1"].items()}
        layout.write_test(self.work / "one", "TS1", view, [1], [3], squeeze)
        poses, _, _ = convert(self, self.work / "one", "test", "--subjects", "TS1", "--allow-missing")
        assert_view(self, poses, 0, view, [0])
        self.assertEqual(poses["action"], ["Sitting"])

    def test_bad_frames_and_activities_are_left_out(self):
        def spoil(variables):
            variables["univ_annot3"][2, 14, 0, 4] = -10
            variables["univ_annot3"][:, :, 0, 5] = np.nan  # not valid
            variables["activity_annotation"][0, 6] = 8
            variables["activity_annotation"][0, 7] = np.nan
        valid = np.ones(47)
        valid[5] = 0
        view = {name: joints[:47] for name, joints in self.seen["TS5"].items()}
        layout.write_test(self.work / "bad", "TS5", view, valid, np.full(47, 2), spoil)
        poses, _, err = convert(self, self.work / "bad", "test", "--subjects", "TS5", "--allow-missing")
        assert_view(self, poses, 0, view, [frame for frame in range(47) if frame not in (4, 5, 6, 7)])
        one_line(self, err, "found 1 of 44 frames otherwise, frame 4 the first")
        one_line(self, err, "activity_annotation", "found 2 frames otherwise, frame 6 with 8 the first")


class Broken3dhp(Cli):
    """Files that are not what they should be: a sentence; the rest comes with --allow-missing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seen = layout.views(7, 6, layout.CAMERAS)
        cls.data = cls.work / "data"
        layout.write_train(cls.data, "S1", "Seq1", cls.seen)
        cls.good_test = cls.work / "good"
        layout.write_test(cls.good_test, "TS1", cls.seen[0], np.ones(6), np.ones(6))

    def expect_sentence(self, part, path, *words):
        """The file is named with the words; the other file of the data set still comes."""
        subject = path.parent.parent.name if part == "train" else path.parent.name
        folder = path.parents[2] if part == "train" else path.parents[1]
        _, _, err = convert(self, folder, part, "--subjects", subject, "--allow-missing",
                            code=0 if part == "train" else 1)
        warnings = [line for line in err.splitlines() if line.startswith("warning")]
        one_line(self, "\n".join(warnings), str(path), *words)

    def broken_train(self, change, *words, compress=True):
        path = layout.write_train(self.data, "S1", "Seq2", self.seen, compress, change)
        self.expect_sentence("train", path, *words)

    def test_variables_of_another_kind(self):
        def put(name, value):
            return lambda variables: variables.update({name: value})

        def put_cell(name, index, value):
            def change(variables):
                variables[name][index, 0] = value
            return change
        for compress in (True, False):
            for change, words in [
                    (lambda variables: variables.pop("annot2"), ["'annot2'", "found none"]),
                    (lambda variables: variables.pop("univ_annot3"), ["'univ_annot3'", "found none"]),
                    (put("annot2", np.zeros((6, 56))), ["annot2", "14 cells", "6 x 56 of class double"]),
                    (put("annot2", "text"), ["annot2", "14 cells", "class char"]),
                    (put("annot2", {"field": 1}), ["annot2", "14 cells", "class struct"]),
                    (put("univ_annot3", layout.cells([np.zeros((6, 84))] * 13)),
                     ["univ_annot3", "13 x 1 of class cell"]),
                    (put_cell("annot2", 2, np.zeros((6, 84))), ["annot2{3}", "n x 56", "found 6 x 84"]),
                    (put_cell("univ_annot3", 0, np.zeros((84, 6))), ["univ_annot3{1}", "found 84 x 6"]),
                    (put_cell("annot2", 4, np.zeros((0, 56))), ["annot2{5}", "n x 56", "found 0 x 56"]),
                    (put_cell("annot2", 4, np.zeros((0, 0))), ["annot2{5}", "n x 56", "found 0 x 0"]),
                    (put_cell("annot2", 4, np.zeros((6, 28, 2))), ["annot2{5}", "found 6 x 28 x 2"]),
                    (put_cell("annot2", 4, "text"), ["annot2{5}", "class char"]),
                    (put_cell("annot2", 4, np.zeros((6, 56), complex)), ["annot2{5}", "complex double"]),
                    (put_cell("annot2", 4, scipy.sparse.eye(6, 56, format="csc")), ["annot2{5}", "sparse"]),
                    (put_cell("annot2", 4, layout.cells([np.zeros((6, 56))])), ["annot2{5}", "class cell"])]:
                with self.subTest(words=words, compress=compress):
                    self.broken_train(change, *words, compress=compress)

    def test_a_broken_camera_leaves_the_others(self):
        def change(variables):
            variables["annot2"][0, 0] = np.zeros((6, 3))
        data = self.work / "camera"
        layout.write_train(data, "S2", "Seq1", self.seen, change=change)
        poses, _, _ = convert(self, data, "train", "--subjects", "S2", "--camera-set", "mm3d_chest",
                              "--allow-missing")
        self.assertEqual(list(dict.fromkeys(poses["camera"])), ["2", "4", "7", "8"])

    def test_files_that_are_no_mat_files(self):
        path = self.data / "S1" / "Seq2" / "annot.mat"
        path.parent.mkdir(exist_ok=True)
        version4 = self.work / "v4.mat"
        scipy.io.savemat(version4, {"annot2": np.zeros((6, 56))}, format="4")
        for content in (b"", b"x", b"<html>" * 100, bytes(5000), version4.read_bytes()):
            path.write_bytes(content)
            self.expect_sentence("train", path, "expected a MAT file")
        path.unlink()
        path.mkdir()
        self.expect_sentence("train", path, "expected a MAT file")
        path.rmdir()
        with h5py.File(path, "w") as file:
            file["annot2"] = np.zeros(3)
        self.expect_sentence("train", path, "expected a MAT file")
        path.unlink()

    def test_version_5_cut_off_anywhere(self):
        for compress in (True, False):
            path = layout.write_train(self.data, "S1", "Seq2", self.seen, compress)
            content = path.read_bytes()
            for length in [*range(129, 400, 61), *range(400, len(content), len(content) // 15),
                           len(content) - 1]:
                path.write_bytes(content[:length])
                with self.subTest(compress=compress, length=length):
                    self.expect_sentence("train", path, "expected a whole MAT file")

    def test_version_5_with_bytes_changed(self):
        """A compressed file never gives other numbers; no file gives a crash."""
        random = np.random.default_rng(11)
        data = self.work / "changed"
        for compress in (True, False):
            path = layout.write_train(data, "S1", "Seq1", self.seen, compress)
            content = path.read_bytes()
            good, _, _ = convert(self, data, "train", "--subjects", "S1", "--allow-missing")
            for place in random.integers(128, len(content), 40):
                changed = bytearray(content)
                changed[place] ^= 1 << random.integers(8)
                path.write_bytes(changed)
                shutil.copy(self.data / "S1/Seq1/annot.mat", self.make(data / "S1" / "Seq2") / "annot.mat")
                poses, _, _ = convert(self, data, "train", "--subjects", "S1", "--allow-missing")
                shutil.rmtree(data / "S1" / "Seq2")
                rows = [row for row, action in enumerate(poses["action"]) if action == "Seq1"]
                if compress and rows:
                    np.testing.assert_array_equal(poses["joints_3d"][rows], good["joints_3d"])
                    np.testing.assert_array_equal(poses["keypoints_2d"][rows], good["keypoints_2d"])

    def make(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def test_version_73_of_another_kind(self):
        def put(name, value):
            return lambda variables: variables.update({name: value})
        for change, words in [
                (lambda variables: variables.pop("annot2"), ["'annot2'", "found none"]),
                (lambda variables: variables.pop("valid_frame"), ["'valid_frame'", "found none"]),
                (put("annot2", np.zeros((6, 1, 17, 2))), ["annot2", "2 x 17 x 1 x n", "6 x 1 x 17 x 2"]),
                (put("annot2", np.zeros((2, 17, 1, 5))), ["univ_annot3", "3 x 17 x 1 x 5", "3 x 17 x 1 x 6"]),
                (put("univ_annot3", np.zeros((3, 17, 6))), ["univ_annot3", "3 x 17 x 1 x 6", "3 x 17 x 6"]),
                (put("valid_frame", np.ones((1, 7))), ["valid_frame", "1 x 6", "found 1 x 7"]),
                (put("valid_frame", np.full((1, 6), 2.0)), ["valid_frame of 0 or 1", "found 2 at frame 0"]),
                (put("valid_frame", np.full((1, 6), np.nan)), ["valid_frame of 0 or 1", "found nan"]),
                (put("activity_annotation", np.ones((6, 6))), ["activity_annotation", "found 6 x 6"])]:
            with self.subTest(words=words):
                path = layout.write_test(self.work / "kind73", "TS1", self.seen[0], np.ones(6), np.ones(6),
                                         change)
                self.expect_sentence("test", path, *words)

    def test_version_73_cut_off_anywhere(self):
        path = layout.write_test(self.work / "cut73", "TS1", self.seen[0], np.ones(6), np.ones(6))
        content = path.read_bytes()
        for length in [0, 100, 128, 300, *range(512, len(content), len(content) // 12), len(content) - 1]:
            path.write_bytes(content[:length])
            with self.subTest(length=length):
                self.expect_sentence("test", path, "expected a")

    def test_no_valid_frame_is_no_pose_file(self):
        layout.write_test(self.work / "none", "TS1", self.seen[0], np.zeros(6), np.ones(6))
        poses, _, err = convert(self, self.work / "none", "test", "--subjects", "TS1", "--allow-missing",
                                code=1)
        self.assertIsNone(poses)
        self.assertIn("expected poses", err)


if __name__ == "__main__":
    sys.exit(main(__doc__.split(":")[0], globals()))
