"""Drives `links lift`: every format in, every format out, pipes, gaps, broken files."""

import copy
import csv
import json
import math
import pathlib
import random
import re
import subprocess
import sys

from cli import Cli, main

JOINTS = 17
# A standing figure, units of the trunk, x right and y up, with BODY_25's names.
FIGURE = {
    "nose": (0, 1.35), "neck": (0, 1.05), "midhip": (0, 0), "reye": (-.05, 1.42), "leye": (.05, 1.42),
    "rear": (-.12, 1.4), "lear": (.12, 1.4), "rshoulder": (-.35, 1), "relbow": (-.5, .5), "rwrist": (-.45, 0),
    "lshoulder": (.35, 1), "lelbow": (.55, .55), "lwrist": (.8, .9), "rhip": (-.2, 0), "rknee": (-.22, -.8),
    "rankle": (-.25, -1.6), "lhip": (.2, 0), "lknee": (.25, -.75), "lankle": (.2, -1.55)}
BODY25 = ("nose neck rshoulder relbow rwrist lshoulder lelbow lwrist midhip rhip rknee rankle lhip lknee lankle reye "
          "leye rear lear").split()
COCO = ("nose leye reye lear rear lshoulder rshoulder lelbow relbow lwrist rwrist lhip rhip lknee rknee lankle "
        "rankle").split()
COCO18 = ("nose neck rshoulder relbow rwrist lshoulder lelbow lwrist rhip rknee rankle lhip lknee lankle reye leye "
          "rear lear").split()


def flat(names, frame=0, missing=(), size=150.0, count=None):
    """[x0, y0, c0, x1, ...] of the figure, a little different in every frame; missing ones are 0, 0, 0."""
    noise = random.Random(frame)
    values = []
    for name in names:
        x, y = FIGURE[name]
        x, y = x + noise.uniform(-.05, .05), y + noise.uniform(-.05, .05)
        values += [0, 0, 0] if name in missing else [500 + frame + size * x, 400 - size * y, .9]
    return values + [0, 0, 0] * ((count or len(names)) - len(names))


def triples(values):
    return [values[i:i + 3] for i in range(0, len(values), 3)]


def coco_person(image, frame, **more):
    return {"image_id": image, "category_id": 1, "keypoints": flat(COCO, frame), "score": .9, **more}


