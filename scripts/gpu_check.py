#!/usr/bin/env python3
"""What scripts/gpu_check.sh runs: the parts of the check, each within its own share of the time, its result written as
JSON when it ends, and a table against the targets at the end.

A part that is cut off keeps what it has. Without a GPU everything is done on the CPU at a tiny size: that the check
itself runs to its end.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

STAGES = ("full_flow", "segment_flows", "lifters", "occlusion", "completion")
NETWORKS = ("flows", "lifters", "occlusion", "completion")  # sections of a configuration with networks
PRECISIONS = ("float32", "tf32", "bf16")
PAPER_POSES = 1_500_000
TARGETS = (  # what, unit, least or most, value; docs/performance.md
    ("lifter step, PyTorch eager / links", "x", "least", 10),
    ("lifter step, PyTorch compiled with CUDA graphs / links", "x", "least", 2),
    ("lifter step, share of the TF32 limit", "%", "least", 50),
    ("the paper's schedule on 1.5 million poses", "min", "most", 30),
    ("poses lifted a second", "million", "least", 5),
    ("eight runs together, throughput of one", "x", "least", 1.5),
)
MATRIX_PRODUCT = re.compile(r"gemm|cutlass|xmma|nvjet|splitk|mm\b", re.IGNORECASE)


class LeftOut(Exception):
    """Why a part was not done."""


class Failed(Exception):
    """What went wrong, in a sentence."""


class Check:
    """Where everything is, and the clock of the part in progress."""

    def __init__(self, options):
        self.options = options
        self.root, self.output = options.root, options.output
        self.start = time.monotonic()
        self.end = self.start + 60 * options.minutes
        self.part_end = self.end
        self.results = {}
        self.cuda = False
        self.output.mkdir(parents=True, exist_ok=True)

    @property
    def device(self):
        return "cuda" if self.cuda else "cpu"

    def left(self):
        return self.part_end - time.monotonic()

    def call(self, *command, seconds=None, name=None, environment=None, fails=True):
        """Runs a command until the part's end or for so long. -> (its output, whether it was cut off)."""
        limit = max(min(self.left(), seconds or 1e9), 0.1)
        log = self.output / "logs" / f"{name or pathlib.Path(str(command[0])).name}.log"
        log.parent.mkdir(exist_ok=True)
        with open(log, "ab") as file:
            file.write(("$ " + " ".join(map(str, command)) + "\n").encode())
            begin = file.tell()
            file.flush()
            process = subprocess.Popen(list(map(str, command)), stdout=file, stderr=subprocess.STDOUT,
                                       stdin=subprocess.DEVNULL, cwd=self.root, start_new_session=True,
                                       env={**os.environ, **(environment or {})})
            cut_off = False
            for asked in (signal.SIGTERM, signal.SIGKILL, None):
                try:
                    process.wait(limit)
                    break
                except subprocess.TimeoutExpired:
                    cut_off, limit = True, 10  # a training that is asked to stop writes its checkpoint first
                    if asked is not None:
                        os.killpg(process.pid, asked)
        text = log.read_bytes()[begin:].decode(errors="replace")
        if process.returncode and not cut_off and fails:
            said = [line for line in text.splitlines() if line.strip()]
            raise Failed(f"{pathlib.Path(str(command[0])).name} {command[1] if len(command) > 1 else ''} ended with "
                         f"{process.returncode}: {said[-1] if said else 'no word'} ({log})")
        return text, cut_off

    def links(self, *words, **more):
        return self.call(self.options.links, *words, **more)

    def bench(self, name, *words, **more):
        """-> what `links bench` wrote, or None where it was cut off before."""
        file = self.output / "bench" / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.unlink(missing_ok=True)
        self.links("bench", "--device", self.device, "--output", file, *words, name=f"bench-{name}", **more)
        return read(file)

    def width(self, hidden):
        """Options for a width of all networks; a tiny one without a GPU."""
        return [word for section in NETWORKS
                for word in ("--set", f"{section}.network.width={hidden if self.cuda else min(hidden // 64, 16)}")]

    def effort(self, seconds, repeats):
        return ["--seconds", seconds if self.cuda else 0.02, "--repeats", repeats if self.cuda else 1]

    def save(self, part, result):
        """Of a part in progress or at its end."""
        self.results[part] = result
        write(self.output / f"{part}.json", result)


def write(file, value):
    partial = file.with_name(file.name + ".partial")
    partial.write_text(json.dumps(value, indent=2) + "\n")
    partial.rename(file)


