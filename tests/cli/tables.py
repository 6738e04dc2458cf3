"""Makes tables 1 to 4 with the scripts from data in the published layouts: tables.py [CLASS...] --binary --source ."""

import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np

from cli import Cli, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from layouts import human36m, mpi_inf_3dhp  # noqa: E402

# Names that need quotes in a shell and in YAML.
TRAIN, TEST = "it's for training, #1: [a].h5", "it's for testing, #2: {b}.h5"
OUTPUT = "the output: #3, it's [c]"
FORMATS = ["csv", "json", "md", "tex", "txt"]
# A run in about two seconds.
TINY = {"data.validation_poses": 16, "flows.network.blocks": 1, "lifters.schedule.warmup_steps": 0,
        "lifters.schedule.learning_rate": 0.01}
for _stage in ("flows", "lifters", "occlusion", "completion"):
    TINY |= {f"{_stage}.network.width": 8, f"{_stage}.schedule.epochs": 1, f"{_stage}.schedule.steps_per_epoch": 2,
             f"{_stage}.schedule.batch": 16}
# Losses that are not finite within 20 steps.
DIVERGING = {"flows.schedule.learning_rate": 1, "flows.schedule.steps_per_epoch": 20, "flows.dequantisation_noise": 0,
             "flows.schedule.max_grad_norm": 0, "flows.network.clamp": 20, "flows.network.blocks": 8}
GROUP_ROWS = {"legs_torso": ["legs + torso"], "left_right": ["left* + right", "right* + left"], "full": ["full pose"]}
MEAN = "mean of the poses (reference)"
SCENARIOS = {"left_arm": "left arm", "left_leg": "left leg", "right_arm": "right arm", "right_leg": "right leg",
             "left_arm_leg": "left arm & leg", "right_arm_leg": "right arm & leg", "both_legs": "both legs",
             "full_torso": "full torso"}
FILLERS = {"o2d": "O_2D", "o3d": "O_3D", "none": None}


def import_human36m(case):
    """Training poses of S1 to S8 as h36m-fetch has them, S9 and S11 as Martinez et al. do."""
    recordings = human36m.Recordings(frames=2)
    human36m.write_fetch(case.work / "processed", recordings)
    human36m.write_martinez(case.work / "h36m", recordings)
    case.links("data", "import", "h36m-fetch", "processed", "--subjects", "S1,S5,S6,S7,S8", "--output", TRAIN)
    case.links("data", "import", "h36m-martinez", "h36m", "--subjects", "S9,S11", "--output", TEST)


def import_3dhp(case, frames=20):
    """S1 to S8 and TS1 to TS6, cut short."""
    for n in range(1, 9):
        mpi_inf_3dhp.write_train(case.work / "train", f"S{n}", "Seq1",
                                 mpi_inf_3dhp.views(n, frames, mpi_inf_3dhp.CAMERAS))
    for n in range(1, 7):
        mpi_inf_3dhp.write_test(case.work / "test", f"TS{n}", mpi_inf_3dhp.views(20 + n, frames, 1)[0],
                                np.ones(frames), np.arange(frames) % 7 + 1)
    for part, name in (("train", TRAIN), ("test", TEST)):
        case.links("data", "import", "mpi-inf-3dhp", part, "--part", part, "--output", name, "--allow-missing")


def command(case, script, *options, output=OUTPUT, train=TRAIN, test=TEST, **overrides):
    """A call of a script, in the working folder; overrides replace those of TINY."""
    sets = [word for key, value in (TINY | overrides).items() for word in ("--set", f"{key}={value}")]
    return [case.source / "scripts" / f"{script}.sh", "--train", train, "--test", test, "--output", output, "--threads", "1",
            "--device", "cpu", *sets, *map(str, options)]


def environment(case):
    return {**os.environ, "LINKS": str(case.binary)}


def call(case, words, code=0):
    """-> (stdout, lines of stderr)"""
    done = subprocess.run([str(word) for word in words], cwd=case.work, stdin=subprocess.DEVNULL, env=environment(case),
                          capture_output=True, text=True, timeout=600)
    case.assertEqual(done.returncode, code, f"{words}\nstdout: {done.stdout}\nstderr: {done.stderr}")
    return done.stdout, done.stderr.splitlines()


def run(case, script, *options, code=0, **more):
    return call(case, command(case, script, *options, **more), code)


