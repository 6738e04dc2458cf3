#!/usr/bin/env python3
"""Two result files side by side: time before, time after, and how many times faster.

Reads Google Benchmark's JSON and {"results": [{"name", "mode" (may be absent), "ms", ...}]}; a result with a
mode is called name/mode. Repeats of a name count with their median.
"""
import argparse
import json
import math
import statistics
import sys

MS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}


def fail(message):
    print(f"compare.py: {message}", file=sys.stderr)
    sys.exit(2)


def entries(content):
    """-> (name, ms) of every result in a file."""
    for entry in content.get("results", []):
        yield "/".join(filter(None, (entry["name"], entry.get("mode")))), float(entry["ms"])
    for entry in content.get("benchmarks", []):
        if "real_time" in entry and entry.get("aggregate_name", "median") == "median":
            yield entry.get("run_name", entry["name"]), entry["real_time"] * MS[entry["time_unit"]]


def read(path):
    """-> {name: ms}."""
    times = {}
    try:
        with open(path) as file:
            for name, ms in entries(json.load(file)):
                times.setdefault(name, []).append(ms)
    except OSError as error:
        fail(f"{path}: expected a result file, found: {error.strerror}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fail(f"{path}: expected JSON with benchmarks or results, found: {type(error).__name__} {error}")
    if not times:
        fail(f"{path}: expected results, found none")
    return {name: statistics.median(repeats) for name, repeats in times.items()}


def bound(text):
    """NAME=RATIO -> (name, ratio)."""
    name, _, ratio = text.rpartition("=")
    if not name:
        raise argparse.ArgumentTypeError(f"expected NAME=RATIO, found '{text}'")
    try:
        return name, float(ratio)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number after the = of '{text}'") from None


def cell(value):
    return f"{'-':>12}" if value is None else f"{value:12.4g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--at-least", type=bound, action="append", default=[], metavar="NAME=RATIO",
                        help="exit with 1 unless NAME became at least RATIO times faster; may be given again")
    arguments = parser.parse_args()
    old, new = read(arguments.old), read(arguments.new)
    ratios = {name: old[name] / new[name] if new[name] else math.inf for name in old if name in new}
    for name, _ in arguments.at_least:
        if name not in ratios:
            fail(f"expected '{name}' in both files, found {', '.join(sorted(ratios)) or 'no name in both'}")

    names = list(dict.fromkeys([*old, *new]))
    width = max(map(len, names))
    print(f"{'':{width}}{'old ms':>12}{'new ms':>12}{'ratio':>12}")
    for name in names:
        print(f"{name:{width}}" + cell(old.get(name)) + cell(new.get(name)) + cell(ratios.get(name)))
    missed = [(name, ratio) for name, ratio in arguments.at_least if not ratios[name] >= ratio]
    for name, ratio in missed:
        print(f"{name}: expected at least {ratio:g} times faster, found {ratios[name]:.4g}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
