#!/usr/bin/env python3
"""Kills `links` at random moments and at the calls by which it changes files, and fills its disk at its writes. What is
run again afterwards must end as if nothing had happened: bit-identical checkpoints, metrics and outputs.

  campaign.py --binary LINKS --fault LIBRARY --source FOLDER [--kills N] [--full N] [--every] [--seed S] [PART...]

Parts: single (a run), sweep (runs side by side), lift (of every format), commands (what else writes a file).
Of each part N kills at random moments and N at calls, and N writes at which the disk is full; with --every a kill
before and after every rename, fsync and mkdir, within every write of a file that is renamed, and a disk that is full
from every write on. Ends with a line a part; exit code 1 when anything came out otherwise."""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

STEPS = ("rename", "fsync", "mkdir")  # what a file or folder comes to be by
ALL = STEPS + ("open", "write", "unlink")
SPACE = STEPS + ("open", "write")  # what fails on a full disk
SECONDS = 300  # in which every call ends
MOST_KILLS = 3  # of one run before it is left alone


class Wrong(Exception):
    """What came out otherwise, in one sentence."""


class Links:
    """Calls of the program in a folder, with a fault or without."""

    def __init__(self, binary, library, work):
        self.binary, self.library, self.work = binary, library, work

    def __call__(self, words, calls=ALL, at=0, does="", after=None):
        """-> (exit code, what it said on stderr, the calls that it made, seconds). `after`: kill it so many seconds
        after its start."""
        log = self.work / "calls"
        log.unlink(missing_ok=True)
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "LD_PRELOAD": str(self.library),
                       "FAULT_UNDER": str(self.work / "out"), "FAULT_CALLS": ",".join(calls), "FAULT_AT": str(at),
                       "FAULT_DOES": does, "FAULT_LOG": str(log), "FAULT_CLOCK": "200"}
        begin = time.monotonic()
        with subprocess.Popen([self.binary, *map(str, words)], cwd=self.work, env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            try:
                _, said = process.communicate(timeout=SECONDS if after is None else after)
            except subprocess.TimeoutExpired:
                process.kill()
                _, said = process.communicate()
                if after is None:
                    raise Wrong(f"no end after {SECONDS} s") from None
        made = log.read_text().splitlines() if log.exists() else []
        return process.returncode, said, made, time.monotonic() - begin


def contents(folder):
    """What there is to compare of an output folder: bytes by name, without times and what is told of the way there."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir() or path.name in ("log.txt", "lock") or "tensorboard" in path.parts:
            continue
        data = path.read_bytes()
        if path.name == "metrics.jsonl":
            lines = [json.loads(line) for line in data.splitlines()]
            data = "\n".join(json.dumps({k: v for k, v in line.items() if k != "time"}) for line in lines).encode()
        found[name] = data
    return found


def difference(found, expected):
    """The first file in which two outputs differ, "" when they are the same."""
    for name in sorted(set(found) | set(expected)):
        if name not in found:
            return f"{name} is missing"
        if name not in expected:
            return f"{name} is left"
        if found[name] != expected[name]:
            return f"{name} has other bytes"
    return ""


class Part:
    """Something that `links` does, again and again."""

    def __init__(self, links, name, words, whole=False, together=False, workers=False):
        """`whole`: an output file is there as a whole or not at all, whatever happens; `together`: so are all of them,
        but while a list says that they take their names; `workers`: it may be a process of its own that is killed, which
        it says."""
        self.killed = (0, -signal.SIGKILL, 1) if workers else (0, -signal.SIGKILL)
        self.links, self.name, self.words, self.whole, self.together = links, name, words, whole, together
        self.out = links.work / "out"
        self.kills = self.disks = 0
        self.clear()
        code, said, self.calls, self.seconds = links(words)
        if code != 0:
            raise Wrong(f"{name}: expected it to work without a fault, found exit code {code}: {said.strip()}")
        self.expected = contents(self.out)

    def clear(self):
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()

    def check_left(self):
        """What a fault left is whole."""
        if not self.whole:
            return
        left = contents(self.out)
        listed = any(name.endswith(".unfinished") for name in left)
        done = {name: data for name, data in left.items() if not name.endswith((".partial", ".unfinished"))}
        for name, data in done.items():
            if data != self.expected.get(name):
                raise Wrong(f"{name} is neither whole nor absent")
        if self.together and done and not listed and len(done) < len(self.expected):
            raise Wrong(f"{len(done)} files of {len(self.expected)} are there and nothing says so")

    def check_again(self):
        """Run once more without a fault, it ends as if there had been none."""
        for path in self.out.rglob("*.partial"):
            if self.whole:
                path.unlink()  # nobody knows whose these are
        code, said, _, _ = self.links(self.words)
        if code != 0:
            raise Wrong(f"then exit code {code}: {said.strip()[-300:]}")
        if differs := difference(contents(self.out), self.expected):
            raise Wrong(f"then {differs}")

    def under(self, does, test):
        """A test on a fresh output folder; says what was done when it fails."""
        self.clear()
        try:
            test()
        except Wrong as wrong:
            raise Wrong(f"{self.name}: {does}: {wrong}") from None

    def kill(self, **fault):
        code, said, _, _ = self.links(self.words, **fault)
        if code not in self.killed:
            raise Wrong(f"exit code {code}: {said.strip()[-300:]}")
        self.kills += code != 0
        self.check_left()
        return code != 0

    def kill_randomly(self, rng):
        """Up to three times at random moments of what is left to do."""
        moments = [rng.uniform(0.02, 1.05) * self.seconds for _ in range(rng.randint(1, MOST_KILLS))]

        def test():
            for moment in moments:
                if not self.kill(after=moment):
                    break
            self.check_again()
        self.under("killed after " + ", ".join(f"{moment:.3f}" for moment in moments) + " s", test)

    def kill_at(self, calls, at, does):
        def test():
            self.kill(calls=calls, at=at, does=does)
            self.check_again()
        self.under(f"{does} at call {at} of {','.join(calls)}", test)

    def fill_disk(self, calls, at):
        """The disk is full from a call on: an error in words, and nothing lost when there is room again."""
        def test():
            code, said, _, _ = self.links(self.words, calls=calls, at=at, does="full")
            self.disks += 1
            if code not in (0, 1) or (code == 1 and not said.strip()):
                raise Wrong(f"exit code {code}: {said.strip()[-300:]}")
            if code == 0 and self.whole and difference(contents(self.out), self.expected):
                raise Wrong("exit code 0 without the output")
            self.check_left()
            if self.whole and (left := [name for name in contents(self.out) if name.endswith(".partial")]):
                raise Wrong(f"{left[0]} is left")
            self.check_again()
        self.under(f"full disk from call {at} of {','.join(calls)} on", test)

    def count(self, calls):
        return sum(line.split()[0] in calls for line in self.calls)

    def all_faults(self):
        """Every fault there is a place for: functions."""
        steps = [lambda at=at, does=does: self.kill_at(STEPS, at, does)
                 for at in range(1, self.count(STEPS) + 1) for does in ("kill-before", "kill-after")]
        writes = [at + 1 for at, line in enumerate(line for line in self.calls if line.startswith("write"))
                  if "log.txt" not in line and "tensorboard" not in line]
        torn = [lambda at=at: self.kill_at(("write",), at, "kill-half") for at in writes]
        full = [lambda at=at, calls=calls: self.fill_disk(calls, at)
                for calls in (("write",), SPACE) for at in range(1, self.count(calls) + 1)]
        return steps, torn, full

    def run(self, rng, kills, full_disks, every):
        steps, torn, full = self.all_faults()
        if not every:
            steps, torn = (rng.sample(some, min(len(some), (kills + 1) // 2)) for some in (steps, torn))
            full = rng.sample(full, min(len(full), full_disks))
        for fault in [lambda: self.kill_randomly(rng)] * kills + steps + torn + full:
            yield fault

    def summary(self):
        return (f"{self.name:<10} {self.kills:4d} kills, {self.disks:4d} full disks: every time what was run again ended "
                f"bit-identical ({len(self.expected)} files)")


def detections(path, frames=6):
    """JSON lines of a standing figure in COCO's 17 keypoints."""
    rng = random.Random(1)
    figure = [(0, 1.35), (.05, 1.42), (-.05, 1.42), (.12, 1.4), (-.12, 1.4), (.35, 1), (-.35, 1), (.55, .55), (-.5, .5),
              (.8, .9), (-.45, 0), (.2, 0), (-.2, 0), (.25, -.75), (-.22, -.8), (.2, -1.55), (-.25, -1.6)]
    with open(path, "w", encoding="utf-8") as file:
        for frame in range(frames):
            people = [{"keypoints": [[500 + 150 * x + rng.uniform(-5, 5), 400 - 150 * y + rng.uniform(-5, 5), .9]
                                     for x, y in figure]} for _ in range(2)]
            print(json.dumps({"image": str(frame), "people": people}), file=file)


def parts(links, source, names):
    """Makes what the parts need, then the parts that are asked for, one at a time."""
    work = links.work
    (work / "out").mkdir()
    poses = ["data", "synthesize", "--poses", "300", "--seed", "3", "--output"]
    if links([*poses, "poses.h5"])[0] != 0:
        raise Wrong("expected a synthetic data set, found none")
    detections(work / "people.jsonl")
    train = ["train", "--quiet", "--config", source / "tests/cli/tiny.yaml", "--set", "data.training=[poses.h5]",
             "--set", "data.validation=[poses.h5]", "--set", "checkpoint_seconds=1", "--device", "cpu", "--resume"]
    weights = work / "weights.yaml"
    weights.write_text("lifters: {loss: {consistency_3d: 0.5}}\n")
    plain = work / "plain.yaml"
    plain.write_text("name: plain\n")
    if "single" in names:
        yield Part(links, "single", [*train, "--output", "out/run"])
    if "sweep" in names:
        yield Part(links, "sweep", ["sweep", "--quiet", "--config", source / "tests/cli/tiny.yaml", "--train", "poses.h5",
                                    "--test", "poses.h5", "--set", "checkpoint_seconds=1", "--device", "cpu", "--jobs", "1",
                                    "--threads", "1", "--variant", plain, "--variant", weights, "--seeds", "2", "--output",
                                    "out/sweep"], workers=True)
    if {"lift", "commands"} & set(names):
        code, said, _, _ = links([*train, "--output", "run"])
        if code != 0:
            raise Wrong(f"expected a run to lift with, found exit code {code}: {said.strip()}")
    lift = ["lift", "--quiet", "--run", "run", "--device", "cpu", "--input", "people.jsonl", "--height", "1750", "--output"]
    if "lift" in names:
        for suffix in ["json", "jsonl", "csv", "h5", "npz", "bvh", "trc", "c3d", "html"]:
            yield Part(links, f"lift {suffix}", [*lift, f"out/lifted.{suffix}"], whole=True,
                       together=suffix in ["bvh", "trc", "c3d"])
    if "commands" in names:
        yield Part(links, "synthesize", [*poses, "out/poses.h5"], whole=True)
        yield Part(links, "evaluate", ["evaluate", "--quiet", "--run", "run", "--data", "poses.h5", "--stride", "20",
                                       "--output", "out/e.json", "--predictions-output", "out/p.h5"], whole=True)
        yield Part(links, "render", ["render", "--quiet", "--data", "poses.h5", "--output", "out/p.png"], whole=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--fault", type=pathlib.Path, required=True, help="the library made of fault.c")
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--full", type=int, default=10)
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep-going", action="store_true", help="to the end, whatever comes out")
    parser.add_argument("parts", nargs="*")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    wrongs = []
    with tempfile.TemporaryDirectory(prefix="links-campaign-") as folder:
        links = Links(arguments.binary.resolve(), arguments.fault.resolve(), pathlib.Path(folder).resolve())
        for part in parts(links, arguments.source.resolve(), arguments.parts or ["single", "sweep", "lift", "commands"]):
            before = len(wrongs)
            for fault in part.run(rng, arguments.kills, arguments.full, arguments.every):
                try:
                    fault()
                except Wrong as wrong:
                    wrongs.append(str(wrong))
                    print("WRONG:", wrong, flush=True)
                    if not arguments.keep_going:
                        return 1
            if len(wrongs) == before:
                print(part.summary(), flush=True)
            else:
                print(f"{part.name:<10} {part.kills:4d} kills, {part.disks:4d} full disks, {len(wrongs) - before} of them "
                      "WRONG", flush=True)
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
