#!/usr/bin/env python3
"""The tables of the pages, made from the evaluations in docs/results: scripts/pages.py [--check]

A table of README.md or docs/*.md stands between `<!-- table: KIND NAME... -->` and `<!-- end of table -->`. It is written
anew from every docs/results/NAME/*.json; with --check nothing is written, and a page that differs is exit code 1 and a
sentence. KIND is
  compositions   of NAME, the lifters, all joints
  occlusion      of NAME, the eight scenarios, O_2D and O_3D: all, visible and occluded joints
  completion     of NAME, the eight scenarios, O_2D, O_3D and the completion
  choices        a row a NAME=TITLE (_ is a space): the compositions that all of them have
  o3d            the eight scenarios: O_2D of the first NAME=TITLE and O_3D of each
  sweep          of NAME=RECIPE, the variants of a sweep that have the recipe

Figures are means over poses; of several seeds the mean, +- the standard deviation of the sample.

  scripts/pages.py --take NAME EVALUATION.json...

keeps what the tables need of the files that `links evaluate --output` wrote, as docs/results/NAME/seedN.json, and of the
table4.json of `links sweep`, as docs/results/NAME/sweep.json.
"""

import argparse
import json
import pathlib
import re
import statistics
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
RESULTS = SOURCE / "docs/results"
TABLE = re.compile(r"(<!-- table: (\w+) ([^>]+) -->\n).*?(<!-- end of table -->)", re.S)

METRICS = {"pa_mpjpe_reflection": "PA-r", "n_mpjpe": "N", "pa_mpjpe": "PA", "n_mpjpe_lsq": "N-lsq", "n_pck": "N-PCK",
           "n_auc": "N-AUC"}
COMPOSITIONS = {"legs_torso": "legs + torso", "left_core": "left\\*", "right_core": "right\\*", "mean": "mean of the three",
                "full": "full-pose lifter, trained alike", "flat": "flat pose (all depths 0)"}
FILLERS = {"o2d": "O_2D", "o3d": "O_3D", "mask": "completion"}
JOINTS = ("all", "visible", "occluded")
OF_SWEEP = {"pa_mpjpe_reflection": "PA, reflection allowed", "pa_mpjpe": "PA, no reflection", "n_mpjpe": "N, norm scale"}


def with_spread(mean, deviation):
    return f"{mean:.1f}" + ("" if deviation is None else f" ± {deviation:.1f}")


def of_all_poses(row):
    return row["grouping"] == "all" and row["composition"] != "predictions"


class Results:
    """The evaluations of one run with several seeds, of which only those count that have all the fillers asked for."""

    def __init__(self, name, fillers):
        name, _, title = name.partition("=")
        self.title = title.replace("_", " ") or name
        files = [json.loads(path.read_text()) for path in sorted((RESULTS / name).glob("*.json"))]
        self.files = [file for file in files if set(fillers) <= {row["filler"] for row in file["results"]}]
        if not self.files:
            raise SystemExit(f"pages: error: expected evaluations with {', '.join(fillers) or 'lifters'} in docs/results/{name}, "
                             "found none")
        self.keep(self.seeds())

    def keep(self, seeds):
        self.files = [file for file in self.files if str(file["run"]["seed"]) in seeds]
        self.rows = [{(r["composition"], r["scenario"], r["filler"], r["joints"]): r for r in file["results"]}
                     for file in self.files]

    def has(self, *key):
        return key in self.rows[0]

    def scenarios(self, fillers):
        return list(dict.fromkeys(scenario for _, scenario, filler, _ in self.rows[0] if filler in fillers))

    def values(self, metric, *key):
        return [rows[key][metric] for rows in self.rows]

    def figure(self, metric, *key):
        values = self.values(metric, *key)
        return with_spread(statistics.mean(values), statistics.stdev(values) if len(values) > 1 else None)

    def pair(self, scenario, filler, joints):
        """PA without reflection / N by norm, without deviations: for wide tables."""
        key = next((key for key in self.rows[0] if key[1:] == (scenario, filler, joints)), None)
        if key is None:
            return "–"
        return " / ".join(f"{statistics.mean(self.values(metric, *key)):.1f}" for metric in ("pa_mpjpe", "n_mpjpe"))

    def seeds(self):
        return [str(file["run"]["seed"]) for file in self.files]


def source(results):
    first = results.files[0]
    return source_of(first["software"]["links"], results.seeds(), first["poses"])


def source_of(version, seeds, poses):
    return f"links {version}, {'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}, {poses:,} poses."


