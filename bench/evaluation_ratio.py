#!/usr/bin/env python3
"""Evaluation of the same random poses by links and by the per-pose NumPy loop, in one run.

Checks that both find the same metrics, prints how many times faster links is, and exits with 1 when they
differ or a ratio is below --at-least.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOLERANCE = 1e-3  # mm or percent


def fail(message):
    print(f"evaluation_ratio.py: {message}", file=sys.stderr)
    sys.exit(2)


def results(*command):
    """What a program measured: a list of results."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    if done.returncode == 2:
        sys.exit(2)  # it has said why
    if done.returncode:
        fail(f"expected the exit code 0 of {' '.join(done.args)}, found {done.returncode}")
    return json.loads(done.stdout)["results"]


def differences(ours, theirs):
    """A line for every metric of theirs that ours does not have."""
    return [f"{name}: {theirs[name]} by NumPy, {ours[name]} by links" for name in theirs
            if not abs(ours[name] - theirs[name]) <= TOLERANCE]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=ROOT / "build/bench/evaluation_bench",
                        help="built with -DLINKS_BENCHMARKS=ON (%(default)s)")
    parser.add_argument("--poses", type=int, default=500_000, help="(%(default)s)")
    parser.add_argument("--at-least", type=float, default=0, help="ratio to reach on one thread too")
    parser.add_argument("--output", type=Path, help="JSON with the results of both")
    arguments = parser.parse_args()
    if not arguments.program.is_file():
        fail(f"{arguments.program}: expected the program, found none; build it with -DLINKS_BENCHMARKS=ON")
    with tempfile.TemporaryDirectory() as folder:
        poses = Path(folder) / "poses.h5"
        ours = results(arguments.program, "--write", poses, "--poses", arguments.poses)
        loop, = results(sys.executable, ROOT / "bench/evaluation_numpy.py", poses)
    if arguments.output:
        arguments.output.write_text(json.dumps({"results": ours + [loop]}, indent=2) + "\n")

    print(f"{'evaluation of ' + str(loop['poses']) + ' poses':28}{'ms':>10}{'poses/s':>12}{'ratio':>8}")
    for result in [loop] + ours:
        ratio = loop["ms"] / result["ms"]
        print(f"{result['mode']:28}{result['ms']:10.0f}{result['poses_per_s']:12.0f}{ratio:8.1f}")
    wrong = differences(ours[0]["metrics"], loop["metrics"])
    print("\n".join(wrong) if wrong else f"{len(loop['metrics'])} metrics agree to {TOLERANCE}")
    too_slow = any(loop["ms"] / result["ms"] < arguments.at_least for result in ours)
    if too_slow:
        print(f"expected a ratio of at least {arguments.at_least:g}")
    sys.exit(1 if wrong or too_slow else 0)


if __name__ == "__main__":
    main()