def running(case):
    """Programs that still work in the folder."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(path / "exe") == str(case.binary) and os.readlink(path / "cwd") == str(case.work):
                found.append((path / "cmdline").read_text())
        except OSError:
            continue
    return found


def written(case, output=OUTPUT):
    """-> when each run was last written to, by its folder"""
    runs = case.work / output
    return {str(path.parent.relative_to(runs)): max(file.stat().st_mtime_ns for file in path.parent.rglob("*"))
            for path in runs.rglob("config.yaml")}


def published_rows(case, table):
    """Rows of configs/published.yaml: key -> text."""
    text = (case.source / "configs" / "published.yaml").read_text()
    rows = [dict(re.findall(r"(?m)^(?:  - |    )(\w+): \"?(.*?)\"?$", row)) for row in re.split(r"(?m)^(?=  - )", text)]
    return [row for row in rows if row.get("table") == str(table)]


def variant_key(case, variant, key):
    """A text or a list that a variant sets, or the file that it starts from."""
    text = (case.source / "configs" / "variants" / f"{variant}.yaml").read_text()
    found = re.search(rf"\b{key}: (\[.*?\]|.*)", text)
    if found:
        return found[1].strip("[]").split(", ") if found[1].startswith("[") else found[1]
    return variant_key(case, pathlib.Path(re.search(r"base: (\S+)", text)[1]).stem, key)


def our_rows(case, variant, recipe):
    """The (method, lifters) that table 4 has for a variant."""
    method = f"ours: {variant_key(case, variant, 'name')} [{recipe}]"
    groups = variant_key(case, variant, "groups")
    rows = [(method, lifters) for group in groups for lifters in GROUP_ROWS[group]]
    return rows + [(method, MEAN)] * ("legs_torso" in groups and "left_right" in groups)


def read_table(case, number, output=OUTPUT):
    """Checks that the table is there in all formats and that these agree. -> its rows as JSON has them"""
    folder = case.work / output
    case.assertEqual(sorted(path.suffix[1:] for path in folder.glob(f"table{number}.*")), FORMATS)
    text = {suffix: (folder / f"table{number}.{suffix}").read_text() for suffix in FORMATS}
    report = json.loads(text["json"])
    case.assertEqual((report["format"], [table["table"] for table in report["tables"]]), ("links-report", [number]))
    table = report["tables"][0]
    keys = [column["key"] for column in table["columns"]]
    rows = table["rows"]
    for row, line in zip(rows, csv.DictReader(text["csv"].splitlines()), strict=True):
        case.assertEqual((row["method"], row["lifters"] or "", row["section"]),
                         (line["method"], line["lifters"], line["section"]))
        for key in keys:
            case.assertEqual(row["values"][key]["mean"], float(line[key]) if line[key] else None)
    markdown = [line for line in text["md"].splitlines() if line.startswith("|")]
    case.assertEqual(len({len(re.findall(r"(?<!\\)\|", line)) for line in markdown}), 1)
    tex = [line for line in text["tex"].splitlines() if re.search(r"(?<!\\)&", line)]
    case.assertEqual(len({len(re.findall(r"(?<!\\)&", line)) for line in tex}), 1)
    case.assertEqual(text["tex"].count("{"), text["tex"].count("}"))
    case.assertEqual([text["tex"].count(word) for word in (r"\begin{tabular}", r"\bottomrule", r"\end{tabular}")],
                     [1, 1, 1])
    sections = len({row["section"] for row in rows})
    case.assertEqual((len(markdown), len(tex)), (2 + len(rows) + sections, 1 + len(rows)))
    for row in rows:
        case.assertIn(row["method"], text["txt"])
    return rows


def assert_published(case, rows, number):
    """The rows of the paper's table are all there, with its figures."""
    expected = []
    for row in published_rows(case, number):
        figures = {key: float(row[key]) for key in ("pa_mpjpe", "pa_mpjpe_reflection", "n_mpjpe", "n_pck", "n_auc")
                   if key in row}
        section = SCENARIOS.get(row.get("scenario"))
        expected.append((row["method"], row.get("lifters"), FILLERS[row.get("filler", "none")], section, figures))
    found = []
    for row in rows:
        if row["published"]:
            section = row["section"] if row["section"] in SCENARIOS.values() else None
            figures = {key: value["mean"] for key, value in row["values"].items() if value["mean"] is not None}
            found.append((row["method"], row["lifters"], row["filler"], section, figures))
    key = repr
    case.assertEqual(sorted(found, key=key), sorted(expected, key=key))
    case.assertEqual(len(found), {1: 12, 2: 6, 3: 17, 4: 5}[number])


