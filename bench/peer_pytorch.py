#!/usr/bin/env python3
"""Times the training steps of LInKs written plainly in PyTorch, eager and compiled, for a comparison with `links bench`.

  python3 bench/peer_pytorch.py --reference reference.pt --output peer.json

The reference, written by `links bench`, holds weights, a batch, the configuration and the losses computed
there. First every loss is computed here too and must agree to 1e-4; then each step is timed: zero_grad, loss,
backward, Adam. poses_per_s counts the real poses of a batch.
"""

import argparse
import json
import pathlib
import statistics
import sys
import time

import torch

from peer_networks import JOINTS
from peer_steps import STAGES, Networks

TOLERANCE = 1e-4
SECTIONS = {
    "flows": {"width": int, "blocks": int, "hidden_layers": int, "clamp": float},
    "lifters": {"width": int, "blocks_per_path": int},
    "fillers": {"width": int, "blocks": int},
    "loss": dict.fromkeys(["likelihood", "reprojection_2d", "consistency_3d", "deformation", "bone"], float),
}


class Failure(Exception):
    """What the user can mend, in one sentence."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Failure(f"Bad option: {message}.")


def checked_config(text, path):
    """The configuration of a reference, only what the networks and losses need of it."""
    def take(table, key, kind, where):
        kinds = (int, float) if kind is float else kind
        value = table.get(key)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise Failure(f"Expected {where}{key} as {kind.__name__} in the config of {path}, found {value!r}.")
        return value

    try:
        raw = json.loads(text)
    except (TypeError, ValueError) as error:
        raise Failure(f"Expected a config in JSON in {path}, found {error}.") from error
    if not isinstance(raw, dict):
        raise Failure(f"Expected an object as the config of {path}, found {raw!r}.")
    config = {"seed": take(raw, "seed", int, ""), "sigma": take(raw, "sigma", float, "")}
    for section, fields in SECTIONS.items():
        table = take(raw, section, dict, "")
        config[section] = {key: take(table, key, kind, section + ".") for key, kind in fields.items()}
    config["scenarios"] = take(raw, "scenarios", dict, "")
    for name, missing in config["scenarios"].items():
        if not isinstance(missing, list) or not missing or not set(missing) < set(range(1, JOINTS)):
            raise Failure(f"Expected some of the joints 1 to 16 as scenarios.{name} in the config of {path}, "
                          f"found {missing!r}.")
    config["losses"] = take(raw, "losses", dict, "")
    for stage in config["losses"]:
        if stage not in STAGES or not STAGES[stage].trained:
            raise Failure(f"Expected losses of training stages in the config of {path}, found {stage!r}.")
        take(config["losses"], stage, dict, "losses.")
        for term in {"total", *config["losses"][stage]}:
            take(config["losses"][stage], term, float, f"losses.{stage}.")
    return config


def tensor_of(tensors, name, shape, path):
    """A tensor of the reference; -1 in `shape` is any size."""
    tensor = tensors.get(name)
    found = "none" if tensor is None else f"{tensor.dtype} {tuple(tensor.shape)}"
    sizes = () if tensor is None else tensor.shape
    fits = len(sizes) == len(shape) and all(want in (-1, size) for want, size in zip(shape, sizes))
    if tensor is None or tensor.dtype != torch.float32 or not fits:
        raise Failure(f"Expected a tensor {name} torch.float32 {tuple(shape)} in {path}, found {found}.")
    return tensor


def read_reference(path, device):
    """-> networks with the reference's weights, those weights, its batch and its configuration."""
    if not pathlib.Path(path).is_file():
        raise Failure(f"Expected a reference file written by links bench, found no file {path}.")
    try:
        archive = torch.jit.load(path, map_location=device)
    except (RuntimeError, ValueError) as error:
        raise Failure(f"Expected an archive that torch.jit.load can read, found {path} to be none.") from error
    config = checked_config(getattr(archive, "config", None), path)
    tensors = dict(archive.named_buffers())
    batch = tensor_of(tensors, "batch", (-1, JOINTS, 2), path)
    if len(batch) == 0 or len(batch) % 2:
        raise Failure(f"Expected an even number of poses in the batch of {path}, found {len(batch)}.")
    networks = Networks(config, tensor_of(tensors, "bone_ratios", (JOINTS - 1,), path)).to(device)
    weights = {name: tensor_of(tensors, name, own.shape, path) for name, own in networks.state_dict().items()}
    networks.load_state_dict(weights)
    return networks, weights, batch, config


def difference(ours, theirs):
    """|ours - theirs| / max(1, |theirs|) of each term; a term that one side does not have is 0 there."""
    names = {**theirs, **ours} if len(theirs) > 1 else ["total"]
    return {name: abs(ours.get(name, 0.0) - theirs.get(name, 0.0)) / max(1.0, abs(theirs.get(name, 0.0)))
            for name in names}


def check(networks, batch, config):
    """Compares every loss with the reference's, eager and in float32; -> whether all agree."""
    good = True
    for stage, theirs in config["losses"].items():
        torch.manual_seed(config["seed"])
        with torch.no_grad():
            total, terms = STAGES[stage].loss(networks, batch)
        ours = {name: float(value) for name, value in {"total": total, **terms}.items()}
        differences = difference(ours, theirs)
        worst = max(differences, key=differences.get)
        print(f"check {stage}: {len(differences)} losses, largest difference {differences[worst]:.1e} ({worst})")
        for name, value in differences.items():
            if not value <= TOLERANCE:
                good = False
                print(f"{stage}: expected {name} to be {theirs.get(name, 0.0):.8g}, found {ours.get(name, 0.0):.8g}, "
                      f"a difference of {value:.1e}.", file=sys.stderr)
    return good


def synchronize(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def measure(step, device, repeats, seconds):
    """Milliseconds of a step, one figure for each repeat."""
    def run(steps):
        synchronize(device)
        start = time.perf_counter()
        for _ in range(steps):
            step()
        synchronize(device)
        return (time.perf_counter() - start) / steps

    run(3)  # the first calls compile, allocate and record graphs
    steps = max(1, round(seconds / repeats / run(1)))
    return [1e3 * run(steps) for _ in range(repeats)]


def matrix_product_gflops(device, repeats, seconds):
    """The best rate of square float32 products."""
    best = 0.0
    for size in (1024, 2048, 4096):
        a, b = torch.randn(2, size, size, device=device)
        out = torch.empty_like(a)
        times = measure(lambda: torch.mm(a, b, out=out), device, repeats, seconds / 3)
        best = max(best, 2e-6 * size**3 / min(times))
    return best


def make_step(stage, networks, batch, compiled):
    """A function that runs one step of a stage."""
    loss_of = stage.loss
    graphs = compiled and batch.is_cuda
    if compiled:
        torch.compiler.reset()
        loss_of = torch.compile(loss_of, mode="reduce-overhead" if graphs else "default")
    if stage.poses:
        poses = batch.repeat(-(-stage.poses // len(batch)), 1, 1)[:stage.poses].contiguous()

        def lift():
            loss_of(networks, poses)
        return lift

    for name, parameter in networks.named_parameters():
        parameter.requires_grad_(name.startswith(stage.trained))
    trained = [parameter for parameter in networks.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=2e-4, weight_decay=1e-5)

    def train():
        if graphs:
            torch.compiler.cudagraph_mark_step_begin()
        optimizer.zero_grad()
        total, _ = loss_of(networks, batch)
        total.backward()
        optimizer.step()
    return train
