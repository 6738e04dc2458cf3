"""Exported networks in ONNX Runtime and in PyTorch, against `links lift`: exported.py --binary build/release/bin/links --source ."""

import sys
import unittest

from cli import Cli, main
from gaps import lines, people

POSES = 1000
TOLERANCE = 1e-5


class Exported(Cli):
    """A run with every stage, exported in both formats."""

    def prepare(self):
        global np, onnx, onnxruntime, torch
        try:
            import numpy as np
            import onnx
            import onnxruntime
            import torch
        except ImportError as error:
            raise unittest.SkipTest(f"{sys.executable}: {error}; pip install torch numpy onnx onnxruntime") from error
        self.train_tiny("run")
        poses = people(POSES)
        self.write("poses.jsonl", lines(poses))
        given = np.array(poses, np.float32)
        type(self).inputs = {"keypoints": np.ascontiguousarray(given[..., :2]), "confidence": np.ascontiguousarray(given[..., 2])}

    def export(self, what, *more):
        """-> functions of NumPy arrays by name, for ONNX Runtime and PyTorch."""
        self.links("export", "--run", "run", "--what", what, "--format", "torchscript", "--output", "network.pt", *more)
        texts = {"outputs": ""}
        module = torch.jit.load(str(self.work / "network.pt"), _extra_files=texts)
        names = texts["outputs"].decode().split(", ")

        def in_pytorch(inputs):
            with torch.no_grad():
                return dict(zip(names, (output.numpy() for output in module(*map(torch.from_numpy, inputs.values())))))

        done = self.links("export", "--run", "run", "--what", what, "--format", "onnx", "--output", "network.onnx", *more)
        self.assertEqual(done[0], "network.onnx\n")
        model = onnx.load(str(self.work / "network.onnx"))
        onnx.checker.check_model(model, full_check=True)
        session = onnxruntime.InferenceSession(str(self.work / "network.onnx"), providers=["CPUExecutionProvider"])
        self.assertEqual([output.name for output in session.get_outputs()], names)
        return {"onnxruntime": lambda inputs: dict(zip(names, session.run(None, inputs))), "pytorch": in_pytorch}

    def lifted(self, *more):
        self.links("lift", "--run", "run", "--device", "cpu", "--input", "poses.jsonl", "--map", "h36m17", "--tracks", "none",
                   "--output", "lifted.npz", *more)
        with np.load(self.work / "lifted.npz") as file:
            return {name: file[name] for name in file.files}

    def test_completion_is_what_lift_does_with_one_pose(self):
        for scale in ["person", "training"]:
            ours = self.lifted("--scale", scale)
            rows = ours["index"].astype(int) - ours["index"].min().astype(int)
            for name, network in self.export("completion", "--scale", scale).items():
                with self.subTest(runtime=name, scale=scale):
                    found = network(self.inputs)
                    posed = ~np.isnan(found["joints"]).any((1, 2))
                    self.assertGreater(posed.sum(), 700)
                    self.assertLess(posed.sum(), POSES)
                    self.assertEqual(set(np.flatnonzero(posed)), set(rows))
                    self.assertLess(np.abs(found["joints"][rows] - ours["joints"]).max(), TOLERANCE)
                    np.testing.assert_array_equal(found["states"][rows], ours["states"])
                    self.assertTrue((found["states"][~posed] == -1).all())
                    np.testing.assert_allclose(found["scale_px"][rows], ours["scale_px"], rtol=1e-5)
                    np.testing.assert_allclose(found["root_px"][rows], ours["root_px"], atol=.02)

    def test_any_number_of_poses(self):
        for name, network in self.export("completion").items():
            whole = network(self.inputs)
            for count in [1, 3]:
                part = network({key: array[:count] for key, array in self.inputs.items()})
                for key, array in part.items():
                    np.testing.assert_allclose(array, whole[key][:count], atol=TOLERANCE, rtol=1e-5, err_msg=f"{name} {key}")

    def test_lifter_gives_the_lifted_joints_of_whole_poses(self):
        """Where every joint is seen the completion leaves the lifters' pose as it is but for a second look."""
        for name, network in self.export("lifter").items():
            found = network(self.inputs)
            whole = (self.inputs["confidence"] > 0).all(1)
            self.assertTrue(whole.any())
            self.assertTrue((found["states"][whole] == 0).all(), name)
            self.assertTrue(np.isfinite(found["joints"][whole]).all(), name)
            ours = self.lifted()
            rows = ours["index"].astype(int) - ours["index"].min().astype(int)
            expected = ours["joints"][[list(rows).index(row) for row in np.flatnonzero(whole)]]
            self.assertLess(np.abs(found["joints"][whole] - expected).max(), TOLERANCE, name)
            unknown = found["states"] != 0
            self.assertTrue(np.isnan(found["joints"][unknown]).all(), name)

    def test_flows_and_their_inverse(self):
        for segment in ["full", "legs", "torso"]:
            forward = self.export("flow", "--segment", segment)
            found = {name: network(self.inputs) for name, network in forward.items()}
            finite = np.isfinite(found["pytorch"]["log_likelihood"])
            self.assertTrue(finite.any() and not finite.all())
            for key, array in found["pytorch"].items():
                scale = max(1, np.nanmax(np.abs(array)))
                np.testing.assert_allclose(found["onnxruntime"][key], array, atol=TOLERANCE * scale, err_msg=key)
            for name, network in self.export("flow-inverse", "--segment", segment).items():
                back = network({key: found["pytorch"][key] for key in ["latent", "root_px", "scale_px"]})["keypoints"]
                known = finite[:, None] & ~np.isnan(back).any(-1)
                self.assertEqual(known[finite].sum(1).max(), {"full": 17, "legs": 7, "torso": 11}[segment])
                self.assertLess(np.abs(back - self.inputs["keypoints"])[known].max(), .05, name)


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
