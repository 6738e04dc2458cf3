"""Imports Human3.6M written in three published layouts: import_human36m.py [CLASS...] --binary links --source ."""

import pathlib
import pickle
import shutil
import subprocess
import sys
import zipfile

import h5py
import numpy as np

from cli import Cli, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from layouts import human36m as layout  # noqa: E402
from layouts import motion  # noqa: E402

CAMERAS = layout.CAMERAS


class Poses:
    """A pose file in memory."""

    def __init__(self, path):
        with h5py.File(path) as file:
            self.__dict__.update({name: data[()] for name, data in file.items()})
            self.source = file.attrs["source"].decode()
        for name in ("subject", "action", "camera"):
            setattr(self, name, np.array([text.decode() for text in getattr(self, name)]))

    def rows(self, subject=None, action=None, camera=None):
        chosen = np.ones(len(self.frame), dtype=bool)
        for name, value in (("subject", subject), ("action", action), ("camera", camera)):
            if value is not None:
                chosen &= getattr(self, name) == value
        return np.flatnonzero(chosen)


def convert(case, layout_name, path, *options, code=0):
    """-> (poses or None, stdout, stderr)"""
    output = case.work / "out.h5"
    output.unlink(missing_ok=True)
    out, err = case.links("data", "import", layout_name, path, "--output", output, *options, code=code, partial=True)
    return Poses(output) if output.exists() else None, out, err


def one_line(case, err, *words):
    """One message of stderr has all the words."""
    lines = [line for line in err.splitlines() if all(word in line for word in words)]
    case.assertEqual(len(lines), 1, f"{words} in\n{err}")


def assert_clips(case, poses, recordings, clips, cameras=range(4), frames=None, truth=lambda joints: joints):
    """The file holds of these takes of an action, one after the other, these frames."""
    frames = np.arange(recordings.frames) if frames is None else frames
    for subject, action in dict.fromkeys(clip[:2] for clip in clips):
        takes = [clip for clip in clips if clip[:2] == (subject, action)]
        for n in cameras:
            rows = poses.rows(subject, action, CAMERAS[n])
            case.assertEqual(list(poses.frame[rows]), list(frames) * len(takes), (subject, action, n))
            joints = np.concatenate([truth(recordings.joints(clip, n))[frames] for clip in takes])
            np.testing.assert_allclose(poses.joints_3d[rows], joints, rtol=0, atol=0.01)
            keypoints = np.concatenate([recordings.keypoints(clip, n)[frames] for clip in takes])
            np.testing.assert_allclose(poses.keypoints_2d[rows], keypoints, rtol=0, atol=0.01)


def by_original_name(clips):
    """In the order in which files named like the originals are read."""
    return sorted(clips, key=lambda clip: layout.original_name(*clip) + ".h5")