def read(file):
    return json.loads(file.read_text()) if file.exists() else None


def milliseconds(bench, name):
    """Of one line of a bench, or None."""
    for result in (bench or {}).get("results", []):
        if result["name"] == name:
            return result["ms"]
    return None


def say(text):
    print(text, file=sys.stderr, flush=True)


# --- the parts: each takes the check and a dictionary that it fills --------------------------------------------------


def versions(check, result):
    """Versions and device."""
    result["links"] = check.links("--version", name="versions")[0].split()[-1]
    info, _ = check.links("info", name="versions")
    result["info"] = dict(line.split(None, 1) for line in info.splitlines() if len(line.split(None, 1)) == 2)
    has_gpu = result["info"].get("cuda", "").startswith("cuda:")
    if check.options.device == "cuda" and not has_gpu:
        raise Failed(f"expected a CUDA device that LibTorch can use for --device cuda, found: {result['info'].get('cuda')}")
    check.cuda = has_gpu and check.options.device != "cpu"
    result["device"] = check.device
    result["machine"] = {"system": platform.platform(), "cores": os.cpu_count(), "python": platform.python_version(),
                         "glibc": " ".join(platform.libc_ver())}
    if shutil.which("nvidia-smi"):
        fields = "name,driver_version,memory.total,clocks.max.sm,power.limit"
        text, _ = check.call("nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader", fails=False)
        result["nvidia_smi"] = dict(zip(fields.split(","), [word.strip() for word in text.strip().split(",")]))
    if check.options.python:
        text, _ = check.call(check.options.python, "-c", "import json, torch; print(json.dumps({'torch': torch.__version__, "
                             "'cuda': torch.version.cuda, 'cudnn': torch.backends.cudnn.version()}))", name="versions")
        result["pytorch"] = json.loads(text.strip().splitlines()[-1])


def tests(check, result):
    """The GPU tests; without a GPU each skips."""
    if not check.options.tests.exists():
        raise LeftOut(f"expected the GPU tests at {check.options.tests}, found none")
    file = check.output / "logs/gtest.json"
    file.unlink(missing_ok=True)
    _, cut_off = check.call(check.options.tests, "--gtest_brief=1", f"--gtest_output=json:{file}", name="tests", fails=False)
    if cut_off:
        raise TimeoutError
    report = read(file)
    if report is None:
        raise Failed(f"expected the tests to write {file}, found none: they ended before")
    cases = [case for suite in report["testsuites"] for case in suite["testsuite"]]
    result["tests"] = len(cases)
    result["skipped"] = sum(case["result"] == "SKIPPED" for case in cases)
    result["failures"] = {f"{case['classname']}.{case['name']}": case["failures"][0]["failure"].splitlines()[:6]
                          for case in cases if case.get("failures")}
    if check.cuda and result["skipped"] == result["tests"]:
        raise Failed("expected the GPU tests to run, found all of them skipped")
    if result["failures"]:
        raise Failed(f"{len(result['failures'])} of {len(cases)} tests failed: {', '.join(result['failures'])}")


def steps(check, result):
    """One step of every stage at the paper's sizes, eager against captured, in each precision, ms."""
    stages = [word for stage in STAGES for word in ("--stage", stage)]
    for precision in PRECISIONS:
        for captured in (True, False):
            bench = check.bench(f"steps-{precision}-{'captured' if captured else 'eager'}", *stages, *check.width(1024),
                                "--set", f"precision={precision}", "--set", f"cuda_graph={str(captured).lower()}",
                                "--without-limit", "--poses", 1000, *check.effort(0.3, 3))
            for stage in STAGES:
                row = result.setdefault(precision, {}).setdefault(stage, {})
                row["captured_ms" if captured else "eager_ms"] = milliseconds(bench, stage)


