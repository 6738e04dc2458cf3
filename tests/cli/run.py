"""Drives the binary as a user does: run.py [CLASS...] --binary build/release/bin/links --source .

Exit codes: 0 success, 2 a wrong call or configuration, 1 anything else. Results on stdout, the rest on stderr.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest.mock

from cli import Cli, main

SUBCOMMANDS = [
    ["train"], ["sweep"], ["evaluate"], ["data"], ["data", "synthesize"], ["data", "import"], ["data", "import", "bvh"],
    ["data", "import", "asf-amc"], ["data", "import", "detections"], ["data", "info"], ["data", "coverage"], ["lift"],
    ["adapt"], ["calibrate"], ["export"], ["sample"], ["render"], ["report"], ["config"], ["pack"], ["info"],
]
OPTIONS = {  # what scripts rely on, from the contract of the command line
    "train": ["--config", "--output", "--stage", "--resume", "--device", "--set"],
    "sweep": ["--config", "--variant", "--seeds", "--train", "--test", "--recipe", "--size", "--data-set", "--protocol", "--table",
              "--output", "--stage", "--set", "--device", "--jobs", "--threads", "--together", "--dry-run", "--slurm",
              "--slurm-options", "--slurm-program", "--status", "--task"],
    "evaluate": ["--run", "--data", "--output", "--device", "--predictions"],
    "data synthesize": ["--output", "--poses", "--seed"],
    "data import bvh": ["--output", "--views", "--fps", "--seed", "--cameras", "--distance", "--height", "--pitch", "--roll",
                        "--off-axis", "--focal", "--px-per-metre", "--camera-seconds", "--joints", "--noise"],
    "data import asf-amc": ["--output", "--skeleton", "--recorded-fps", "--views", "--fps", "--cameras", "--joints", "--map"],
    "data import detections": ["--joints"],
    "lift": ["--run", "--input", "--format", "--map", "--output", "--min-confidence", "--height", "--fps", "--render",
             "--scale", "--batch", "--device", "--html", "--video", "--video-start", "--overlay", "--frames", "--worst"],
    "report": ["--table", "--format", "--output", "--composition"],
    "export": ["--run", "--what", "--format", "--output", "--scale", "--segment", "--min-confidence"],
    "sample": ["--run", "--output", "--count", "--random"],
    "render": ["--data", "--predictions", "--frames", "--worst", "--output"],
    "config": ["--config", "--set", "--list"],
    "pack": ["--run", "--output", "--precision", "--stage", "--data", "--most-mm"],
    "info": ["--models"],
}


class Calls(Cli):
    """Help, version and wrong calls."""

    def test_help_names_every_subcommand(self):
        out, _ = self.links("--help")
        for name in {words[0] for words in SUBCOMMANDS}:
            self.assertRegex(out, rf"(?m)^\s+{name}\s")

    def test_every_subcommand_has_help_with_its_options(self):
        for words in SUBCOMMANDS:
            out, _ = self.links(*words, "--help")
            for option in OPTIONS.get(" ".join(words), []):
                self.assertIn(option, out, words)

    def test_version(self):
        out, _ = self.links("--version")
        self.assertRegex(out, r"^links \d+\.\d+\.\d+\n$")

    def test_info(self):
        out, _ = self.links("info")
        self.assertRegex(out, r"2\.\d+\.\d+")
        self.assertRegex(out.lower(), r"\bcpu\b")

    def test_spin_is_the_users_choice_and_shown(self):
        told = {"LINKS_SPIN": "", "GOMP_SPINCOUNT": "", "OMP_WAIT_POLICY": ""}
        for more, shown in [({}, "GOMP_SPINCOUNT=20000"), ({"LINKS_SPIN": "long"}, "GOMP_SPINCOUNT=20000"),
                            ({"LINKS_SPIN": "short"}, "GOMP_SPINCOUNT=1000"), ({"LINKS_SPIN": "off"}, "default"),
                            ({"LINKS_SPIN": "long", "GOMP_SPINCOUNT": "7"}, "GOMP_SPINCOUNT=7"),
                            ({"OMP_WAIT_POLICY": "PASSIVE"}, "OMP_WAIT_POLICY=PASSIVE")]:
            with unittest.mock.patch.dict(os.environ, {**told, **more}):
                for name in told:
                    if not os.environ[name]:
                        del os.environ[name]
                out, _ = self.links("info")
            self.assertRegex(out, rf"(?m)^spin +.*{shown}")
        with unittest.mock.patch.dict(os.environ, LINKS_SPIN="wild"):
            _, err = self.links("info", code=2)
        self.assertIn("'wild'", err)

    def test_results_that_cannot_be_written_are_a_failure(self):
        for words in [["--help"], ["--version"], ["train", "--help"], ["info"], ["config", "--list"]]:
            self.assert_full_disk_is_told(*words)

    def test_wrong_calls(self):
        for words in [[], ["frobnicate"], ["train"], ["evaluate"], ["data"], ["data", "import"], ["data", "info"],
                      ["train", "--config"], ["info", "--frobnicate"], ["config"],
                      ["data", "synthesize", "--output", "x.h5", "--poses", "many"],
                      ["data", "synthesize", "--output", "x.h5", "--poses", "-5"],
                      ["train", "--config", "x.yaml", "--stage", "second"],
                      ["render", "--output", "x.png"],
                      ["report"], ["report", "x", "--table", "5"], ["report", "x", "--format", "html"]]:
            self.links(*words, code=2)


class Data(Cli):
    """data synthesize, data info, render."""

    def test_cameras_of_an_import_that_are_none(self):
        for wrong, *words in [(["--pitch", "steep"], "--pitch", "a number, MIN:MAX or MEAN+-SD", "'steep'"),
                              (["--distance", "4000:100"], "--distance", "from 1500", "'4000:100'"),
                              (["--roll", "0+-400"], "--roll", "standard deviation from 0 to 360"),
                              (["--height", "1500", "--pitch", "-5:20"], "--height or --pitch", "both"),
                              (["--focal", "900", "--px-per-metre", "200"], "--focal or --px-per-metre", "both"),
                              (["--cameras", "tame"], "tame"), (["--joints", "finger"], "finger"),
                              (["--noise", "-1"], "--noise"), (["--camera-seconds", "-1"], "--camera-seconds")]:
            _, err = self.links("data", "import", "bvh", ".", "--output", "x.h5", *wrong, code=2)
            for word in words:
                self.assertIn(word, err, wrong)
            self.assertFalse((self.work / "x.h5").exists())

    def test_synthesize_then_info(self):
        self.synthesize("a.h5", poses=200, seed=5)
        out, _ = self.links("data", "info", "a.h5")
        self.assertIn("200", out)
        self.assertIn("LKnee", out)
        self.assert_full_disk_is_told("data", "info", "a.h5")

    def test_seed_decides(self):
        a, b, c = (self.synthesize(n, 100, s).read_bytes() for n, s in [("a.h5", 5), ("b.h5", 5), ("c.h5", 6)])
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_render_draws(self):
        self.synthesize("a.h5", poses=50)
        for suffix, magic in [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]:
            self.links("render", "--data", "a.h5", "--output", f"a.{suffix}")
            self.assertTrue((self.work / f"a.{suffix}").read_bytes().startswith(magic), suffix)

    def test_files_that_are_not_there_or_not_ours(self):
        _, err = self.links("data", "info", "absent.h5", code=1)
        self.assertIn("absent.h5", err)
        self.write("text.h5", "no HDF5 here")
        _, err = self.links("data", "info", "text.h5", code=1)
        self.assertIn("text.h5", err)
        cut = self.work / "cut.h5"
        cut.write_bytes(self.synthesize("whole.h5").read_bytes()[:4000])
        _, err = self.links("data", "info", "cut.h5", code=1)
        self.assertIn("cut.h5", err)
        self.links("data", "synthesize", "--output", "no/such/folder/a.h5", "--poses", "50", code=1)

    def test_quiet_and_verbose(self):
        _, err = self.links("--quiet", "data", "synthesize", "--output", "q.h5", "--poses", "50")
        self.assertEqual(err, "")
        self.links("data", "synthesize", "--output", "v.h5", "--poses", "50", "--verbose")


class Config(Cli):
    """config --list, the resolved configuration, and every kind of mistake at once with its place."""

    def test_list_names_options_with_default_range_and_help(self):
        out, _ = self.links("config", "--list")
        self.assertGreater(len(out.splitlines()), 20)
        for name, default in [("seed", "1"), ("flows.schedule.learning_rate", "2e-04"), ("precision", "tf32")]:
            self.assertRegex(out, rf"(?m)^\s*{re.escape(name)}\b.*\b{re.escape(default)}\b")
        self.assertRegex(out, r"(?m)^\s*flows\.schedule\.decay\b.*\[0\.001, 1\]")
        self.assertIn("factor on the learning rate after each epoch", out)

    def test_shipped_configurations_are_right_and_read_back_the_same(self):
        poses = self.synthesize(poses=50)
        configs = self.source / "configs"
        single = [path for path in configs.glob("*.yaml") if path.name != "published.yaml"]
        layered = [(recipe, data_set, variant) for recipe in (configs / "recipes").glob("*.yaml")
                   for data_set in (configs / "datasets").glob("*.yaml")
                   for variant in (configs / "variants").glob("*.yaml")]
        self.assertGreater(len(layered), 100)
        # The data sets that they name are not there: any pose file will do.
        data = [words for key in ["training", "validation"] for words in ["--set", f"data.{key}=[{poses}]"]]
        # Each recipe, data set and variant at least once.
        for files in [(path,) for path in single] + layered[::7]:
            out, _ = self.links("config", *[words for path in files for words in ["--config", path]], *data)
            again, _ = self.links("config", "--config", self.write("again.yaml", out))
            self.assertEqual(out, again, files)

    def test_mistakes_are_told_together_with_file_and_line(self):
        self.write("bad.yaml", "nonsense: 1\n\nmore_nonsense: 2\n")
        _, err = self.links("config", "--config", "bad.yaml", code=2)
        self.assertIn("bad.yaml:1", err)
        self.assertIn("bad.yaml:3", err)
        self.assertIn("more_nonsense", err)
        self.links("train", "--config", "bad.yaml", "--output", "run", code=2)
        self.assertFalse((self.work / "run").exists(), "a wrong configuration must leave nothing behind")

    def test_broken_yaml_and_bad_overrides(self):
        self.write("broken.yaml", "a: [1,\nb: }\n")
        _, err = self.links("config", "--config", "broken.yaml", code=2)
        self.assertIn("broken.yaml:", err)
        self.write("empty.yaml", "")
        for override in ["nonsense=1", "nonsense", "=1"]:
            self.links("config", "--config", "empty.yaml", "--set", override, code=2)

    def test_missing_files(self):
        _, err = self.links("config", "--config", "absent.yaml", code=2)
        self.assertIn("absent.yaml", err)


class Report(Cli):
    """report: what it reads is written here, so that no run is needed."""

    METRICS = ["mpjpe", "n_mpjpe", "n_mpjpe_lsq", "pa_mpjpe", "pa_mpjpe_reflection", "n_pck", "n_auc", "n_auc_150",
               "n_pck_14", "n_auc_14", "pck_14", "auc_14"]

    def evaluated(self, name, seed, value, protocol="cmu"):
        keys = [("legs_torso", "none", "none", "all"), ("full", "none", "none", "all"), ("flat", "none", "none", "all")]
        keys += [("legs_torso", "left_arm", filler, joints) for filler in ["o3d", "o2d", "mask"]
                 for joints in ["all", "visible", "occluded"]]
        results = [{**dict(zip(["composition", "scenario", "filler", "joints"], key)), "grouping": "all",
                    "group": "all", "poses": 100, "rejected": 0, **{metric: value for metric in self.METRICS}}
                   for key in keys]
        (self.work / name).mkdir(exist_ok=True)
        self.write(f"{name}/evaluation.json", json.dumps({
            "format": "links-evaluation", "version": 1, "protocol": protocol, "poses": 100, "software": {},
            "run": {"name": "mine", "seed": seed, "key": "ab"}, "settings": {}, "results": results}))
        return name

    def test_every_table_in_every_format(self):
        runs = [self.evaluated("one", 1, 50.0), self.evaluated("two", 2, 53.0)]
        for table in "1234":
            for style, part in [("text", "51.5 ± 2.1"), ("md", "51.5 ± 2.1"), ("tex", r"51.5 $\pm$ 2.1"),
                                ("csv", ",51.5,"), ("json", '"mean": 51.5,')]:
                out, _ = self.links("report", *runs, "--table", table, "--format", style)
                self.assertIn(part, out, (table, style))
                self.assertIn("LInKs", out)
                self.links("report", *runs, "--table", table, "--format", style, "--output", "t")
                self.assertEqual((self.work / "t").read_text(), out)

    def test_tables_are_chosen_from_what_the_runs_hold(self):
        _, err = self.links("report", self.evaluated("h36m", 1, 50.0, "h36m"))
        self.assertIn("table 1, 3", err)
        self.assert_full_disk_is_told("--quiet", "report", "h36m")

    def test_failures_are_a_sentence(self):
        (self.work / "empty").mkdir()
        _, err = self.links("report", "empty", code=1)
        self.assertIn("links evaluate --run empty", err)
        self.write("broken.json", "{")
        _, err = self.links("report", "broken.json", code=1)
        self.assertIn("broken.json", err)
        _, err = self.links("report", self.evaluated("one", 1, 50.0), "one", code=1)
        self.assertIn("seed 1", err)
        _, err = self.links("report", "one", "--composition", "right_core", "--table", "3", code=1)
        self.assertIn("table 3", err)


class EndToEnd(Cli):
    """Synthesize, train every stage, evaluate, sample, render; and what a run folder must refuse and survive."""

    def prepare(self):
        self.synthesize()
        self.train("run")

    def arguments(self, run):
        tiny = pathlib.Path(__file__).with_name("tiny.yaml")
        poses = self.work / "poses.h5"
        return ["train", "--config", tiny, "--set", f"data.training=[{poses}]", "--set", f"data.validation=[{poses}]",
                "--device", "cpu", "--output", run]

    def train(self, run, *more, code=0):
        return self.links(*self.arguments(run), *more, code=code)

    def test_run_folder_holds_what_repeats_the_run(self):
        run = self.work / "run"
        names = {path.name for path in run.iterdir()}
        self.assertLessEqual({"config.yaml", "environment.json", "log.txt", "metrics.jsonl", "tensorboard"}, names)
        stages = ["full_flow", "segment_flows", "lifters", "occlusion", "completion"]
        self.assertEqual({path.stem for path in (run / "checkpoints").iterdir()}, set(stages))
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        self.assertEqual([(line["stage"], line["epoch"]) for line in lines],
                         [(stage, epoch) for stage in stages for epoch in (1, 2)])
        # The resolved configuration alone repeats the run.
        self.links("train", "--config", run / "config.yaml", "--output", "again")
        again = [json.loads(line) for line in (self.work / "again" / "metrics.jsonl").read_text().splitlines()]
        for line in lines + again:
            del line["time"]
        self.assertEqual(again, lines)

    def test_existing_run_is_refused_unless_resumed(self):
        self.train("run", code=2)
        self.train("run", "--resume")

    def test_evaluate(self):
        with unittest.mock.patch.dict(os.environ, OMP_NUM_THREADS="2"):
            out, _ = self.links("evaluate", "--run", "run", "--data", "poses.h5", "--output", "e.json",
                                "--predictions-output", "lifted.h5")
        self.assertIn("legs_torso", out)
        report = json.loads((self.work / "e.json").read_text())
        self.assertGreater(report["poses"], 0)
        found = {row["composition"] for row in report["results"]}
        self.assertLessEqual({"legs_torso", "left_core", "right_core", "mean", "full", "flat"}, found)
        scenarios = {(row["scenario"], row["filler"]) for row in report["results"]}
        self.assertLessEqual({("none", "none"), ("left_arm", "o3d"), ("full_torso", "o2d")}, scenarios)
        for row in report["results"]:
            self.assertLessEqual({"scenario", "filler", "joints", "grouping", "group", "poses", "rejected", "mpjpe", "n_mpjpe",
                                  "n_mpjpe_lsq", "pa_mpjpe", "pa_mpjpe_reflection", "n_pck", "n_auc", "n_pck_14",
                                  "n_auc_14", "pck_14", "auc_14"}, set(row))
        self.assertEqual(report["settings"]["device"], "CPU, 1 threads", "the run's settings, not the machine's")
        self.assertEqual(report["settings"]["precision"], "tf32")
        self.assert_full_disk_is_told("--quiet", "evaluate", "--run", "run", "--data", "poses.h5", "--stride", "20")
        self.links("render", "--predictions", "lifted.h5", "--data", "poses.h5", "--output", "lifted.svg")
        self.assertIn(b"<svg", (self.work / "lifted.svg").read_bytes())
        out, _ = self.links("render", "--predictions", "lifted.h5", "--data", "poses.h5", "--output", "w.svg", "--worst", "3")
        self.assertEqual(out, "w.svg: 3 poses\n")
        self.links("render", "--data", "poses.h5", "--output", "w.svg", "--worst", "3", code=2)

    def test_occlusion(self):
        self.write("patterns.txt", "LWrist RAnkle  # across the body\n")
        for words, scenarios in [(["single-joint"], 17), (["pairs", "--matrix", "m.csv"], 136), (["random:0-3"], 1),
                                 (["patterns.txt"], 1)]:
            self.links("evaluate", "--run", "run", "--data", "poses.h5", "--stride", "20", "--output", "o.json",
                       "--occlusion", *words)
            rows = json.loads((self.work / "o.json").read_text())["results"]
            found = {row["scenario"] for row in rows if row["filler"] == "mask"}
            self.assertEqual(len(found), scenarios, words)
        matrix = [line.split(",") for line in (self.work / "m.csv").read_text().splitlines()]
        self.assertEqual([len(line) for line in matrix], [17] * 17)
        for i in range(1, 17):
            self.assertEqual(matrix[i][0], matrix[0][i])
            for j in range(1, 17):
                self.assertGreater(float(matrix[i][j]), 0)
                self.assertEqual(matrix[i][j], matrix[j][i])
        self.links("evaluate", "--run", "run", "--data", "poses.h5", "--occlusion", "everything", code=2)
        self.links("evaluate", "--run", "run", "--data", "poses.h5", "--matrix", "m.svg", code=2)
        self.write("bad.txt", "LWrist Elbow\n")
        self.links("evaluate", "--run", "run", "--data", "poses.h5", "--occlusion", "bad.txt", code=1)

    def test_coverage(self):
        whole = [[100 + 3 * i, 50 + i, 0.9] for i in range(17)]
        broken = whole[:13] + [[0, 0, 0]] + whole[14:]
        self.write("people.jsonl", "".join(json.dumps({"people": [{"keypoints": person}]}) + "\n"
                                           for person in (whole, broken)))
        out, _ = self.links("data", "coverage", "people.jsonl")
        self.assertIn("people: 2", out)
        self.assertIn("full-pose lifting, all joints seen: 1 (50.0 %)", out)

    def test_predictions_equal_to_the_truth_score_zero(self):
        self.links("evaluate", "--predictions", "poses.h5", "--data", "poses.h5", "--output", "p.json")
        for row in json.loads((self.work / "p.json").read_text())["results"]:
            if row["composition"] == "predictions":
                self.assertLess(row["mpjpe"], 1e-3)
                self.assertLess(row["pa_mpjpe"], 0.1)

    def test_sample(self):
        for name, more in [("ours.h5", []), ("random.h5", ["--random"])]:
            self.links("sample", "--run", "run", "--output", name, "--count", "20", *more)
            out, _ = self.links("data", "info", name)
            self.assertRegex(out, r"poses +20\n")
            self.assertNotIn("lack joints", out, "they can be trained on")

    def test_a_run_that_is_not_there(self):
        self.links("evaluate", "--run", "absent", "--data", "poses.h5", code=1)
        self.links("sample", "--run", "absent", "--output", "x.h5", code=1)

    def test_interrupted_run_resumes_to_the_same_result(self):
        metrics = self.work / "stopped" / "metrics.jsonl"
        with subprocess.Popen([self.binary, *map(str, self.arguments("stopped"))], cwd=self.work,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            while run.poll() is None and not (metrics.exists() and metrics.stat().st_size > 0):
                time.sleep(0.01)
            run.send_signal(signal.SIGTERM)
        self.assertEqual(run.returncode, 75)
        self.train("stopped", "--resume")
        results = []
        for name in ["run", "stopped"]:
            self.links("evaluate", "--run", name, "--data", "poses.h5", "--output", f"{name}.json")
            results.append(json.loads((self.work / f"{name}.json").read_text())["results"])
        self.assertEqual(*results)


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