def assert_finite(case, rows):
    for row in rows:
        if not row["published"]:
            for key, value in row["values"].items():
                if row["section"].startswith("0 to 3") and key.endswith(("_visible", "_occluded")):
                    continue  # other joints in every pose
                case.assertTrue(value["mean"] is not None and 0 <= value["mean"] < 1e5, (row["method"], key))


def failed(lines):
    """Of stderr what it says of runs that failed."""
    return [line for line in lines if ": training failed: " in line or ": evaluation failed: " in line]


class Table4(Cli):
    """scripts/ablation.sh on Human3.6M."""

    lifting = ["elepose", "full", "full_sampled", "left_right", "left_right_sampled", "legs_torso",
               "legs_torso_sampled"]
    stable_only = ["fixed_elevation", "no_likelihood", "no_reprojection_2d", "no_consistency_3d", "no_deformation",
                   "no_bone", "supervised"]

    def test_every_row(self):
        import_human36m(self)
        out, lines = run(self, "ablation", "--data-set", "h36m")
        trained = [line for line in lines if "trained in" in line]
        flows = [line for line in trained if ": flows: trained" in line]
        self.assertEqual(len(flows), 2)  # of a recipe, for all but ElePose's
        self.assertEqual(len(trained) - len(flows), 2 * len(self.lifting) + len(self.stable_only))
        rows = read_table(self, 4)
        self.assertEqual(out, (self.work / OUTPUT / "table4.txt").read_text())
        assert_published(self, rows, 4)
        assert_finite(self, rows)
        expected = [("ours", "flat, all depths 0 (reference)")]
        for recipe, variants in (("stable", self.lifting + self.stable_only), ("literal", self.lifting)):
            for variant in variants:
                expected += our_rows(self, variant, recipe)
        ours = {(row["method"], row["lifters"]): row for row in rows if not row["published"]}
        self.assertEqual(sorted(ours), sorted(expected))
        # No two ways of training are the same one.
        figures = [row["values"]["n_mpjpe_lsq"]["mean"] for row in ours.values()]
        self.assertEqual(len(set(figures)), len(figures))
        for (method, lifters), row in ours.items():
            self.assertEqual(row["poses"], 2 * 30 * 4 * 2)
            self.assertEqual(row["reference"], "reference" in lifters)
            if method != "ours":
                self.assertEqual(row["supervision"], "supervised" if "3D supervision" in method else "unsupervised")

        before = written(self)
        again, lines = run(self, "ablation", "--data-set", "h36m")
        self.assertEqual(again, out)
        self.assertEqual(len([line for line in lines if "done before" in line]), len(trained) - len(flows))
        self.assertEqual(written(self), before)