def sanitizer(check, result):
    """compute-sanitizer on tiny steps of every stage."""
    if not check.cuda:
        raise LeftOut("no GPU")
    places = [os.environ.get("CUDA_HOME", ""), "/usr/local/cuda"]
    tool = shutil.which("compute-sanitizer") or next(
        (path for place in places if os.access(path := f"{place}/bin/compute-sanitizer", os.X_OK)), None)
    if tool is None:
        raise LeftOut("expected compute-sanitizer in the path or in CUDA_HOME, found none")
    words = [word for section in NETWORKS for word in ("--set", f"{section}.network.width=8")]
    for stage in ("lifters", "full_flow", "segment_flows", "occlusion", "completion"):
        text, cut_off = check.call(tool, "--target-processes", "all", check.options.links, "bench", "--device", "cuda", *words,
                                   "--stage", stage, "--poses", 1000, "--seconds", 0.01, "--repeats", 1, "--without-limit",
                                   name=f"sanitizer-{stage}", environment={"LINKS_SPIN": "off"}, fails=False)
        found = re.search(r"ERROR SUMMARY: (\d+) error", text)
        result[stage] = "cut off" if cut_off else int(found.group(1)) if found else text.strip().splitlines()[-1:]
        if cut_off:
            return
    wrong = {stage: found for stage, found in result.items() if found != 0}
    if wrong:
        raise Failed(f"expected no error of compute-sanitizer, found {wrong}")


def bench(check, result):
    """links bench and the same steps in PyTorch, eager and compiled, at both widths, the limits measured in the same run."""
    references = {width: check.output / f"reference-{width}.safetensors" for width in ((1024, 256) if check.cuda else (1024,))}
    rows = {width: result.setdefault(str(width), {"pytorch": {}}) for width in references}
    failures = []

    def peer(width, mode, stage=None):
        """The same steps in PyTorch; the first call of a width also compares the losses."""
        name = f"pytorch-{width}-{mode}-{stage or 'all'}"
        file = check.output / "bench" / f"{name}.json"
        file.unlink(missing_ok=True)
        if not check.options.python or check.left() <= 0:
            return
        only = [*(["--stages", stage] if stage else []), *(["--skip-check"] if mode == "compile" else [])]
        try:
            _, cut_off = check.call(check.options.python, check.root / "bench/peer_pytorch.py", "--reference", references[width],
                                    "--device", check.device, "--modes", mode, *check.effort(1, 5), "--output", file, *only,
                                    name=name, seconds=None if mode == "eager" else 80)
        except Failed as failure:
            failures.append(str(failure))
            return
        if cut_off:
            rows[width]["pytorch"].setdefault("cut off", []).append(f"{mode} {stage or ''}".strip())
            return
        report = read(file)
        rows[width]["pytorch"]["matrix_product_gflops"] = report["matrix_product_gflops"]
        rows[width]["pytorch"].setdefault(mode, {}).update({line["name"]: line["ms"] for line in report["results"]})
        check.save("bench", dict(result))

    try:
        # In the order of what matters, as there may be no time for the last.
        for width in references:
            rows[width]["links"] = check.bench(f"width-{width}", *check.width(width), "--poses", 10000 if check.cuda else 1000,
                                               *check.effort(1, 5), *([] if check.cuda else ["--without-limit"]),
                                               "--reference", references[width])
            check.save("bench", dict(result))
            if check.cuda:
                peer(width, "eager")
                peer(width, "compile", "lifters")
        if check.cuda:
            result["1024"]["links_bf16"] = check.bench("width-1024-bf16", *check.width(1024), "--set", "precision=bf16",
                                                       "--stage", "lifters", "--stage", "occlusion", "--poses", 1000,
                                                       "--without-limit", *check.effort(0.5, 5))
            for stage in ("five_flows", "lift_65536", "occlusion", "lift_1"):
                for width in references:
                    peer(width, "compile", stage)
        else:
            peer(1024, "eager", "lifters")
    finally:
        for reference in references.values():
            reference.unlink(missing_ok=True)
    if not check.options.python:
        result["pytorch"] = "left out: expected a Python that can import torch (--python), found none"
    if failures:
        raise Failed("; ".join(failures))


def profile(check, result):
    """A timeline of captured lifter steps: kernels, gaps and the share of matrix products."""
    file = check.output / "trace.json"
    file.unlink(missing_ok=True)
    check.bench("traced", "--stage", "lifters", "--trace", file, *check.width(1024), "--without-limit", "--poses", 1000,
                *check.effort(0.3, 1))
    result.update(summary_of_trace(read(file)["traceEvents"], check.cuda))