def table(head, rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def compositions(all_results):
    results, = all_results
    rows = [[title] + [results.figure(metric, name, "none", "none", "all") for metric in METRICS]
            for name, title in COMPOSITIONS.items() if results.has(name, "none", "none", "all")]
    return table(["composition", *METRICS.values()], rows)


def occlusion(all_results):
    results, = all_results
    head = ["occluded"] + [f"{joints}, {FILLERS[filler]}" for joints in JOINTS for filler in ("o2d", "o3d")]
    return table(head, [[scenario] + [results.pair(scenario, filler, joints) for joints in JOINTS
                                      for filler in ("o2d", "o3d")] for scenario in results.scenarios(("o3d",))])


def completion(all_results):
    results, = all_results
    head = ["occluded"] + [f"{FILLERS[filler]} {joints}" for joints in ("all", "occluded") for filler in FILLERS]
    return table(head, [[scenario] + [results.pair(scenario, filler, joints) for joints in ("all", "occluded")
                                      for filler in FILLERS] for scenario in results.scenarios(FILLERS)])


def choices(all_results):
    shared = [name for name in COMPOSITIONS
              if name != "flat" and all(results.has(name, "none", "none", "all") for results in all_results)]
    rows = [[results.title] + [f"{results.figure('pa_mpjpe', name, 'none', 'none', 'all')} / "
                               f"{results.figure('n_mpjpe', name, 'none', 'none', 'all')}" for name in shared]
            for results in all_results]
    return table(["PA / N", *(COMPOSITIONS[name] for name in shared)], rows)


def o3d(all_results):
    first = all_results[0]
    head = ["occluded", "joints", FILLERS["o2d"]] + [f"{FILLERS['o3d']}, {results.title}" for results in all_results]
    return table(head, [[scenario, joints, first.pair(scenario, "o2d", joints)] +
                        [results.pair(scenario, "o3d", joints) for results in all_results]
                        for scenario in first.scenarios(("o3d",)) for joints in JOINTS])


def sweep(name, page):
    name, _, recipe = name.partition("=")
    path = RESULTS / name / "sweep.json"
    kept = json.loads(path.read_text()) if path.exists() else {"rows": []}
    of_all = [row for row in kept["rows"] if row["recipe"] is None]  # the flat pose
    rows = [row for row in kept["rows"] if row["recipe"] == recipe] + of_all
    if rows == of_all:
        raise SystemExit(f"pages: error: {page}: expected variants with the recipe {recipe} in docs/results/{name}, found none")
    seeds = sorted({seed for row in rows for seed in row["seeds"]})
    body = table(["variant", "lifters", *OF_SWEEP.values()],
                 [[row["variant"], row["lifters"], *(with_spread(**row["values"][metric]) for metric in OF_SWEEP)] for row in rows])
    return f"{body}\n\n{source_of(kept['links'], seeds, rows[0]['poses'])}"


KINDS = {"compositions": (compositions, ()), "occlusion": (occlusion, ("o2d", "o3d")), "completion": (completion, FILLERS),
         "choices": (choices, ()), "o3d": (o3d, ("o2d", "o3d"))}


def filled(text, page):
    def fill(match):
        opening, kind, names, end = match.groups()
        if kind == "sweep":
            return f"{opening}{sweep(names, page)}\n{end}"
        if kind not in KINDS:
            raise SystemExit(f"pages: error: {page}: expected a table of {', '.join([*KINDS, 'sweep'])}, found '{kind}'")
        write, fillers = KINDS[kind]
        all_results = [Results(name, fillers) for name in names.split()]
        # Side by side only what the same seeds have.
        shared = set.intersection(*(set(results.seeds()) for results in all_results))
        if not shared:
            raise SystemExit(f"pages: error: {page}: expected a seed that all of {names} have, found none")
        for results in all_results:
            results.keep(shared)
        return f"{opening}{write(all_results)}\n\n{source(all_results[0])}\n{end}"
    return TABLE.sub(fill, text)


def take_sweep(folder, whole):
    """Rows of ours: method is "ours: VARIANT [RECIPE]", of the flat pose "ours"."""
    rows = []
    for row in whole["tables"][0]["rows"]:
        if row["published"]:
            continue
        method = re.fullmatch(r"ours(?:: (.*?)(?: \[(\w+)\])?)?", row["method"])
        rows.append({"variant": method[1] or "", "recipe": method[2] or (None if method[1] is None else ""),
                     "lifters": row["lifters"].replace(" (reference)", "").replace("*", "\\*"), "seeds": row["seeds"],
                     "poses": row["poses"], "values": {metric: {key: row["values"][metric][key] for key in ("mean", "deviation")}
                                                       for metric in OF_SWEEP}})
    first = pathlib.Path(whole["tables"][0]["rows"][-1]["source"].split(", ")[0])
    if not first.is_file():
        raise SystemExit(f"pages: error: expected the evaluations of the sweep, as seen from where it was called, found none at '{first}'")
    evaluation = json.loads(first.read_text())
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    (folder / "sweep.json").write_text(f'{{"links": {json.dumps(evaluation["software"]["links"])}, "rows": [\n  {lines}]}}\n')


def take(name, files):
    folder = RESULTS / name
    folder.mkdir(parents=True, exist_ok=True)
    kept_of_row = ("composition", "scenario", "filler", "joints", "poses", *METRICS)
    for file in files:
        whole = json.loads(pathlib.Path(file).read_text())
        if whole["format"] == "links-report":
            take_sweep(folder, whole)
            continue
        rows = [{key: row[key] for key in kept_of_row} for row in whole["results"] if of_all_poses(row)]
        kept = {"run": whole["run"], "poses": whole["poses"], "protocol": whole["protocol"], "software": whole["software"],
                "results": rows}
        lines = ",\n  ".join(json.dumps(row) for row in rows)
        body = json.dumps(kept | {"results": []})[:-3] + f"[\n  {lines}]}}\n"
        (folder / f"seed{whole['run']['seed']}.json").write_text(body)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--take", nargs="+", metavar="NAME FILE")
    options = parser.parse_args()
    if options.take:
        take(options.take[0], options.take[1:])
    stale = []
    for page in [SOURCE / "README.md", *sorted((SOURCE / "docs").glob("*.md"))]:
        text = page.read_text()
        now = filled(text, page.relative_to(SOURCE))
        if now == text:
            continue
        stale.append(page.relative_to(SOURCE))
        if not options.check:
            page.write_text(now)
    if options.check:
        for page in stale:
            print(f"{page}: expected the tables of docs/results, found others: run scripts/pages.py", file=sys.stderr)
        return 1 if stale else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