class Table3(Cli):
    """scripts/occlusion.sh on Human3.6M under the protocol of any data: seeds, interruptions."""

    longer = {"lifters.schedule.epochs": 4, "lifters.schedule.steps_per_epoch": 75}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        import_human36m(cls("test_every_row"))

    def tearDown(self):
        subprocess.run(["rm", "-rf", self.work / "cut off"], check=True)

    def test_every_row(self):
        run(self, "occlusion", "--seeds", 2)
        rows = read_table(self, 3)
        assert_published(self, rows, 3)
        assert_finite(self, rows)
        ours = [row for row in rows if not row["published"]]
        expected = {(section, filler) for section in SCENARIOS.values() for filler in ("O_2D", "O_3D", "mask")}
        self.assertEqual({(row["section"], row["filler"]) for row in ours},
                         expected | {("0 to 3 random joints, U(0, 3)", "mask")})
        self.assertEqual(len(ours), 25)
        for row in ours:
            self.assertEqual((row["method"], row["seeds"]), ("ours: LInKs [stable]", [1, 2]))
            self.assertGreater(row["values"]["pa_mpjpe"]["deviation"], 0)

    def stop(self, words, seed, send):
        """Starts the script, sends the signal once the seed trains lifters. -> stderr"""
        metrics = self.work / "cut off" / "stable" / "links" / f"seed{seed}" / "metrics.jsonl"
        process = subprocess.Popen([str(word) for word in words], cwd=self.work, stdin=subprocess.DEVNULL, env=environment(self),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(process.terminate)
        deadline = time.monotonic() + 120
        while not (metrics.exists() and '"lifters"' in metrics.read_text()) and process.poll() is None:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        send(process.pid)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (75, ""), err)
        self.assertEqual(running(self), [])
        self.assertFalse((metrics.parent / "evaluation.json").exists())
        self.assertIn("stopped in stage lifters", (metrics.parent / "log.txt").read_text())
        return err

    def test_an_interrupted_sweep_goes_on(self):
        words = command(self, "occlusion", "--seeds", 3, "--jobs", 1, "--together", 1, output="cut off", **self.longer)
        self.stop(words, 2, lambda pid: os.kill(pid, signal.SIGTERM))
        first = written(self, "cut off")["stable/links/seed1"]
        # The terminal sends Ctrl-C to the whole group.
        err = self.stop(words, 3, lambda pid: os.killpg(pid, signal.SIGINT))
        self.assertIn("seed1: done before", err)
        self.assertIn("seed2: trained", err)
        call(self, words)
        for seed in (2, 3):
            log = (self.work / "cut off" / "stable" / "links" / f"seed{seed}" / "log.txt").read_text()
            self.assertIn("segment_flows: already trained", log)
            self.assertEqual(log.count("lifters  epoch 1 validation"), 1)
        self.assertEqual(written(self, "cut off")["stable/links/seed1"], first)
        rows = read_table(self, 3, "cut off")
        self.assertEqual({tuple(row["seeds"]) for row in rows if not row["published"]}, {(1, 2, 3)})

    def test_runs_side_by_side_are_interrupted_and_go_on_together(self):
        words = command(self, "occlusion", "--seeds", 3, "--jobs", 1, output="cut off", **self.longer)
        err = self.stop(words, 3, lambda pid: os.kill(pid, signal.SIGTERM))
        self.assertIn("stopped", err)
        _, lines = call(self, words)
        self.assertEqual(len([line for line in lines if "3 together" in line]), 3)
        for seed in (1, 2, 3):
            log = (self.work / "cut off" / "stable" / "links" / f"seed{seed}" / "log.txt").read_text()
            self.assertIn("segment_flows: already trained", log)
        rows = read_table(self, 3, "cut off")
        self.assertEqual({tuple(row["seeds"]) for row in rows if not row["published"]}, {(1, 2, 3)})

    def test_one_of_several_side_by_side_that_cannot_start_is_listed(self):
        blocked = self.work / "blocked" / "stable" / "links" / "seed2"
        blocked.mkdir(parents=True)
        (blocked / "holiday.jpg").write_text("")
        words = command(self, "occlusion", "--seeds", 3, "--jobs", 1, output="blocked")
        _, lines = call(self, words, code=1)
        failures = failed(lines)
        self.assertEqual(len(failures), 1, failures)
        self.assertIn("stable/links/seed2: training failed: expected a run to resume", failures[0])
        out, _ = call(self, [self.binary, "sweep", "--status", "blocked"])
        self.assertRegex(out, r"stable/links/seed2 +failed .*expected a run to resume")
        self.assertRegex(out, r"1 failed")
        rows = read_table(self, 3, "blocked")
        self.assertEqual({tuple(row["seeds"]) for row in rows if not row["published"]}, {(1, 3)})