def summary_of_trace(events, on_gpu, runs=5):
    """What the device does in a step: of a GPU its kernels and copies, of a CPU the outermost operations."""
    kinds = ("kernel", "gpu_memcpy", "gpu_memset") if on_gpu else ("cpu_op",)
    spans = sorted((event["ts"], event["ts"] + event["dur"], event["name"]) for event in events
                   if event.get("cat") in kinds and event.get("ph") == "X")
    if not spans:
        raise Failed(f"expected {' or '.join(kinds)} in the timeline, found none")
    busy, end, largest_gaps, by_name = 0, spans[0][0], [], {}
    for start, stop, name in spans:
        if stop <= end and not on_gpu:
            continue  # within another operation
        largest_gaps.append(max(0, start - end))
        busy += max(0, stop - max(start, end))
        end = max(end, stop)
        times = by_name.setdefault(name, [0, 0])
        times[0] += stop - start
        times[1] += 1
    products = sum(total for name, (total, _) in by_name.items() if MATRIX_PRODUCT.search(name))
    fills = sum(count for name, (_, count) in by_name.items() if "FillFunctor" in name)
    span = end - spans[0][0]
    slowest = sorted(by_name.items(), key=lambda item: -item[1][0])[:25]
    return {"steps": runs, "ms_a_step": span / runs / 1e3, "busy_ms_a_step": busy / runs / 1e3,
            "gaps_share": 1 - busy / span, "largest_gaps_us": sorted(largest_gaps)[-5:],
            "launches_a_step": sum(count for _, count in by_name.values()) / runs, "fills_a_step": fills / runs,
            "matrix_products_share": products / sum(total for total, _ in by_name.values()),
            "slowest": [{"name": name[:120], "us_a_step": total / runs, "a_step": count / runs}
                        for name, (total, count) in slowest]}


def settings(words):
    return [word for setting in words for word in ("--set", setting)]


def data_words(train, val):
    return settings([f"data.training=[{train}]", f"data.validation=[{val}]"])


def wait_for(check, *files):
    """Pose files that gpu_check.sh makes in the background; without a GPU made-up poses."""
    while not all(file.exists() for file in files):
        if check.left() < 1:
            raise LeftOut(f"expected the pose files {', '.join(map(str, files))} to be imported by now, found them unfinished")
        time.sleep(0.2)
    return files


def poses(check, kind):
    """-> the training and the validation file of quickstart or cmu."""
    runs = check.root / "runs/cmu"
    if check.cuda:
        names = {"quickstart": ("quick_train.h5", "quick_test.h5"), "cmu": ("wild_train.h5", "wild_val.h5")}[kind]
        return wait_for(check, *(runs / name for name in names))
    files = [check.output / "poses" / name for name in ("train.h5", "val.h5")]
    files[0].parent.mkdir(exist_ok=True)
    for file, count in zip(files, (1200, 200)):
        if not file.exists():
            check.links("data", "synthesize", "--poses", count, "--seed", count, "--output", file, name="poses")
    return files


TINY = settings([f"{section}.network.width=8" for section in NETWORKS] +
                [f"{section}.schedule.{key}" for section in NETWORKS for key in ("epochs=1", "steps_per_epoch=4", "batch=64")])


def errors_of(file):
    """PA-MPJPE and N-MPJPE of whole poses, mm, by composition."""
    rows = [row for row in read(file)["results"]
            if (row["scenario"], row["joints"], row["grouping"]) == ("none", "all", "all")]
    return {row["composition"]: {key: row[key] for key in ("pa_mpjpe_reflection", "pa_mpjpe", "n_mpjpe")} for row in rows}


def train(check, name, config, files, *words, seconds, evaluate=True):
    """Trains and evaluates in a folder of its own. -> seconds, errors, curve."""
    run = check.output / "runs" / name
    shutil.rmtree(run, ignore_errors=True)
    start = time.monotonic()
    _, cut_off = check.links("train", "--config", check.options.share / "configs" / config, "--output", run, "--device",
                             check.device, *data_words(*files), *words, seconds=seconds, name=f"train-{name}")
    taken = time.monotonic() - start
    result = {"seconds": taken, "finished": not cut_off, "curve": curve_of(run)}
    if not cut_off and evaluate:
        file = run / "evaluation.json"
        check.links("evaluate", "--run", run, "--data", files[1], "--output", file, "--device", check.device,
                    name=f"train-{name}")
        result["errors"] = errors_of(file)
    return result


def curve_of(run):
    """Every epoch's losses and errors."""
    file = run / "metrics.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [{key: value for key, value in line.items()
             if key in ("stage", "epoch", "step", "time", "total") or key.endswith(("pa_mpjpe_reflection", "nll_held_out"))}
            for line in lines]


