#!/usr/bin/env python3
"""Steps of links beside the same steps in plain PyTorch: times, and how many times faster links is.

Reads what `links bench --output` and bench/peer_pytorch.py wrote, a pair for each size; the peer's may be
missing.
"""
import argparse
import json
import sys

MODES = ("eager", "compile")
HEADINGS = ("width", "stage", "poses", "links ms", "eager ms", "compiled ms", "to eager", "to compiled",
            "of limit")
ROW = "{:>6} {:13} {:>9} {:>11} {:>11} {:>12} {:>9} {:>12} {:>9}"


def fail(message):
    print(f"table.py: {message}", file=sys.stderr)
    sys.exit(2)


def read(path, *fields):
    """The results of a file, in which each has a name, a time above 0 and the other numbers named."""
    results = []
    try:
        with open(path) as file:
            for result in json.load(file)["results"]:
                numbers = {field: float(result[field]) for field in ("ms", *fields)}
                if not 0 < numbers["ms"] < float("inf"):
                    raise ValueError(f"ms {numbers['ms']}")
                results.append({"name": str(result["name"]), "mode": result.get("mode"), **numbers})
    except OSError as error:
        fail(f"{path}: expected a file of results, found: {error.strerror}")
    except (ValueError, KeyError, TypeError) as error:
        wanted = ", ".join(("a name", "ms", *fields))
        fail(f"{path}: expected results with {wanted}, found: {type(error).__name__} {error}")
    return results


def rows(width, ours_path, peer_path=None):
    peer = read(peer_path) if peer_path else []
    theirs = {(result["name"], result["mode"]): result["ms"] for result in peer}
    for ours in read(ours_path, "poses", "share_of_limit"):
        times = [theirs.get((ours["name"], mode)) for mode in MODES]
        limit = f"{100 * ours['share_of_limit']:.0f} %" if ours["share_of_limit"] else "-"
        yield (width, ours["name"], f"{ours['poses']:.0f}", f"{ours['ms']:.3f}",
               *("-" if ms is None else f"{ms:.3f}" for ms in times),
               *("-" if ms is None else f"{ms / ours['ms']:.2f} x" for ms in times), limit)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", nargs="+", action="append", required=True, metavar=("WIDTH", "FILE"),
                        help="a size, the figures of links and those of the peer; may be given again")
    sizes = parser.parse_args().width
    for size in sizes:
        if len(size) not in (2, 3):
            fail(f"--width: expected a width and one or two files, found {' '.join(size)}")
    lines = [row for size in sizes for row in rows(*size)]
    print(ROW.format(*HEADINGS))
    for line in lines:
        print(ROW.format(*line))


if __name__ == "__main__":
    main()
