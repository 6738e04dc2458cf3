"""Drives `links bench`: the table, the JSON, the reference and wrong calls."""

import json
import math
import struct
import sys
import zlib

from cli import Cli, main

WIDTHS = [word for stage in ("flows", "lifters", "occlusion", "completion")
          for word in ("--set", f"{stage}.network.width=8")]
QUICK = [*WIDTHS, "--poses", 1000, "--seconds", 0.02, "--repeats", 2, "--device", "cpu", "--threads", 1]
FIGURES = ("ms", "spread", "poses_per_s", "gflop", "gbyte", "share_of_limit", "peak_memory_mb")


class Bench(Cli):
    """Tiny networks and a thousand poses."""

    def refused(self, *arguments):
        """-> the one sentence of a wrong call; where an option is wrong, a word about --help follows it."""
        _, err = self.links("bench", *QUICK, *arguments, code=2)
        sentence, *rest = err.strip().splitlines()
        self.assertIn(rest, ([], ["Run with --help or --help-all for more information."]))
        return sentence

    def test_figures(self):
        names = ["lifters", "completion", "evaluation", "lift_1"]
        stages = [word for name in names for word in ("--stage", name)]
        out, _ = self.links("bench", *QUICK, *stages, "--output", "bench.json", "--reference", "reference.safetensors")

        device, limits, heading, *rows = out.splitlines()
        self.assertIn("CPU, 1 threads, precision float32", device)
        self.assertRegex(limits, r"^matrix product [1-9]\d* GFLOP/s, copy \d+\.\d GB/s$")
        self.assertEqual(heading.split()[:3], ["name", "poses", "ms"])
        self.assertEqual([row.split()[0] for row in rows], names)

        read = json.loads((self.work / "bench.json").read_text())
        self.assertEqual(read["precision"], "float32")
        self.assertGreater(read["matrix_product_gflops"], 0)
        self.assertGreater(read["copy_gbytes"], 0)
        self.assertEqual([result["name"] for result in read["results"]], names)
        for result, row in zip(read["results"], rows):
            with self.subTest(name=result["name"]):
                self.assertEqual(set(result), {"name", "poses", *FIGURES})
                self.assertTrue(all(math.isfinite(result[key]) and result[key] >= 0 for key in FIGURES))
                self.assertEqual(result["poses"], 1 if result["name"] == "lift_1" else 1000)
                self.assertGreater(result["ms"], 0)
                at_once = {"evaluation": 1000, "lift_1": 1}.get(result["name"], 256)
                self.assertAlmostEqual(result["poses_per_s"] * result["ms"] / 1e3, at_once, delta=1e-6 * at_once)
                least = max(result["gflop"] / read["matrix_product_gflops"], result["gbyte"] / read["copy_gbytes"])
                self.assertAlmostEqual(result["share_of_limit"], 1e3 * least / result["ms"], delta=1e-9)
                self.assertEqual(result["gflop"] == 0, result["name"] == "evaluation")
                self.assertEqual(row.split()[1:3], [str(result["poses"]), f"{result['ms']:.3f}"])
        data = (self.work / "reference.safetensors").read_bytes()
        start = 8 + struct.unpack_from("<Q", data)[0]
        header = json.loads(data[8:start])
        texts = header.pop("__metadata__")
        self.assertIn("losses", json.loads(texts["config"]))
        self.assertIn("batch", header)
        for name, entry in header.items():
            begin, end = (start + offset for offset in entry["data_offsets"])
            self.assertEqual(f"{zlib.crc32(data[begin:end]):08x}", texts["crc32:" + name])

    def test_a_configuration_counts_by_its_sizes(self):
        (self.work / "sizes.yaml").write_text("data: {training: [not_there.h5]}\nflows: {network: {blocks: 2}}\n")
        gflop = []
        for config in ([], ["--config", "sizes.yaml"]):
            self.links("bench", *QUICK, *config, "--stage", "full_flow", "--output", "bench.json")
            gflop.append(json.loads((self.work / "bench.json").read_text())["results"][0]["gflop"])
        self.assertAlmostEqual(gflop[0] / gflop[1], 4)  # 8 blocks to 2

    def test_the_precision_is_that_of_the_figures(self):
        out, _ = self.links("bench", *QUICK, "--set", "precision=bf16", "--stage", "lifters")
        self.assertIn("precision bf16", out.splitlines()[0])

    def test_a_timeline_and_no_limit(self):
        out, _ = self.links("bench", *QUICK, "--stage", "lifters", "--without-limit", "--trace", "trace.json", "--output", "b.json")
        self.assertNotIn("matrix product", out)
        result = json.loads((self.work / "b.json").read_text())["results"][0]
        self.assertEqual(result["share_of_limit"], 0)
        self.assertGreater(result["gflop"], 0)
        events = json.loads((self.work / "trace.json").read_text())["traceEvents"]
        names = [event["name"] for event in events if event.get("cat") == "cpu_op"]
        self.assertEqual(names.count("aten::_fused_adam_"), 5, "five steps")

    def test_wrong_calls(self):
        self.assertIn("--trace", self.refused("--stage", "lifters", "--stage", "lift_1", "--trace", "trace.json"))
        self.assertIn("lifter_s", self.refused("--stage", "lifter_s"))
        self.assertIn("999", self.refused("--poses", "999"))
        config = self.write("wrong.yaml", "lifters:\n  network: {with: 8}\n")
        err = self.refused("--config", config)
        self.assertIn("wrong.yaml:2", err)
        self.assertIn("lifters.network: unknown key 'with'", err)
        self.refused("--config", "absent.yaml")
        err = self.refused("--set", "lifters.network.standardise=true", "--reference", "refused.safetensors")
        self.assertIn("--reference", err)
        self.assertFalse((self.work / "refused.safetensors").exists())


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