class Lift(Cli):
    """One run with every stage; every format in and out, gaps, pipes, broken files."""

    def prepare(self):
        self.train_tiny("run")

    def openpose(self, folder, frames=4, people=1, missing=()):
        (self.work / folder).mkdir()
        for i in range(frames):
            found = [{"person_id": [-1], "pose_keypoints_2d": flat(BODY25, i, missing, 150 + 20 * p, 25)}
                     for p in range(people)]
            self.write(f"{folder}/clip_{i:012}_keypoints.json", json.dumps({"version": 1.3, "people": found}))
        return folder

    def lift(self, source, output, *more, code=0):
        return self.links("lift", "--run", "run", "--device", "cpu", "--input", source, "--output", output, *more,
                          code=code)

    def lifted(self, source, *more, names=("out.json",)):
        """-> the frames of the JSON; names: of the files written."""
        out, _ = self.lift(source, "out.json", *more)
        self.assertEqual(out.splitlines(), list(names))
        read = json.loads((self.work / "out.json").read_text())
        self.assertEqual((read["format"], read["version"]), ("links-lifted", 1))
        return read["frames"]

    def check(self, person):
        """A pose whose seen joints project onto their keypoints."""
        self.assertEqual((len(person["joints"]), len(person["states"])), (JOINTS, JOINTS))
        unit = 10 * person["scale_px"]
        for (x, y, z), keypoint, state in zip(person["joints"], person["keypoints"], person["states"]):
            self.assertTrue(all(map(math.isfinite, (x, y, z))))
            self.assertEqual(keypoint is None, state == "guessed")
            if keypoint is None:
                continue
            for k, value in enumerate((x, y)):
                self.assertAlmostEqual(value / (z + 10), (keypoint[k] - person["root_px"][k]) / unit, delta=1e-4)

    def test_formats_in(self):
        self.openpose("op", people=2)
        inputs = {
            "op": (4, 2),
            self.write("coco18.json", json.dumps({"people": [{"pose_keypoints_2d": flat(COCO18)}]})): (1, 1),
            self.write("coco.json", json.dumps([coco_person(i // 2, i) for i in range(6)])): (3, 2),
            self.write("alphapose.json", json.dumps([coco_person(f"{i}.jpg", i, idx=1) for i in range(5)])): (5, 1),
            self.write("mmpose.json", json.dumps({"meta_info": {}, "instance_info": [
                {"frame_id": i + 1, "instances": [
                    {"keypoints": [p[:2] for p in triples(flat(COCO, i))], "keypoint_scores": [.9] * 17}]}
                for i in range(3)]})): (3, 1),
            self.write("lines.jsonl", "".join(json.dumps({"people": [{"keypoints": triples(flat(COCO, i))}]}) + "\n"
                                              for i in range(4))): (4, 1),
        }
        for source, (frames, people) in inputs.items():
            with self.subTest(source=str(source)):
                found = self.lifted(source)
                self.assertEqual([len(frame["people"]) for frame in found], [people] * frames)
                for frame in found:
                    for person in frame["people"]:
                        self.check(person)
                        self.assertEqual(set(person["states"]), {"lifted"})
                        self.assertEqual(person["lifters"], "legs+torso")

    def test_pose_files_and_the_training_scale(self):
        for scale in ["person", "training"]:
            found = self.lifted("poses.h5", "--scale", scale)
            self.assertEqual(sum(len(frame["people"]) for frame in found), 600)
            for frame in found[::50]:
                for person in frame["people"]:
                    self.check(person)
            self.assertEqual(scale == "training", found[0]["people"][0]["scale_from"] == "training data")

    def test_formats_out(self):
        self.openpose("out", people=1)
        frames = self.lifted("out", "--height", "1750")
        self.lift("out", "o.jsonl", "--height", "1750")
        self.assertEqual([json.loads(line) for line in (self.work / "o.jsonl").read_text().splitlines()], frames)
        self.lift("out", "o.csv", "--height", "1750")
        with open(self.work / "o.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 4 * JOINTS)
        for row, (x, y, z) in zip(rows, (point for frame in frames for point in frame["people"][0]["joints_mm"])):
            for name, value in zip(("x_mm", "y_mm", "z_mm"), (x, y, z)):
                self.assertAlmostEqual(float(row[name]), value, delta=.01)
        self.lift("out", "o.h5", "--height", "1750")
        out, _ = self.links("data", "info", "o.h5")
        self.assertIn("4", out)
        self.lift("out", "o.bvh", "--height", "1750", "--fps", "25")
        text = (self.work / "o.bvh").read_text()
        self.assertIn("Frames: 4", text)
        self.assertIn("Frame Time: 0.04", text)

    def test_several_files_in_one_call_all_or_none(self):
        self.openpose("many", people=2, missing=("lwrist",))
        names = ["m.json", "m.csv", "m.h5", "m.npz", "m.html"]
        words = [word for name in names + ["m.trc"] for word in ("-o", name)]
        out, _ = self.links("lift", "--run", "run", "--device", "cpu", "--input", "many", "--height", "1750", *words)
        self.assertEqual(out.splitlines(), names + ["m_1.trc", "m_2.trc"])
        alone, _ = self.lift("many", "alone.json", "--height", "1750")
        self.assertEqual((self.work / "m.json").read_bytes(), (self.work / "alone.json").read_bytes())
        before = {name: (self.work / name).read_bytes() for name in names}
        files = len(list(self.work.iterdir()))
        # The BVH of several tracks cannot be written: its name is a folder's.
        (self.work / "m_2.bvh").mkdir()
        self.links("lift", "--run", "run", "--input", "many", "--height", "1600", *words, "-o", "m.bvh", code=1)
        self.assertEqual({name: (self.work / name).read_bytes() for name in names}, before)
        self.assertEqual(len(list(self.work.iterdir())), files + 1)
        _, err = self.links("lift", "--run", "run", "--input", "many", "-o", "t.json", "-o", "./t.json", code=2)
        self.assertIn("twice", err)
        for name in ["m.trc", "m.c3d"]:
            _, err = self.lift("many", name, code=2)
            self.assertIn("--height", err)

    def test_numpy(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("no numpy: apt-get install python3-numpy")
        self.openpose("np", people=2, missing=("lwrist",))
        frames = self.lifted("np", "-o", "n.npz", "--height", "1750", names=["out.json", "n.npz"])
        people = [(frame, person) for frame in frames for person in frame["people"]]
        with numpy.load(self.work / "n.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        for name in ["joints", "joints_mm"]:
            expected = numpy.array([person[name] for _, person in people])
            self.assertLess(abs(arrays[name] - expected).max(), 2e-3)
        for i, (frame, person) in enumerate(people):
            self.assertEqual([arrays["state_names"][state] for state in arrays["states"][i]], person["states"])
            for name in ["index", "image"]:
                self.assertEqual(arrays[name][i], frame[name])
            for name in ["person", "track", "lifters", "root_estimated"]:
                self.assertEqual(arrays[name][i], person[name])
            for name in ["scale_px", "root_px", "plausibility"]:
                numpy.testing.assert_allclose(arrays[name][i], person[name], rtol=1e-3)
            for j, keypoint in enumerate(person["keypoints"]):
                numpy.testing.assert_allclose(arrays["keypoints"][i, j], keypoint or [math.nan, math.nan, 0], rtol=1e-4)

    def test_bvh_reads_back(self):
        self.openpose("walk", frames=30)
        self.lift("walk", "walk.bvh", "--height", "1750")
        self.links("data", "import", "bvh", "walk.bvh", "--output", "walk.h5")
        out, _ = self.links("data", "info", "walk.h5")
        self.assertIn("LKnee", out)

    def test_render(self):
        self.openpose("draw", missing=("lwrist", "rankle"))
        self.lift("draw", "d.json", "--render", "d.svg")
        self.assertIn(b"<svg", (self.work / "d.svg").read_bytes())
        for words in [["--frames", "1-2"], ["--worst", "3"]]:
            self.lift("draw", "d.json", "--render", "d.svg", *words)
        _, err = self.lift("draw", "d.json", "--render", "d.svg", "--frames", "100-200", code=1)
        self.assertIn("found none", err)
        for words in [["--frames", "1-"], ["--worst", "0"], ["--worst", "201"], ["--frames", "1", "--worst", "1"]]:
            self.lift("draw", "d.json", "--render", "d.svg", *words, code=2)
        self.lift("draw", "d.json", "--frames", "1", code=2)

    def test_who_does_not_move_does_not_move(self):
        same = json.dumps({"people": [{"track": "a", "keypoints": triples(flat(COCO, 1))}]})
        self.write("same.jsonl", "\n".join([same] * 40))
        for more in [[], ["--fps", "30"], ["--fps", "30", "--rigid"]]:
            people = [frame["people"][0] for frame in self.lifted("same.jsonl", "--height", "1700", *more)]
            for person in people:
                self.assertEqual((person["scale_px"], person["keypoints"]),
                                 (people[0]["scale_px"], people[0]["keypoints"]))
                for a, b in zip(sum(person["joints"], []), sum(people[0]["joints"], [])):
                    self.assertAlmostEqual(a, b, delta=2e-6)

    def test_smoothing(self):
        lines = [json.dumps({"people": [{"track": "a", "keypoints": [
            None if k == 9 and 20 <= i < 24 else p for k, p in enumerate(triples(flat(COCO, i)))]}]}) for i in range(60)]
        self.write("shaky.jsonl", "\n".join(lines))
        _, rough = self.lift("shaky.jsonl", "rough.json")
        self.assertIn("not smoothed: the frame rate is not known (--fps, --video)", rough)
        _, smooth = self.lift("shaky.jsonl", "smooth.json", "--fps", "30")
        self.assertIn("smoothed at 6 Hz of 30 frames a second, 4 joints bridged", smooth)
        self.lift("shaky.jsonl", "off.json", "--fps", "30", "--smooth", "off")
        _, slow = self.lift("shaky.jsonl", "slow.json", "--fps", "10")
        self.assertIn("not smoothed: 6 Hz", slow)
        read = {name: json.loads((self.work / f"{name}.json").read_text())["frames"]
                for name in ("rough", "smooth", "off", "slow")}
        self.assertEqual(read["rough"], read["off"])

        def shake(frames):
            joints = [sum(frame["people"][0]["joints"], []) for frame in frames]
            return sum(abs(a - 2 * b + c) for x, y, z in zip(joints, joints[1:], joints[2:]) for a, b, c in zip(x, y, z))
        self.assertLess(shake(read["smooth"]), .3 * shake(read["rough"]))
        for i, frame in enumerate(read["smooth"]):
            self.check(frame["people"][0])
            self.assertEqual(frame["people"][0]["keypoints"][13][2], 0 if 20 <= i < 24 else .9)
        with self.pipe("--fps", "30", "--smooth", "2") as run:
            out, _ = run.communicate("\n".join(lines))
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertLess(shake(answers), .7 * shake(read["rough"]))
        for frame in answers:
            self.check(frame["people"][0])

    def test_spread_and_hypotheses(self):
        self.openpose("sure", 3, missing=("lwrist",))
        plain = self.lifted("sure")[0]["people"][0]
        self.assertNotIn("spread", plain)
        out, said = self.lift("sure", "sure.json", "--hypotheses", "2", "--height", "1750", "-o", "sure.csv", "-o",
                              "sure.html")
        self.assertIn("not this run's own", said)
        person = json.loads((self.work / "sure.json").read_text())["frames"][0]["people"][0]
        self.assertEqual(person["joints"], plain["joints"])
        self.assertEqual((len(person["spread"]), len(person["hypotheses"])), (JOINTS, 2))
        self.assertEqual(person["spread"][0], 0)
        self.assertGreater(min(person["spread"][1:]), 0)
        mm = person["joints_mm"][10][1] / person["joints"][10][1]
        for units, length in zip(person["spread"], person["spread_mm"]):
            self.assertAlmostEqual(length, units * mm, delta=.1)
        for other in person["hypotheses"]:
            self.check({**person, "joints": other})
        with open(self.work / "sure.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertAlmostEqual(float(rows[13]["spread"]), person["spread"][13], places=3)
        # Factors of the run's own, found on motion capture.
        table, _ = self.links("calibrate", "--run", "run", "--data", self.synthesize(), "--device", "cpu", "--poses", "200")
        self.assertRegex(table, r"guessed +others +\d+")
        factor = float(re.search(r"guessed: (\S+)", (self.work / "run/spread.yaml").read_text())[1])
        _, said = self.lift("sure", "own.json", "--spread")
        self.assertNotIn("not this run's own", said)
        own = json.loads((self.work / "own.json").read_text())["frames"][0]["people"][0]
        self.assertNotIn("hypotheses", own)
        guess = person["states"].index("guessed")
        self.write("run/spread.yaml", "{guessed: 1}")
        self.lift("sure", "one.json", "--spread")
        one = json.loads((self.work / "one.json").read_text())["frames"][0]["people"][0]["spread"]
        self.assertAlmostEqual(own["spread"][guess] / one[guess], factor, delta=.02 * factor)
        for text, sentence in [("guessed: 0", "spread.yaml"), ("wrist: 1", "wrist")]:
            self.write("run/spread.yaml", text)
            _, said = self.lift("sure", "bad.json", "--spread", code=2)
            self.assertIn(sentence, said)
        (self.work / "run/spread.yaml").unlink()
        self.lift("sure", "bad.json", "--hypotheses", "2", "--rigid", code=2)

    def test_rigid_and_upright(self):
        self.openpose("stand", frames=30)
        _, err = self.lift("stand", "rigid.json", "--rigid", "--tracks", "link")
        self.assertRegex(err, r"rigid: seen joints project [\d.]+ px from their keypoints on average")
        frames = json.loads((self.work / "rigid.json").read_text())["frames"]
        thighs = [math.dist(person["joints"][a], person["joints"][a + 1])
                  for frame in frames for person in frame["people"] for a in (1, 4)]
        self.assertLess(max(thighs) - min(thighs), 1e-4)
        one_leg = self.openpose("one_leg", frames=12, missing=("lankle",))
        _, err = self.lift(one_leg, "up.json", "--upright", code=1)
        self.assertIn("expected at least 10 poses that stand upright", err)
        self.assertIn("found 0 of 12", err)
        self.assertFalse((self.work / "up.json").exists())

    def test_height_and_batches(self):
        self.openpose("tall", frames=7, people=3, missing=("lwrist",))
        a = self.lifted("tall", "--height", "1750")
        for batch in [1, 3]:
            for one, two in zip(copy.deepcopy(a), self.lifted("tall", "--height", "1750", "--batch", batch)):
                for p, q in zip(one["people"], two["people"]):
                    for u, v in zip(sum(p.pop("joints"), []) + sum(p.pop("joints_mm"), []),
                                    sum(q.pop("joints"), []) + sum(q.pop("joints_mm"), [])):
                        self.assertAlmostEqual(u, v, delta=.02)
                    p.pop("plausibility"), q.pop("plausibility")
                    self.assertEqual(p, q)

    def test_gaps(self):
        cases = {("lwrist",): ("legs+right", False), ("rankle", "lwrist"): ("", False),
                 ("midhip",): ("legs", True), ("midhip", "rhip", "lhip", "lknee"): ("", True),
                 tuple(name for name in FIGURE if name not in ("neck", "rshoulder", "relbow", "rwrist")): ("", True)}
        for i, (missing, (lifters, root)) in enumerate(cases.items()):
            person = self.lifted(self.openpose(f"gap{i}", 1, missing=missing))[0]["people"][0]
            self.check(person)
            self.assertEqual(person["root_estimated"], root, missing)
            self.assertTrue(person["lifters"].startswith(lifters), missing)
            self.assertIn("guessed", person["states"])

    def test_confidence(self):
        self.write("low.jsonl", json.dumps({"people": [{"keypoints": [
            [x, y, .2 if i == 9 else .8] for i, (x, y, _) in enumerate(triples(flat(COCO)))]}]}))
        self.assertEqual(self.lifted("low.jsonl")[0]["people"][0]["states"][13], "lifted")
        self.assertEqual(self.lifted("low.jsonl", "--min-confidence", ".5")[0]["people"][0]["states"][13], "guessed")

    def test_people_without_a_pose_have_a_reason(self):
        keep = {"nose", "neck", "rshoulder"}
        missing = tuple(name for name in FIGURE if name not in keep)
        self.openpose("few", 2, missing=missing)
        person = self.lifted("few")[0]["people"][0]
        self.assertIsNone(person["joints"])
        self.assertIn("at least 4 joints", person["unusable"])
        _, err = self.lift("few", "few.csv")
        self.assertIn("2 unusable", err)
        self.assertEqual(len((self.work / "few.csv").read_text().splitlines()), 1)

    def test_size_does_not_matter(self):
        lines = [json.dumps({"people": [{"keypoints": [[s * x, s * y, c] for x, y, c in triples(flat(COCO))]}]})
                 for s in (1, 2)]
        small, large = (frame["people"][0] for frame in self.lifted(self.write("sizes.jsonl", "\n".join(lines))))
        self.assertAlmostEqual(large["scale_px"] / small["scale_px"], 2, delta=1e-3)
        for a, b in zip(sum(small["joints"], []), sum(large["joints"], [])):
            self.assertAlmostEqual(a, b, delta=1e-4)

    def pipe(self, *more):
        return subprocess.Popen([self.binary, "lift", "--run", "run", "--device", "cpu", "--input", "-", *more],
                                cwd=self.work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)

    def test_one_line_in_one_line_out(self):
        with self.pipe() as run:
            for i in range(5):  # the next line is written when the last one is answered
                print(json.dumps({"image": str(i), "people": [{"keypoints": triples(flat(COCO, i))}] * (i % 3)}),
                      file=run.stdin, flush=True)
                frame = json.loads(run.stdout.readline())
                self.assertEqual((frame["index"], frame["image"], len(frame["people"])), (i, str(i), i % 3))
                for person in frame["people"]:
                    self.check(person)
            run.stdin.close()
            self.assertEqual(run.stdout.read(), "")
            self.assertIn("5 frames", run.stderr.read())
        self.assertEqual(run.returncode, 0)

    def test_a_bad_line_is_said_and_passed_over(self):
        good = json.dumps({"people": [{"keypoints": triples(flat(COCO))}]})
        with self.pipe() as run:
            out, err = run.communicate("\n".join([good, "nonsense", "", '{"people": 5}', good]))
        self.assertEqual(run.returncode, 1)
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(["error" in answer for answer in answers], [False, True, True, False])
        self.assertIn("standard input:2", answers[1]["error"])
        self.assertIn("standard input:4", err)

    def test_a_file_from_a_pipe(self):
        good = json.dumps({"people": [{"keypoints": triples(flat(COCO))}]})
        with self.pipe("--output", "pipe.json") as run:
            out, _ = run.communicate("\n".join([good] * 3))
        self.assertEqual((run.returncode, out), (0, "pipe.json\n"))
        self.assertEqual(len(json.loads((self.work / "pipe.json").read_text())["frames"]), 3)
        with self.pipe("--output", "bad.json") as run:
            run.communicate("\n".join([good, "nonsense"]))
        self.assertEqual(run.returncode, 1)
        self.assertFalse((self.work / "bad.json").exists())

    def test_broken_files(self):
        good = coco_person(1, 0)
        points = good["keypoints"]
        texts = {
            "empty": "", "spaces": "  \n ", "text": "no JSON here", "cut": json.dumps([good] * 3)[:-40],
            "empty list": "[]x", "number": "5", "null": "null", "binary": "\x00\x01\x02",
            "unclosed": "[" + json.dumps(good), "tail": json.dumps([good]) + "]",
            "no keypoints": json.dumps([{"image_id": 1, "category_id": 1, "score": 1}]),
            "no image": json.dumps([good, {"keypoints": points, "score": 1, "category_id": 1}]),
            "count": json.dumps([{**good, "keypoints": points[:-3]}]),
            "not threes": json.dumps([{**good, "keypoints": points[:-1]}]),
            "strings": json.dumps([{**good, "keypoints": ["a"] * 51}]),
            "huge": json.dumps([{**good, "keypoints": [1e12] + points[1:]}]),
            "deep": "[" * 1000 + "]" * 1000,
            "a dog": json.dumps({"categories": [{"id": 1, "name": "dog", "keypoints": COCO}], "annotations": [good]}),
            "list id": json.dumps([{**good, "image_id": [1]}]),
            "changing": json.dumps([good, {**coco_person(2, 0), "keypoints": flat(BODY25, count=25)}]),
            "3D": json.dumps({"people": [{"pose_keypoints_3d": [1] * 100}]}),
            "not an hdf5": "\x89HDF\r\n\x1a\n" + "x" * 100,
        }
        self.assertGreaterEqual(len(texts), 20)
        for name, text in texts.items():
            with self.subTest(name):
                (self.work / "broken").write_bytes(text.encode("latin-1"))
                _, err = self.lift("broken", "broken.json", code=1)
                self.assertIn("broken", err)
                self.assertLess(len(err.strip().splitlines()), 4, err)
                self.assertFalse((self.work / "broken.json").exists())

    def test_what_is_not_there(self):
        self.lift("absent", "x.json", code=1)
        (self.work / "hollow").mkdir()
        self.lift("hollow", "x.json", code=1)
        source = self.openpose("there")
        self.lift(source, "no/such/folder/x.json", code=1)
        self.links("lift", "--run", "absent", "--input", source, "--output", "x.json", code=1)

    def test_a_run_without_completion_names_the_stage(self):
        source = self.openpose("ready")
        checkpoint, kept = self.work / "run" / "checkpoints" / "completion.safetensors", self.work / "kept"
        checkpoint.rename(kept)
        try:
            _, err = self.lift(source, "x.json", code=1)
        finally:
            kept.rename(checkpoint)
        self.assertIn("stage completion", err)

    def test_adapt(self):
        """A trained run goes on with a detector's files, and what comes of it lifts them."""
        source = self.openpose("own", frames=30, people=3)
        more = ["--epochs", 2, "--steps", 3, "--device", "cpu"]
        out, err = self.links("adapt", "--run", "run", "--input", source, "--output", "adapted", *more)
        self.assertRegex(out, r"full/nll_held_out +-?\d+\.\d+ +-?\d+\.\d+")
        self.assertIn("legs_torso/knees_forward", out)
        self.assertTrue(out.endswith("adapted\n"))
        self.assertIn("imported", err)
        self.links("lift", "--run", "adapted", "--device", "cpu", "--input", source, "--output", "adapted.json")
        frames = json.loads((self.work / "adapted.json").read_text())["frames"]
        self.assertEqual((len(frames), len(frames[0]["people"])), (30, 3))
        # A finished one is finished, and nothing is trained over it.
        _, err = self.links("adapt", "--run", "run", "--input", source, "--output", "adapted", *more, code=2)
        self.assertIn("--resume", err)
        self.links("adapt", "--run", "run", "--input", source, "--output", "adapted", *more, "--resume")
        _, err = self.links("adapt", "--run", "nowhere", "--input", source, "--output", "other", code=1)
        self.assertIn("nowhere", err)

    def test_frames_keep_their_numbers_and_people_their_tracks(self):
        """Images that are not sorted, of which some are missing, with two people in turns; one of them has no keypoints."""
        people = []
        for image in (4, 0, 1, 9):
            if image == 9:
                people.append(people.pop(0))  # image 4 again: nothing stands in order
            pair = [coco_person(image, 1), coco_person(image, 1)]
            pair[1]["keypoints"] = [x + (900 if i % 3 == 0 else 0) for i, x in enumerate(pair[1]["keypoints"])]
            people += pair[::-1 if image % 2 else 1]
        people.append({**coco_person(9, 1), "keypoints": []})
        source = self.write("gaps.json", json.dumps(people))
        frames = self.lifted(source)
        self.assertEqual([frame["index"] for frame in frames], [0, 1, 4, 9])
        for frame in frames:
            for person in frame["people"][:2]:
                self.assertEqual(person["track"], "1" if person["root_px"][0] < 900 else "2", frame["index"])
        self.assertEqual(frames[3]["people"][2]["unusable"], "no keypoints in the file")
        self.lift(source, "gaps.bvh")
        for track in (1, 2):
            self.assertIn("Frames: 10\n", (self.work / f"gaps_{track}.bvh").read_text())
        self.assertIsNone(self.lifted(source, "--tracks", "none")[0]["people"][0]["track"])

    def test_unseen_joints_are_not_there_for_any_command(self):
        lines = [json.dumps({"people": [{"keypoints": [None if i == 1 and frame % 2 else p for i, p in
                                                       enumerate(triples(flat(COCO, frame)))]}]}) for frame in range(4)]
        self.lift(self.write("eye.jsonl", "\n".join(lines)), "eye.h5", "--height", "1750")
        out, _ = self.links("data", "info", "eye.h5")
        self.assertRegex(out, r"poses that lack joints +2")
        self.links("render", "--data", "eye.h5", "--output", "eye.svg")
        self.assertNotIn(b"nan", (self.work / "eye.svg").read_bytes())

    def test_import_of_detections(self):
        self.openpose("train_op", frames=10)
        alphapose = self.write("train.json", json.dumps([coco_person(f"{i}.jpg", i, idx=i % 3) for i in range(30)]))
        words = ["data", "import", "detections", "train_op", alphapose]
        out, _ = self.links(*words, "--output", "t.h5", "--split", ".3", "--rest", "v.h5", "--by", "image")
        self.assertRegex(out, r"seen in 40 frames of 2 inputs +40 +100.0")
        self.assertRegex(out, r"kept +40")
        self.links("data", "info", "t.h5")
        self.links("data", "info", "v.h5")
        tiny = pathlib.Path(__file__).with_name("tiny.yaml")
        everyone = ["--set", "data.training_selection.subjects=[]", "--set", "data.validation_selection.subjects=[]"]
        self.links("train", "--config", tiny, "--set", "data.training=[t.h5]", "--set", "data.validation=[]", *everyone,
                   "--set", "flows.schedule.batch=8", "--stage", "flows", "--device", "cpu", "--output", "own_run")
        self.links(*words, "--output", "t.h5", "--require", "head", code=2)
        self.links(*words, "--output", "t.h5", "--split", ".3", code=2)
        self.links(*words, "--output", "t.h5", "--min-size", "1e5", code=1)

    def test_wrong_calls(self):
        source = self.openpose("calls")
        for words in [["--output", "x.txt"], [], ["--output", "x.h5"], ["--output", "x.json", "--height", "1.75"],
                      ["--output", "x.json", "--height", "nan"], ["--output", "x.json", "--format", "yaml"],
                      ["--output", "x.json", "--map", "nosuch"], ["--output", "x.json", "--min-confidence", "-1"],
                      ["--output", "x.bvh", "--fps", "0"], ["--output", "x.json", "--smooth", "6"],
                      ["--output", "x.json", "--fps", "30", "--smooth", "15"],
                      ["--output", "x.json", "--fps", "30", "--smooth", "much"],
                      ["--output", "x.json", "--focal", "900"],
                      ["--output", "x.json", "--upright", "--focal", "900"],
                      ["--output", "x.h5", "--height", "1700", "--upright"], ["--output", "x.json", "--batch", "0"],
                      ["--output", "x.json", "--render", "x.gif"], ["--output", "x.json", "--scale", "big"]]:
            self.links("lift", "--run", "run", "--input", source, *words, code=2)
        self.links("lift", "--run", "run", "--input", "-", "--format", "coco", code=2)
        self.links("lift", "--run", "run", "--input", "-", "--rigid", code=2)
        self.links("lift", "--run", "run", "--output", "x.json", code=2)


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