def training(kind, config):
    def part(check, result):
        files = poses(check, kind)
        tiny = [] if check.cuda else [*TINY, *settings(["data.validation_poses=50"])]
        for done, precision in enumerate(("tf32", "float32", "bf16") if check.cuda else PRECISIONS[::2]):
            share = check.left() / (3 - done)
            result[precision] = train(check, f"{kind}-{precision}", config, files, "--set", f"precision={precision}", *tiny,
                                      seconds=share)
            check.save(part.name, dict(result))
    return part


def paper(check, result):
    """The paper's recipe and sizes on CMU, with as many epochs as fit the time, the learning rate falling as far."""
    files = poses(check, "cmu")
    words = TINY if not check.cuda else []
    if check.cuda:
        stages = {"flows": ("full_flow", "segment_flows"), "lifters": ("lifters",)}
        step_ms = {name: sum(captured_ms(check, stage) or 1 for stage in parts) for name, parts in stages.items()}
        text, _ = check.links("data", "info", files[0], name="paper")
        counted = re.search(r"poses\D*(\d[\d,]*)", text)
        steps_an_epoch = int(counted.group(1).replace(",", "")) // 256 if counted else 1000
        for name, ms in step_ms.items():
            seconds = 0.4 * check.left()
            epochs = max(1, min(100, int(1e3 * seconds / (ms * steps_an_epoch))))
            steps_each = 0 if epochs > 1 else max(1, int(1e3 * seconds / ms))
            words += settings([f"{name}.schedule.epochs={epochs}", f"{name}.schedule.decay={0.95 ** (100 / epochs):.6f}",
                               f"{name}.schedule.steps_per_epoch={min(steps_each, steps_an_epoch)}"])
            result[f"{name}_epochs"] = epochs
    words += [word for stage in ("flows", "lifters") for word in ("--stage", stage)]
    result.update(train(check, "paper", "recipes/stable.yaml", files, *words, seconds=check.left() - 5))


def together(check, result):
    """Runs side by side: ms of a step for all of them, and their throughput against one run's."""
    sizes = ((1024, "lifters"), (256, "lifters"), (256, "five_flows"))
    for width, stage in sizes if check.cuda else sizes[:1]:
        row = result.setdefault(f"{stage} {width}", {})
        for runs in (1, 8, 2, 4) if check.cuda else (1, 8):
            found = check.bench(f"together-{stage}-{width}-{runs}", "--stage", stage, *check.width(width), "--runs", runs,
                                "--poses", 1000, "--without-limit", *check.effort(0.3, 3))
            ms = milliseconds(found, stage)
            row[str(runs)] = {"ms": ms, "throughput_of_one": ms and row.get("1", {}).get("ms", ms) * runs / ms}
            check.save("together", dict(result))


# In their order, with the share of the time that each may take.
PARTS = {
    "versions": (versions, 0.03),
    "tests": (tests, 0.10),
    "steps": (steps, 0.12),
    "sanitizer": (sanitizer, 0.07),
    "bench": (bench, 0.32),
    "profile": (profile, 0.04),
    "quickstart": (training("quickstart", "quickstart.yaml"), 0.07),
    "cmu": (training("cmu", "recommended.yaml"), 0.12),
    "paper": (paper, None),  # what is left but for the last
    "together": (together, 0.10),
}
for _name in ("quickstart", "cmu"):
    PARTS[_name][0].name = _name
    PARTS[_name][0].__doc__ = f"{_name} trained in each precision: error and time."


# --- the table -------------------------------------------------------------------------------------------------------


def captured_ms(check, stage):
    return check.results.get("steps", {}).get("tf32", {}).get(stage, {}).get("captured_ms")


def schedules(check):
    """Epochs and batch of each stage group in the paper's configuration, from what a training resolved it to."""
    text = next((file.read_text() for file in sorted(check.output.glob("runs/paper/config.yaml"))), "")
    found, section = {}, None
    for line in text.splitlines():
        if re.match(r"\w+:\s*$", line):
            section = line.strip(": \n")
        elif (match := re.match(r"    (epochs|batch): (\d+)", line)) and section in NETWORKS:
            found.setdefault(section, {})[match.group(1)] = int(match.group(2))
    return found