class Table1(Cli):
    """scripts/h36m.sh: wrong calls, runs that fail, names that need quotes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        import_human36m(cls("test_dry_run"))

    def assert_failed(self, lines, *words):
        """stderr ends with one sentence, and the failures before it have these words."""
        self.assertRegex(lines[-1], r"^error: expected ")
        failures = failed(lines)
        self.assertEqual(len(failures), len(words), lines)
        for failure, word in zip(failures, words):
            self.assertIn(word, failure)

    def tearDown(self):
        subprocess.run(["rm", "-rf", self.work / OUTPUT], check=True)

    def test_a_run_that_fails_is_listed_and_the_others_are_in_the_table(self):
        run(self, "h36m", "--size", "reduced")
        rows = read_table(self, 1)
        assert_published(self, rows, 1)
        assert_finite(self, rows)
        names = ["ours: ElePose (full pose, PCA 26, 2 blocks a path) [stable]", "ours: LInKs [stable]"]
        self.assertEqual(sorted(row["method"] for row in rows if not row["published"]), names)

        # Something in its folder keeps a run from starting.
        options = ("--size", "reduced", "--seeds", 2)
        blocked = self.work / OUTPUT / "stable" / "links" / "seed2"
        blocked.mkdir()
        (blocked / "holiday.jpg").write_text("")
        _, lines = run(self, "h36m", *options, code=1)
        self.assert_failed(lines, "stable/links/seed2: training failed: expected a run to resume")
        rows = read_table(self, 1)
        self.assertEqual([row["seeds"] for row in rows if row["method"] in names], [[1], [1, 2]])
        # A second call trains what is missing, the same or one that only names the folder, and no failure is left.
        shutil.rmtree(blocked)
        _, lines = call(self, [self.binary, "sweep", "--output", OUTPUT])
        self.assertEqual(len([line for line in lines if "done before" in line]), 3)
        _, lines = run(self, "h36m", *options)
        self.assertEqual(len([line for line in lines if "done before" in line]), 4)
        self.assertEqual(failed(lines), [])

        # A folder holds one sweep.
        _, lines = call(self, command(self, "h36m", *options, **{"lifters.loss.bone": 49}), code=2)
        self.assertRegex(lines[-1], "^error: expected a new folder or that of the same sweep, found another configuration .*49")

    def test_losses_that_are_not_finite(self):
        _, lines = run(self, "h36m", "--size", "reduced", code=1, **DIVERGING)
        self.assert_failed(lines, *2 * ["training failed: expected finite losses, found "])
        self.assertFalse((self.work / OUTPUT / "table1.txt").exists())

    def test_data_without_the_subjects(self):
        _, lines = run(self, "h36m", "--size", "reduced", code=1, test=TRAIN)
        self.assert_failed(lines, *2 * ["no pose has the subject 'S9'"])

    def test_dry_run(self):
        for jobs, together, tasks in ((1, 8, [5]), (2, 8, [2, 3]), (1, 2, [1, 2, 2])):
            out, _ = run(self, "h36m", "--dry-run", "--seeds", 5, "--jobs", jobs, "--together", together, "--recipe", "both")
            planned = re.findall(r"(?m)^(\d+) +(\w+/\w+)/seed\d ", out)
            self.assertEqual(sorted(variant for _, variant in planned),
                             sorted(5 * ["stable/links", "stable/elepose", "literal/links", "literal/elepose"]))
            counts = [[task for task, _ in planned].count(task) for task in dict(planned)]
            self.assertEqual(counts, 4 * tasks)
        self.assertFalse((self.work / OUTPUT).exists())

    def test_wrong_calls(self):
        good = command(self, "h36m")[1:]
        for words in ([], good[:3], ["--train", "--test"], ["--train", "nowhere.h5"], [*good, "frobnicate.yaml"],
                      [*good, "--frobnicate", "1"], [*good, "--seeds", "0"], [*good, "--seeds", "many"],
                      [*good, "--jobs", "-1"], [*good, "--together", "0"], [*good, "--recipe", "mine"], [*good, "--size", "huge"],
                      [*good, "--data-set", "coco"], [*good, "--set"], [*good, "--output", ""], [*good, "--task", "1"],
                      [*good, "--status", OUTPUT]):
            out, lines = call(self, [self.source / "scripts" / "h36m.sh", *words], code=2)
            self.assertEqual(out, "")
            self.assertLessEqual(len(lines), 2, lines)
        self.assertFalse((self.work / OUTPUT).exists())
        out, _ = call(self, [self.source / "scripts" / "h36m.sh", "--help"])
        self.assertIn("--dry-run", out)


class Table2(Cli):
    """scripts/3dhp.sh."""

    def test_every_row(self):
        import_3dhp(self)
        run(self, "3dhp", "--size", "reduced")
        rows = read_table(self, 2)
        assert_published(self, rows, 2)
        assert_finite(self, rows)
        ours = [row for row in rows if not row["published"]]
        self.assertEqual(sorted(row["method"] for row in ours),
                         ["ours: ElePose (full pose, PCA 26, 2 blocks a path) [stable]", "ours: LInKs [stable]"])
        self.assertEqual({row["poses"] for row in ours}, {6 * 20})


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
