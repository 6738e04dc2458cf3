#!/usr/bin/env python3
"""Times the training steps of LInKs written plainly in PyTorch, to compare with `links bench`.

  python3 bench/peer_pytorch.py --reference reference.safetensors --output peer.json

The reference, written by `links bench`, holds weights, a batch, the configuration and the losses computed
there on a CPU. First every loss is computed here too, on the CPU, and must agree to 1e-4; then each step is timed:
zero_grad, loss, backward, Adam. poses_per_s counts the real poses of a batch.
"""

import argparse
import itertools
import json
import math
import pathlib
import statistics
import struct
import sys
import time

import torch

from peer_networks import JOINTS
from peer_steps import STAGES, Networks
from tensor_file import read_tensor_file

TOLERANCE = 1e-4
SECTIONS = {
    "flows": {"width": int, "blocks": int, "hidden_layers": int, "clamp": float},
    "lifters": {"width": int, "blocks_per_branch": int},
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
            raise Failure(f"Expected {where}{key} as {kind.__name__} in the config of {path}, "
                          f"found {value!r}.")
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


def read_reference(path):
    """-> networks with the reference's weights, those weights, its batch and its configuration."""
    if not pathlib.Path(path).is_file():
        raise Failure(f"Expected a reference file written by links bench, found no file {path}.")
    try:
        texts, tensors = read_tensor_file(path)
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failure(f"Expected {path} to be a tensor file written by links bench, found another kind.") from error
    config = checked_config(texts.get("config"), path)
    batch = tensor_of(tensors, "batch", (-1, JOINTS, 2), path)
    if len(batch) == 0 or len(batch) % 2:
        raise Failure(f"Expected an even number of poses in the batch of {path}, found {len(batch)}.")
    networks = Networks(config, tensor_of(tensors, "bone_ratios", (JOINTS - 1,), path))
    weights = {name: tensor_of(tensors, name, own.shape, path) for name, own in networks.state_dict().items()}
    networks.load_state_dict(weights)
    return networks, weights, batch, config


def difference(ours, theirs):
    """|ours - theirs| / max(1, |theirs|) of each term; a term that one side does not have is 0 there."""
    differences = {}
    for name in {**theirs, **ours} if len(theirs) > 1 else ["total"]:
        our, their = ours.get(name, 0.0), theirs.get(name, 0.0)
        value = abs(our - their) / max(1.0, abs(their))
        differences[name] = math.inf if math.isnan(value) else value
    return differences


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
        print(f"check {stage}: {len(differences)} losses, "
              f"largest difference {differences[worst]:.1e} ({worst})")
        for name, value in differences.items():
            if value > TOLERANCE:
                good = False
                print(f"{stage}: expected {name} to be {theirs.get(name, 0.0):.8g}, "
                      f"found {ours.get(name, 0.0):.8g}, a difference of {value:.1e}.", file=sys.stderr)
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


def time_stages(networks, weights, batch, options):
    """-> rows of the table; each stage starts from the reference's weights."""
    results = []
    for mode, name in itertools.product(options.modes, options.stages):
        stage = STAGES[name]
        networks.zero_grad()
        networks.load_state_dict(weights)
        try:
            step = make_step(stage, networks, batch, compiled=mode == "compile")
            times = measure(step, batch.device, options.repeats, options.seconds)
        except Exception as error:
            if mode == "eager":
                raise
            reason = next(iter(str(error).splitlines()), "")
            print(f"torch.compile failed for {name}: {type(error).__name__}: {reason}", file=sys.stderr)
            continue
        ms = statistics.median(times)
        results.append({"name": name, "mode": mode, "ms": ms, "spread": (max(times) - min(times)) / ms,
                        "poses_per_s": 1e3 * (stage.poses or len(batch)) / ms})
        row = "{name:14} {mode:8} {ms:10.3f} {spread:13.1%} {poses_per_s:12,.0f}"
        print(row.format(**results[-1]), flush=True)
    return results


def list_of(text, option, allowed):
    chosen = text.split(",")
    for name in chosen:
        if name not in allowed:
            raise Failure(f"Expected some of {','.join(allowed)} for {option}, found {name!r}.")
    return chosen


def parse_options(arguments):
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", required=True, help="archive written by links bench")
    parser.add_argument("--output", help="JSON file to write")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: %(default)s)")
    parser.add_argument("--modes", default="eager,compile", help="default: %(default)s")
    parser.add_argument("--threads", type=int, help="threads of PyTorch on the CPU")
    parser.add_argument("--repeats", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=2, help="time for a stage (default: %(default)s)")
    parser.add_argument("--stages", default=",".join(STAGES), help="default: %(default)s")
    parser.add_argument("--no-tf32", action="store_true", help="time on cuda in full float32")
    parser.add_argument("--skip-check", action="store_true", help="time only, where another call has compared the losses")
    parser.add_argument("--check-only", action="store_true", help="compare the losses and stop")
    options = parser.parse_args(arguments)
    options.modes = list_of(options.modes, "--modes", ["eager", "compile"])
    options.stages = list_of(options.stages, "--stages", list(STAGES))
    if options.device not in ("cpu", "cuda"):
        raise Failure(f"Expected cpu or cuda for --device, found {options.device!r}.")
    if options.device == "cuda" and not torch.cuda.is_available():
        raise Failure("Expected a CUDA device for --device cuda, found none.")
    for name, least in (("threads", 1), ("repeats", 1), ("seconds", 1e-3)):
        value = getattr(options, name)
        if value is not None and not least <= value < 1e6:
            raise Failure(f"Expected a number of at least {least} for --{name}, found {value}.")
    if options.output and not pathlib.Path(options.output).absolute().parent.is_dir():
        raise Failure(f"Expected a folder for --output {options.output}, found none.")
    return options


def run(options):
    device = torch.device(options.device)
    if options.threads:
        torch.set_num_threads(options.threads)
    networks, weights, batch, config = read_reference(options.reference)
    for name in options.stages:
        if STAGES[name].trained and name != "five_flows" and name not in config["losses"]:
            raise Failure(f"Expected losses of {name} in the config of {options.reference}, found none.")
    if not options.skip_check and not check(networks, batch, config):
        return 1
    if options.check_only:
        return 0
    networks, batch = networks.to(device), batch.to(device)
    torch.backends.cuda.matmul.allow_tf32 = not options.no_tf32
    gflops = matrix_product_gflops(device, options.repeats, options.seconds)
    print(f"\nPyTorch {torch.__version__}, {options.device}, {torch.get_num_threads()} threads, "
          f"batch {len(batch)}, best float32 product {gflops:,.0f} GFLOP/s")
    print("stage          mode     ms (median)  range/median   poses/s")
    results = time_stages(networks, weights, batch, options)
    if options.output:
        report = {"torch": torch.__version__, "device": options.device, "threads": torch.get_num_threads(),
                  "tf32": options.device == "cuda" and not options.no_tf32,
                  "matrix_product_gflops": gflops, "spread": "(max - min) / median", "results": results}
        pathlib.Path(options.output).write_text(json.dumps(report, indent=2) + "\n")
    return 0


def main():
    try:
        return run(parse_options(sys.argv[1:]))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