def broken_files(path):
    """Writes over a good HDF5 file what may be found in its place. -> names of the cases, one after the other"""
    good = path.read_bytes()
    for name, content in [("empty", b""), ("truncated", good[:len(good) // 2]), ("not HDF5", b"frame,x,y\n" * 99)]:
        path.write_bytes(content)
        yield name
    path.write_bytes(good)


class ImportHuman36mFetch(Cli):
    """processed/S9/Directions-1/annot.h5."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recordings = layout.Recordings(frames=6)
        cls.processed = layout.write_fetch(cls.work / "processed", cls.recordings)
        cls.one = layout.Recordings(frames=40, subjects=["S9"])

    def annot(self, action="Eating-1"):
        return self.work / "broken" / "S9" / action / "annot.h5"

    def broken(self, change, *words, path=None):
        """A data set whose clip Eating-1 was changed: one sentence, exit code 1, and the other clips are there."""
        shutil.rmtree(self.work / "broken", ignore_errors=True)
        layout.write_fetch(self.work / "broken", layout.Recordings(frames=3, subjects=["S9"]))
        with h5py.File(self.annot(), "r+") as file:
            change(file)
        return self.rest_is_there(*words)

    def rest_is_there(self, *words, lost=12):
        poses, out, err = convert(self, "h36m-fetch", self.work / "broken", "--subjects", "S9", code=1)
        self.assertEqual(len(poses.frame), 2 * 15 * 4 * 3 - lost)
        one_line(self, err, "annot.h5", *words)
        self.assertIn("missing or not readable: 1\n", out)
        convert(self, "h36m-fetch", self.work / "broken", "--subjects", "S9", "--allow-missing")
        return err

    def test_every_view_of_every_clip(self):
        for path in (self.processed, self.work):
            poses, out, err = convert(self, "h36m-fetch", path)
            self.assertEqual(len(poses.frame), (7 * 30 * 4 - 1) * 6)
            clips = [clip for clip in self.recordings.clips() if clip[:2] != ("S11", "Directions")]
            assert_clips(self, poses, self.recordings, clips)
            self.assertEqual(set(poses.action), set(layout.ACTIONS))
            self.assertIn("pose/3d;", poses.source)
            self.assertIn(f"poses: {len(poses.frame)}", out)
            self.assertIn("S11 Directions-2 is without camera 54138969", out)
        self.assertEqual(len(poses.rows("S11", "Directions", "54138969")), 6)
        self.assertEqual(len(poses.rows("S11", "Directions", "55011271")), 12)
        self.links("data", "info", "out.h5")

    def test_the_left_arm_comes_before_the_right_one(self):
        poses, _, _ = convert(self, "h36m-fetch", self.processed, "--subjects", "S9")
        recorded = self.recordings.joints_32(("S9", "Eating", 1), 2)
        rows = poses.rows("S9", "Eating", "58860488")[:6]
        np.testing.assert_allclose(poses.joints_3d[rows, 11:14], recorded[:, 17:20], atol=0.01)
        np.testing.assert_allclose(poses.joints_3d[rows, 14:17], recorded[:, 25:28], atol=0.01)

    def test_universal_skeleton(self):
        poses, _, _ = convert(self, "h36m-fetch", self.processed, "--joints-3d", "univ", "--subjects", "S5")
        self.assertIn("pose/3d-univ", poses.source)
        clips = [clip for clip in self.recordings.clips() if clip[0] == "S5"]
        assert_clips(self, poses, self.recordings, clips, truth=layout.universal)

    def test_doubles_and_frames_counted_from_one(self):
        layout.write_fetch(self.work / "sparse", self.one, dtype=np.float64, frames=range(0, 40, 13))
        poses, _, _ = convert(self, "h36m-fetch", self.work / "sparse", "--subjects", "S9")
        assert_clips(self, poses, self.one, self.one.clips(), frames=[0, 13, 26, 39])

    def test_every_nth_frame(self):
        layout.write_fetch(self.work / "all", self.one)
        poses, _, _ = convert(self, "h36m-fetch", self.work / "all", "--subjects", "S9", "--every", "7")
        assert_clips(self, poses, self.one, self.one.clips(), frames=range(0, 40, 7))
        self.assertIn("every 7", poses.source)

    def test_frames_that_moved_are_chosen_on_the_universal_skeleton_for_all_cameras(self):
        layout.write_fetch(self.work / "moved", self.one)
        clip = ("S9", "Eating", 2)
        layout.write_annot(self.work / "moved" / "S9" / "Eating-2" / "annot.h5", self.one, clip, cameras=[3, 1])
        poses, _, err = convert(self, "h36m-fetch", self.work / "moved", "--subjects", "S9", "--moved-mm", "150",
                                code=1)
        for take, name, cameras in [(1, "Posing", range(4)), (2, "Eating", [1, 3])]:
            joints = layout.universal(self.one.joints_32(("S9", name, take), cameras[0]))
            kept = [0]
            for frame in range(1, 40):
                if np.linalg.norm(joints[frame] - joints[kept[-1]], axis=-1).max() >= 150:
                    kept.append(frame)
            self.assertIn(len(kept), range(3, 40))
            for n in cameras:
                rows = poses.rows("S9", name, CAMERAS[n])
                rows = rows[:len(kept)] if take == 1 else rows[-len(kept):]
                self.assertEqual(list(poses.frame[rows]), kept)
        one_line(self, err, "Eating-2", "camera 54138969")
        one_line(self, err, "Eating-2", "camera 58860488")

    def test_damaged_clips(self):
        kept, out, _ = convert(self, "h36m-fetch", self.processed)
        for name in ("S9 Greeting-2", "S9 SittingDown-2", "S9 Waiting-1"):
            self.assertRegex(out, f"{name} .*: 24 poses kept")
        self.assertIn("damaged clips kept", kept.source)
        poses, out, _ = convert(self, "h36m-fetch", self.processed, "--skip-damaged")
        self.assertEqual(len(kept.frame) - len(poses.frame), 3 * 24)
        self.assertRegex(out, "S9 Waiting-1 .*: 24 poses left out")
        assert_clips(self, poses, self.recordings, [("S9", "Greeting", 1), ("S9", "Waiting", 2)])
        path = self.work / "copy" / "S11" / "Directions-2" / "annot.h5"
        layout.write_annot(path, self.recordings, ("S11", "Directions", 2))
        poses, out, _ = convert(self, "h36m-fetch", self.work / "copy", "--skip-damaged", "--allow-missing")
        self.assertEqual(set(poses.camera), set(CAMERAS[1:]))
        self.assertIn("S11 Directions-2, camera 54138969 (corrupt video): 6 poses left out", out)

    def test_subjects(self):
        poses, _, _ = convert(self, "h36m-fetch", self.processed, "--subjects", "S9,S11")
        self.assertEqual(set(poses.subject), {"S9", "S11"})
        poses, _, err = convert(self, "h36m-fetch", self.processed, "--subjects", "S9,S2", code=1)
        self.assertEqual(set(poses.subject), {"S9"})
        one_line(self, err, "the subject S2")
        convert(self, "h36m-fetch", self.processed, "--subjects", "S2", code=1)
        convert(self, "h36m-fetch", self.processed, "--joints-3d", "3d", code=2)
        self.assertIsNone(convert(self, "h36m-fetch", self.work / "nothing", code=1)[0])
        (self.work / "void").mkdir(exist_ok=True)
        self.assertIsNone(convert(self, "h36m-fetch", self.work / "void", code=1)[0])

    def test_a_subject_or_a_clip_that_is_not_there(self):
        partial = self.work / "partial"
        layout.write_fetch(partial, layout.Recordings(frames=2, subjects=["S1", "S9"]))
        shutil.rmtree(partial / "S9" / "TakingPhoto-2")
        (partial / "S9" / "Posing-1" / "annot.h5").unlink()
        poses, out, err = convert(self, "h36m-fetch", partial, code=1)
        self.assertEqual(len(poses.frame), (60 - 2) * 4 * 2)
        for subject in ("S5", "S6", "S7", "S8", "S11"):
            one_line(self, err, f"the folder {subject},")
        one_line(self, err, "TakingPhoto-2/annot.h5", "no such file")
        one_line(self, err, "Posing-1/annot.h5", "no such file")
        self.assertIn("missing or not readable: 7\n", out)
        poses, _, err = convert(self, "h36m-fetch", partial, "--allow-missing")
        self.assertIn("TakingPhoto-2", err)

    def test_missing_cameras(self):
        shutil.rmtree(self.work / "broken", ignore_errors=True)
        recordings = layout.Recordings(frames=3, subjects=["S9"])
        layout.write_fetch(self.work / "broken", recordings)
        layout.write_annot(self.annot(), recordings, ("S9", "Eating", 1), cameras=[0, 2, 3])
        self.rest_is_there("expected rows of camera 55011271", lost=3)

    def test_files_that_cannot_be_read(self):
        shutil.rmtree(self.work / "broken", ignore_errors=True)
        layout.write_fetch(self.work / "broken", layout.Recordings(frames=3, subjects=["S9"]))
        for _ in broken_files(self.annot()):
            self.rest_is_there("expected an HDF5 file")
        self.annot().unlink()
        self.annot().mkdir()
        self.rest_is_there("expected an HDF5 file, found a folder")

    def test_data_sets_that_are_not_as_expected(self):
        def replaced(name, change):
            def apply(file):
                values = change(file[name][()])
                del file[name]
                if values is not None:
                    file[name] = values
            return apply

        for name in ("pose/2d", "pose/3d", "frame", "camera"):
            self.broken(replaced(name, lambda values: None), f"/{name}", "found none")
            self.broken(replaced(name, lambda values: np.array([b"text"] * 12)), f"/{name}")
            self.broken(replaced(name, lambda values: values[:-1]), "shape")
        self.broken(replaced("pose/3d", lambda values: values.transpose(2, 1, 0)), "/pose/3d", "(12, 32, 3)",
                    "(3, 32, 12)")
        self.broken(replaced("pose/2d", lambda values: values[:, :17]), "/pose/2d", "(N, 32, 2)", "(12, 17, 2)")
        self.broken(replaced("pose/2d", lambda values: values.astype(int)), "/pose/2d", "floating-point")
        self.broken(replaced("pose/3d", lambda values: values.astype(np.float16)), "/pose/3d", "floating-point")
        self.broken(replaced("frame", lambda values: values - 1), "/frame", "counted from 1", "0 at row 0")
        self.broken(replaced("frame", lambda values: values * 0 + 1), "/frame", "twice")
        self.broken(replaced("frame", lambda values: values.astype(float)), "/frame", "integers")
        self.broken(replaced("camera", lambda values: values * 0 + 7), "/camera", "found 7")
        self.broken(replaced("subject", lambda values: values + 2), "/subject", "expected 9", "found 11")
        self.broken(replaced("action", lambda values: values + 1), "/action", "found 5")
        self.broken(replaced("subaction", lambda values: values + 1), "/subaction", "found 2")

        def emptied(file):
            for name in ("pose/2d", "pose/3d", "frame", "camera"):
                replaced(name, lambda values: values[:0])(file)
        self.broken(emptied, "found none")

    def test_numbers_that_are_not_finite_lose_one_view(self):
        for name, value in (("pose/3d", np.nan), ("pose/2d", np.inf)):
            shutil.rmtree(self.work / "broken", ignore_errors=True)
            layout.write_fetch(self.work / "broken", layout.Recordings(frames=3, subjects=["S9"]))
            with h5py.File(self.annot(), "r+") as file:
                file[name][4, 25, 1] = value
            self.rest_is_there(f"/{name}", "row 4, joint 25", lost=3)
        with h5py.File(self.annot(), "r+") as file:
            file["pose/2d"][4, 25, 1] = 0
            file["pose/3d"][4, 3, 2] = -5
        self.rest_is_there("in front of the camera", "55011271", lost=3)

    def test_a_crash_leaves_the_earlier_file(self):
        self.write("out2.h5", "earlier")
        self.links("data", "import", "h36m-fetch", self.work / "nothing", "--output", "out2.h5", code=1)
        self.assertEqual((self.work / "out2.h5").read_text(), "earlier")


class ImportHuman36mMartinez(Cli):
    """h36m/S9/MyPoses/3D_positions/Directions 1.h5 with cameras.h5 or metadata.xml."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recordings = layout.Recordings(frames=5)
        cls.h36m = layout.write_martinez(cls.work / "h36m", cls.recordings)
        cls.one = layout.Recordings(frames=3, subjects=["S9"])

    def fresh(self, recordings=None):
        shutil.rmtree(self.work / "broken", ignore_errors=True)
        return layout.write_martinez(self.work / "broken", recordings or self.one)

    def clip(self, name="Eating 1"):
        return self.work / "broken" / "S9" / "MyPoses" / "3D_positions" / f"{name}.h5"

    def rest_is_there(self, *words, lost=12, missed=1):
        poses, out, err = convert(self, "h36m-martinez", self.work / "broken", "--subjects", "S9", code=1)
        self.assertEqual(len(poses.frame), 2 * 15 * 4 * 3 - lost)
        one_line(self, err, *words)
        self.assertIn(f"missing or not readable: {missed}\n", out)
        convert(self, "h36m-martinez", self.work / "broken", "--subjects", "S9", "--allow-missing")
        return poses

    def test_every_clip_through_four_cameras(self):
        for path in (self.h36m, self.work):
            poses, out, _ = convert(self, "h36m-martinez", path)
            self.assertEqual(len(poses.frame), 7 * 30 * 4 * 5)
            assert_clips(self, poses, self.recordings, by_original_name(self.recordings.clips()))
            self.assertEqual(set(poses.action), set(layout.ACTIONS))

    def test_metadata_xml(self):
        one_lens = layout.Recordings(frames=3)
        for subject in layout.SUBJECTS[1:]:
            for n, view in enumerate(one_lens.rigs[subject]):
                view.update({name: one_lens.rigs["S1"][n][name] for name in "fckp"})
        root = layout.write_martinez(self.work / "xml" / "h36m", one_lens, cameras=False)
        layout.write_metadata_xml(self.work / "elsewhere.xml", one_lens.rigs)
        self.assertIsNone(convert(self, "h36m-martinez", root, code=1)[0])
        poses, _, _ = convert(self, "h36m-martinez", root, "--cameras", "elsewhere.xml")
        assert_clips(self, poses, one_lens, by_original_name(one_lens.clips()))
        layout.write_metadata_xml(root / "metadata.xml", one_lens.rigs)
        again, _, _ = convert(self, "h36m-martinez", root)
        np.testing.assert_array_equal(again.keypoints_2d, poses.keypoints_2d)

    def test_metadata_xml_that_is_not_as_expected(self):
        self.fresh()
        good = layout.write_metadata_xml(self.work / "m.xml", self.one.rigs).read_text()
        words = {"": "w0", good.replace("</w0>", ""): "w0", good.replace("<w0>[", "<w0>[7 "): "301",
                 good.replace("<w0>[", "<w0>[seven "): "seven",
                 good[:len(good) // 2]: "w0"}
        for text, word in words.items():
            path = self.write("bad.xml", text)
            poses, _, err = convert(self, "h36m-martinez", self.work / "broken", "--cameras", path, code=1)
            self.assertIsNone(poses)
            one_line(self, err, "bad.xml", word)
        convert(self, "h36m-martinez", self.work / "broken", "--cameras", "absent.xml", code=1)
        odd = "it's [one]: absent.xml"
        _, _, err = convert(self, "h36m-martinez", self.work / "broken", "--cameras", odd, code=1)
        self.assertIn(odd, err)

    def test_names_of_cameras(self):
        self.fresh()
        poses, _, _ = convert(self, "h36m-martinez", self.work / "broken", "--subjects", "S9", "--camera-names",
                              "a,b,c,d")
        self.assertEqual(list(dict.fromkeys(poses.camera)), ["a", "b", "c", "d"])
        convert(self, "h36m-martinez", self.work / "broken", "--camera-names", "a,b", code=2)
        with h5py.File(self.work / "broken" / "cameras.h5", "r+") as file:
            file["subject9/camera2/Name"][...] = file["subject9/camera1/Name"][()]
        self.rest_is_there("54138969 twice", lost=90)

    def test_cameras_that_are_not_as_expected(self):
        def mirrored(values):
            return values * [[1], [1], [-1]]

        for name, change, *words in [
                ("R", mirrored, "rotation", "determinant"), ("R", lambda R: 1.01 * R, "rotation"),
                ("R", lambda R: R * np.nan, "rotation"), ("R", lambda R: R[:2], "9 numbers"),
                ("T", lambda T: T * np.inf, "finite"), ("f", lambda f: -f, "focal"),
                ("k", lambda k: k[:2], "3 numbers"), ("p", lambda p: None, "found none"),
                ("c", lambda c: np.array([b"a", b"b"]), "numbers"), ("Name", lambda name: name + 9000, "codes")]:
            self.fresh()
            with h5py.File(self.work / "broken" / "cameras.h5", "r+") as file:
                group = file["subject9/camera3"]
                values = change(group[name][()])
                del group[name]
                if values is not None:
                    group[name] = values
            self.rest_is_there("cameras.h5", "/subject9/camera3", *words, lost=90)

    def test_the_stored_rotation_is_transposed(self):
        self.fresh()
        with h5py.File(self.work / "broken" / "cameras.h5", "r+") as file:
            for n in range(1, 5):
                file[f"subject9/camera{n}/R"][...] = file[f"subject9/camera{n}/R"][()].T
        poses, _, err = convert(self, "h36m-martinez", self.work / "broken", "--subjects", "S9", code=1)
        self.assertIsNone(poses)
        one_line(self, err, "warning", "/subject9/camera1", "upright", "transposed")

    def test_frames_and_damaged_clips(self):
        recordings = layout.Recordings(frames=30, subjects=["S9"])
        root = self.fresh(recordings)
        poses, out, _ = convert(self, "h36m-martinez", root, "--subjects", "S9", "--every", "3", "--moved-mm", "60",
                                "--skip-damaged")
        for name in ("S9 Greeting", "S9 SittingDown 1", "S9 Waiting 1"):
            self.assertRegex(out, f"{name} .* poses left out")
        assert_kept = {}
        for clip in by_original_name(recordings.clips()):
            if layout.fetch_name(*clip[1:]) in ("Greeting-2", "SittingDown-2", "Waiting-1"):
                continue
            world, kept = recordings.world(*clip), []
            for frame in range(0, 30, 3):
                if not kept or np.linalg.norm(world[frame] - world[kept[-1]], axis=-1).max() >= 60:
                    kept.append(frame)
            assert_kept.setdefault(clip[1], []).extend(kept)
        for action, kept in assert_kept.items():
            for camera in CAMERAS:
                self.assertEqual(list(poses.frame[poses.rows("S9", action, camera)]), kept)

    def test_clips_that_are_not_there(self):
        self.fresh()
        self.clip().unlink()
        self.rest_is_there("expected two clips", "1 of Eating")
        shutil.rmtree(self.work / "broken" / "S9" / "MyPoses")
        self.assertIsNone(convert(self, "h36m-martinez", self.work / "broken", code=1)[0])
        self.fresh()
        self.clip("Juggling 1").write_bytes(b"")
        self.rest_is_there("Juggling 1.h5", "15 actions", lost=0)

    def test_files_that_are_not_as_expected(self):
        self.fresh()
        for _ in broken_files(self.clip()):
            self.rest_is_there("Eating 1.h5", "expected an HDF5 file")
        world = self.one.world("S9", "Eating", 1)
        columns = world.reshape(3, 96).T
        for values, *words in [(columns.T, "(96, N)", "(3, 96)"), (columns[:, :0], "(96, 0)"), (world, "(96, N)"),
                               (columns[:51], "(51, 3)"), (columns.astype(int), "floating-point"),
                               (columns * 1e300, "finite", "inf"),
                               (np.where(np.arange(96)[:, None] == 10, np.nan, columns), "finite", "frame 0, joint 3")]:
            with h5py.File(self.clip(), "w") as file:
                file["3D_positions"] = values
            self.rest_is_there("Eating 1.h5", "/3D_positions", *words)
        with h5py.File(self.clip(), "w") as file:
            file["positions"] = columns
        self.rest_is_there("Eating 1.h5", "/3D_positions", "found none")


class ImportHuman36mVideoPose3d(Cli):
    """data_3d_h36m.npz and data_2d_h36m_*.npz through scripts/videopose3d_to_hdf5.py."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recordings = layout.Recordings(frames=5)
        cls.npz = layout.write_videopose3d(cls.work / "npz", cls.recordings)
        cls.cameras = layout.write_cameras_h5(cls.work / "cameras.h5", cls.recordings.rigs)
        cls.one = layout.Recordings(frames=3, subjects=["S9"])

    def script(self, folder, *options, code=0, output="vp3d.h5"):
        done = subprocess.run([sys.executable, self.source / "scripts" / "videopose3d_to_hdf5.py",
                               "--positions", folder / "data_3d_h36m.npz",
                               "--keypoints", folder / "data_2d_h36m_gt.npz", "--output", output, *options], cwd=self.work, capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stderr)
        if code == 1:
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertFalse((self.work / output).exists())
        return done.stderr

    def converted(self, recordings=None, options=(), code=0, **archives):
        """Archives changed as asked, through the script and the importer."""
        shutil.rmtree(self.work / "changed", ignore_errors=True)
        folder = layout.write_videopose3d(self.work / "changed", recordings or self.one, **archives)
        (self.work / "changed.h5").unlink(missing_ok=True)
        self.script(folder, "--cameras", layout.write_cameras_h5(self.work / "c.h5", (recordings or self.one).rigs),
                    output="changed.h5")
        return convert(self, "h36m-videopose3d", "changed.h5", *options, code=code)

    def one_view_is_lost(self, *words, lost=3, **archives):
        poses, out, err = self.converted(options=["--subjects", "S9"], code=1, **archives)
        self.assertEqual(len(poses.frame), 2 * 15 * 4 * 3 - lost)
        one_line(self, err, *words)
        self.assertIn("missing or not readable: 1\n", out)

    def clips(self):
        return [clip for clip in self.recordings.clips() if clip != ("S11", "Directions", 2)]

    def by_name(self, clips):
        return sorted(clips, key=lambda clip: layout.videopose3d_name(*clip))

    def test_cameras_from_a_checkout_cameras_h5_and_metadata_xml(self):
        one_lens = self.work / "checkout"
        layout.write_checkout(one_lens, self.recordings)
        layout.write_metadata_xml(self.work / "metadata.xml", self.recordings.rigs)
        for for_script, for_importer in [(one_lens, None), (one_lens / "common" / "h36m_dataset.py", None),
                                         (self.cameras, None), (None, self.cameras), (None, "metadata.xml")]:
            self.script(self.npz, *(["--cameras", for_script] if for_script else []))
            poses, out, _ = convert(self, "h36m-videopose3d", "vp3d.h5",
                                    *(["--cameras", for_importer] if for_importer else []))
            self.assertEqual(len(poses.frame), (7 * 30 - 1) * 4 * 5)
            assert_clips(self, poses, self.recordings, self.by_name(self.clips()))
            self.assertEqual(set(poses.action), set(layout.ACTIONS))
        self.script(self.npz)
        self.assertIsNone(convert(self, "h36m-videopose3d", "vp3d.h5", code=1)[0])

    def test_cameras_that_are_not_as_expected(self):
        source = (layout.write_checkout(self.work / "co", self.recordings) / "common" / "h36m_dataset.py")
        good = source.read_text()
        for text in ("", "def broken(:\n", good.replace("orientation", "direction"),
                     good.replace("h36m_cameras_extrinsic_params", "others")):
            (self.work / "x.h5").unlink(missing_ok=True)
            source.write_text(text)
            self.script(self.npz, "--cameras", self.work / "co", code=1, output="x.h5")
        self.script(self.npz, "--cameras", self.work / "absent", code=1, output="x.h5")
        self.script(self.npz, "--cameras", self.write("fake.h5", "x"), code=1, output="x.h5")

    def test_tangential_distortion_of_videopose3d_is_reversed(self):
        """2D made with its formula is that of Human3.6M's lens only with p reversed."""
        clip = ("S9", "Eating", 1)
        theirs = self.recordings.keypoints_32(clip, 0, layout.distorted_videopose3d)
        self.assertGreater(np.abs(theirs - self.recordings.keypoints_32(clip, 0)).max(), 0.01)
        reversed_p = layout.Recordings(frames=5)
        for rig in reversed_p.rigs.values():
            for view in rig:
                view["p"] = view["p"][::-1]
        theirs = reversed_p.keypoints_32(clip, 0, layout.distorted_videopose3d)
        np.testing.assert_allclose(theirs, self.recordings.keypoints_32(clip, 0), atol=1e-9)
        keypoints = layout.videopose3d_keypoints(reversed_p, lens=layout.distorted_videopose3d)
        poses, _, _ = self.converted(self.recordings, keypoints=keypoints)
        assert_clips(self, poses, self.recordings, self.by_name(self.clips()))

    def test_detections_longer_than_the_recording_with_scores(self):
        keypoints = layout.videopose3d_keypoints(self.one, longer=4, score=True)
        poses, _, _ = self.converted(options=["--subjects", "S9", "--every", "2"], keypoints=keypoints)
        assert_clips(self, poses, self.one, self.by_name(self.one.clips()), frames=[0, 2])
        for n, camera in enumerate(CAMERAS):
            np.testing.assert_array_equal(poses.confidence[poses.rows(camera=camera)], 0.25 + 0.125 * n)

    def test_damaged_clips(self):
        poses, out, _ = self.converted(options=["--subjects", "S9", "--skip-damaged"])
        self.assertEqual(len(poses.frame), (30 - 3) * 4 * 3)
        for name in ("S9 Greeting", "S9 SittingDown 1", "S9 Waiting 1"):
            self.assertRegex(out, f"{name} .*: 12 poses left out")

    def test_keypoints_that_are_not_as_expected(self):
        def changed(change):
            keypoints = layout.videopose3d_keypoints(self.one)
            views = keypoints["S9"]["Eating 1"]
            views[2] = change(views[2])
            return keypoints

        name = "/positions_2d/S9/Eating 1/2"
        self.one_view_is_lost(name, "3 frames", "found 2", keypoints=changed(lambda view: view[:2]))
        self.one_view_is_lost(name, "(3, 16, 2)", keypoints=changed(lambda view: view[:, :16]))
        self.one_view_is_lost(name, "finite", keypoints=changed(lambda view: view * np.nan))
        self.one_view_is_lost(name, "floating-point", keypoints=changed(lambda view: view.astype(int)))
        fewer = layout.videopose3d_keypoints(self.one)
        del fewer["S9"]["Eating 1"][3]
        self.one_view_is_lost("/positions_2d/S9/Eating 1/3", "found none", keypoints=fewer)
        for metadata in ({"num_joints": 16}, {"keypoints_symmetry": [[1, 3, 5], [2, 4, 6]]},
                         {"keypoints_symmetry": [[1, 2, 3, 14, 15, 16], [4, 5, 6, 11, 12, 13]]}):
            poses, _, err = self.converted(metadata=metadata, code=1)
            self.assertIsNone(poses)
            one_line(self, err, "changed.h5", "17 joints")

    def test_positions_that_are_not_as_expected(self):
        def changed(change):
            positions = layout.videopose3d_positions(self.one)
            positions["S9"]["Eating 1"] = change(positions["S9"]["Eating 1"])
            return positions

        name = "/positions_3d/S9/Eating 1"
        self.one_view_is_lost(name, "(3, 17, 3)", lost=12, positions=changed(lambda joints: joints[:, :17]))
        self.one_view_is_lost(name, "found none", lost=12, positions=changed(lambda joints: joints[:0]))
        self.one_view_is_lost(name, "finite", lost=12, positions=changed(lambda joints: joints / 0))
        positions = layout.videopose3d_positions(self.one)
        del positions["S9"]["Photo 1"]
        self.one_view_is_lost("1 of Photo", lost=12, positions=positions)

    def test_a_hostile_pickle_is_refused(self):
        class Hostile:
            def __reduce__(self):
                return (exec, ("import pathlib; pathlib.Path('run').touch()",))

        class HostileType:
            def __reduce__(self):
                return (np.dtype, (dict,))

        for hostile in (Hostile(), HostileType(), np.array([Hostile()], dtype=object), {"S9": {"Eating": print}},
                        np.zeros(2, dtype=[("a", "f4")])):
            shutil.rmtree(self.work / "hostile", ignore_errors=True)
            (self.work / "x.h5").unlink(missing_ok=True)
            folder = layout.write_videopose3d(self.work / "hostile", self.one,
                                              positions=np.array({"S9": {"Eating": hostile}}, dtype=object))
            error = self.script(folder, code=1, output="x.h5")
            self.assertIn("data_3d_h36m.npz", error)
            self.assertFalse((self.work / "run").exists())

    def test_archives_that_are_not_as_expected(self):
        folder = layout.write_videopose3d(self.work / "archives", self.one)
        path = folder / "data_3d_h36m.npz"
        good = path.read_bytes()
        member = zipfile.ZipFile(path).read("positions_3d.npy")
        half = self.work / "half.npz"
        with zipfile.ZipFile(half, "w") as archive:
            archive.writestr("positions_3d.npy", member[:len(member) // 2])
        other = self.work / "other.npz"
        np.savez(other, positions_3d=np.zeros(3), others=np.zeros(3))
        strange = []
        for n, value in enumerate(({"S9": 3}, {"S9": {"../../x": np.zeros(3)}}, {"S9": {"Eating": "x"}}, [1, 2],
                                   {3: {"Eating": np.zeros(3)}})):
            strange.append(self.work / f"strange{n}.npz")
            np.savez(strange[-1], positions_3d=np.array(value, dtype=object) if isinstance(value, list) else value)
        corrupt = bytearray(good)
        corrupt[len(good) // 2] ^= 0xFF
        contents = [b"", good[:len(good) // 2], b"PK\x03\x04" + b"x" * 99, bytes(corrupt),
                    *(file.read_bytes() for file in (half, other, *strange))]
        for content in contents:
            (self.work / "x.h5").unlink(missing_ok=True)
            path.write_bytes(content)
            self.assertIn("data_3d_h36m.npz", self.script(folder, code=1, output="x.h5"))
        path.unlink()
        self.script(folder, code=1, output="x.h5")

    def test_a_pickle_of_python_2_is_read(self):
        folder = layout.write_videopose3d(self.work / "old", self.one)
        positions = np.array(layout.videopose3d_positions(self.one), dtype=object)
        with zipfile.ZipFile(folder / "data_3d_h36m.npz", "w") as archive, \
                archive.open("positions_3d.npy", "w") as member:
            np.lib.format.write_array_header_1_0(member, {"descr": "|O", "fortran_order": False, "shape": ()})
            pickle.dump(positions, member, protocol=2)
        self.script(folder, "--cameras", layout.write_cameras_h5(self.work / "c.h5", self.one.rigs))
        poses, _, _ = convert(self, "h36m-videopose3d", "vp3d.h5", "--subjects", "S9")
        assert_clips(self, poses, self.one, self.by_name(self.one.clips()))

    def test_files_that_cannot_be_read(self):
        self.script(self.npz, output="v.h5")
        for _ in broken_files(self.work / "v.h5"):
            poses, _, err = convert(self, "h36m-videopose3d", "v.h5", "--cameras", self.cameras, code=1)
            self.assertIsNone(poses)
            one_line(self, err, "v.h5")


class ImportHuman36mAgree(Cli):
    """One motion in three layouts."""

    def test_three_layouts_give_the_same_poses(self):
        recordings = layout.Recordings(frames=6, seed=8)
        layout.write_fetch(self.work / "processed", recordings)
        layout.write_martinez(self.work / "h36m", recordings)
        folder = layout.write_videopose3d(self.work / "npz", recordings)
        subprocess.run([sys.executable, self.source / "scripts" / "videopose3d_to_hdf5.py", "--positions",
                        folder / "data_3d_h36m.npz", "--keypoints", folder / "data_2d_h36m_gt.npz", "--output",
                        self.work / "vp3d.h5", "--cameras", self.work / "h36m" / "cameras.h5"], check=True,
                       stdout=subprocess.DEVNULL)
        found = []
        for name, path in (("h36m-fetch", "processed"), ("h36m-martinez", "h36m"), ("h36m-videopose3d", "vp3d.h5")):
            poses, _, _ = convert(self, name, path)
            keys = np.char.add(np.char.add(poses.subject, poses.action), poses.camera)
            keep = (poses.subject != "S11") | (poses.action != "Directions")
            order = np.lexsort((poses.joints_3d.sum(axis=(1, 2), dtype=float), poses.frame, keys))
            order = order[keep[order]]
            found.append((keys[order], poses.frame[order], poses.joints_3d[order], poses.keypoints_2d[order]))
        self.assertEqual(len(found[0][0]), (7 * 15 - 1) * 2 * 4 * 6)
        for other in found[1:]:
            np.testing.assert_array_equal(other[0], found[0][0])
            np.testing.assert_array_equal(other[1], found[0][1])
            np.testing.assert_allclose(other[2], found[0][2], rtol=0, atol=0.01)
            np.testing.assert_allclose(other[3], found[0][3], rtol=0, atol=0.01)


class ImportHuman36mMemory(Cli):
    """A long import takes no more memory than a short one."""

    def peak_mib(self, frames):
        recordings = layout.Recordings(frames=frames, subjects=["S9"])
        root = layout.write_martinez(self.work / f"h36m{frames}", recordings)
        peak = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=2); "
                "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        done = subprocess.run([sys.executable, "-c", peak, self.binary, "-q", "data", "import", "h36m-martinez", root,
                               "--subjects", "S9", "--output", "long.h5"], cwd=self.work, check=True,
                              capture_output=True, text=True)
        shutil.rmtree(root)
        with h5py.File(self.work / "long.h5") as file:
            self.assertEqual(len(file["frame"]), 30 * 4 * frames)
        return int(done.stdout) / 1024

    def test_200_thousand_poses(self):
        short, long = self.peak_mib(20), self.peak_mib(1700)
        self.assertLess(long - short, 40)


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