def paper_minutes(check):
    """The whole schedule at the measured times of a step: 100 epochs of flows and lifters, 10 of fillers and completion."""
    epochs = {"flows": 100, "lifters": 100, "occlusion": 10, "completion": 10}
    batches = {section: values["batch"] for section, values in schedules(check).items() if "batch" in values}
    total = 0
    for section, stages in (("flows", ("full_flow", "segment_flows")), ("lifters", ("lifters",)),
                            ("occlusion", ("occlusion",)), ("completion", ("completion",))):
        for stage in stages:
            ms = captured_ms(check, stage)
            if ms is None:
                return None
            total += epochs[section] * (PAPER_POSES // batches.get(section, 256)) * ms
    return total / 6e4


def reached(check):
    """The value for each row of TARGETS, or None."""
    row = check.results.get("bench", {}).get("1024", {})
    ours = milliseconds(row.get("links"), "lifters")
    peers = row.get("pytorch", {})

    def ratio(mode):
        theirs = peers.get(mode, {}).get("lifters")
        return theirs / ours if theirs and ours else None

    results = {line["name"]: line for line in (row.get("links") or {"results": []})["results"]}
    eight = check.results.get("together", {}).get("lifters 1024", {}).get("8", {})
    share = results.get("lifters", {}).get("share_of_limit")
    lifted = results.get("lift_65536", {}).get("poses_per_s")
    return (ratio("eager"), ratio("compile"), 100 * share if share else None, paper_minutes(check),
            lifted / 1e6 if lifted else None, eight.get("throughput_of_one"))


def table(check):
    lines = [f"{'part':12} {'seconds':>8}  status"]
    for part in PARTS:
        result = check.results.get(part, {})
        lines.append(f"{part:12} {result.get('seconds_taken', 0):8.1f}  {result.get('status', 'not reached')}")
    lines += ["", f"{'target':58} {'wanted':>14} {'found':>10}"]
    targets = []
    for (what, unit, kind, value), found in zip(TARGETS, reached(check)):
        met = None if found is None else found >= value if kind == "least" else found <= value
        verdict = "-" if met is None else "met" if met else "missed"
        shown = "-" if found is None else f"{found:.3g} {unit}"
        lines.append(f"{what:58} {'at ' + kind + f' {value:g} {unit}':>14} {shown:>10}  {verdict if check.cuda else '(tiny, CPU)'}")
        targets.append({"target": what, "unit": unit, "wanted": value, kind: True, "found": found, "met": met})
    return "\n".join(lines), targets


def summarise(check):
    """Writes what is known by now, all of it in one file. -> the table and the parts that failed."""
    text, targets = table(check)
    failed = [name for name, result in check.results.items() if result.get("status", "").startswith("failed")]
    write(check.output / "summary.json", {"targets": targets, "failed": failed, "results": check.results,
                                          "minutes": (time.monotonic() - check.start) / 60})
    (check.output / "table.txt").write_text(text + "\n")
    return text, failed


def run_part(check, name, work, seconds):
    say(f"[gpu_check {time.monotonic() - check.start:4.0f}s] {name}: {work.__doc__.splitlines()[0]} (at most {seconds:.0f} s)")
    check.part_end = min(time.monotonic() + seconds, check.end)
    begin, result, status = time.monotonic(), {}, "done"
    try:
        work(check, result)
        if check.left() <= 0:
            status = "cut off at its limit"
    except LeftOut as reason:
        status = f"left out: {reason}"
    except TimeoutError:
        status = "cut off at its limit"
    except Failed as failure:
        status = f"failed: {failure}"
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        # Of a command that was cut off the rest of a part may not make sense.
        status = "cut off at its limit" if check.left() <= 0 else f"failed: {type(error).__name__} {error}"
    check.save(name, {**result, "status": status, "limit_s": round(seconds, 1),
                      "seconds_taken": round(time.monotonic() - begin, 1)})
    say(f"[gpu_check {time.monotonic() - check.start:4.0f}s] {name}: {status}")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--links", type=pathlib.Path, required=True)
    parser.add_argument("--tests", type=pathlib.Path, required=True)
    parser.add_argument("--share", type=pathlib.Path, required=True, help="where configs lies")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--python", default="", help="a Python that can import torch, or none")
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    return parser.parse_args(arguments)


def main():
    check = Check(parse(sys.argv[1:]))
    total = 60 * check.options.minutes
    for name, (work, share) in PARTS.items():
        later = list(PARTS)[list(PARTS).index(name) + 1:]
        rest = check.end - time.monotonic() - sum(total * (PARTS[part][1] or 0) for part in later)
        run_part(check, name, work, max(rest, 1) if share is None else total * share)
        summarise(check)
        if name == "versions" and check.results[name]["status"].startswith("failed"):
            break
    text, failed = summarise(check)
    print(text)
    say(f"[gpu_check] the figures are in {check.output}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
