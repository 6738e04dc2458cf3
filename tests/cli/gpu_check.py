"""Runs scripts/gpu_check.sh at its tiny size on the CPU: to its end, with a result for every part, also where parts fail."""

import importlib.util
import json
import subprocess
import sys

from cli import Cli, main

PARTS = ("versions", "tests", "steps", "sanitizer", "bench", "profile", "quickstart", "cmu", "paper", "together")


class GpuCheck(Cli):
    """The whole check, and what it says of what is missing."""

    def check(self, name, *words, code=0):
        """-> its table and the JSON of every part."""
        output = self.work / name
        done = subprocess.run([self.source / "scripts/gpu_check.sh", "--links", self.binary, "--device", "cpu", "--output",
                               output, *map(str, words)], capture_output=True, text=True, check=False, timeout=600,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, {file.stem: json.loads(file.read_text()) for file in output.glob("*.json")}

    def test_everything_runs_to_its_end(self):
        tests = self.binary.parents[2] / "tests/gpu_test"
        table, found = self.check("whole", "--tests", tests, "--minutes", 60)  # as long as a busy machine needs
        for part in PARTS:
            status = found[part]["status"]
            self.assertEqual(status, "left out: no GPU" if part == "sanitizer" else "done", (part, found[part]))
            self.assertIn(part, table)
        self.assertEqual(found["tests"]["skipped"], found["tests"]["tests"])
        self.assertGreater(found["tests"]["tests"], 20)
        for precision in ("float32", "tf32", "bf16"):
            for stage, times in found["steps"][precision].items():
                self.assertGreater(min(times["eager_ms"], times["captured_ms"]), 0, stage)
        self.assertGreater(found["profile"]["matrix_products_share"], 0)
        self.assertLess(found["profile"]["matrix_products_share"], 1)
        for kind in ("quickstart", "cmu"):
            self.assertGreater(found[kind]["float32"]["errors"]["legs_torso"]["pa_mpjpe_reflection"], 0)
            self.assertTrue(found[kind]["bf16"]["finished"])
        self.assertEqual({line["stage"] for line in found["paper"]["curve"]}, {"full_flow", "segment_flows", "lifters"})
        self.assertGreater(found["together"]["lifters 1024"]["8"]["throughput_of_one"], 0)
        self.assertEqual(found["summary"]["failed"], [])
        wanted = [row["target"] for row in found["summary"]["targets"] if row["found"] is None]
        self.assertLessEqual({row.split(",")[0] for row in wanted}, {"lifter step"}, "only what a torch is needed for")

    def test_a_part_that_fails_is_named_and_the_others_go_on(self):
        tests = self.write("broken.sh", "#!/bin/sh\nexit 3\n")
        tests.chmod(0o755)
        table, found = self.check("broken", "--tests", tests, "--minutes", 0.05, code=1)
        self.assertIn("failed", found["tests"]["status"])
        self.assertEqual(found["summary"]["failed"], ["tests"], found)
        self.assertLessEqual({*PARTS, "summary"}, set(found))
        self.assertIn("target", table)

    def test_wrong_calls(self):
        for words, word in ((["--minutes", "x"], "x"), (["--device", "tpu"], "tpu"), (["--links"], "--links")):
            done = subprocess.run([self.source / "scripts/gpu_check.sh", *words], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
            self.assertIn(word, done.stderr)


class Timeline(Cli):
    """What the check makes of a timeline."""

    def test_gaps_products_and_fills_of_a_gpu(self):
        spec = importlib.util.spec_from_file_location("gpu_check", self.source / "scripts/gpu_check.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)

        def event(start, length, name, kind="kernel"):
            return {"ph": "X", "cat": kind, "ts": start, "dur": length, "name": name}

        events = [event(0, 30, "ampere_sgemm_128x64"), event(40, 10, "vectorized_elementwise_kernel<4, FillFunctor<long>>"),
                  event(50, 20, "Memcpy DtoD", "gpu_memcpy"), event(0, 500, "aten::mm", "cpu_op"), event(90, 10, "add")]
        found = module.summary_of_trace(events, on_gpu=True, runs=1)
        self.assertAlmostEqual(found["ms_a_step"], 0.1)
        self.assertAlmostEqual(found["busy_ms_a_step"], 0.07)
        self.assertAlmostEqual(found["gaps_share"], 0.3)
        self.assertAlmostEqual(found["matrix_products_share"], 30 / 70)
        self.assertEqual(found["launches_a_step"], 4)
        self.assertEqual(found["fills_a_step"], 1)
        self.assertEqual(found["largest_gaps_us"][-2:], [10, 20])


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
