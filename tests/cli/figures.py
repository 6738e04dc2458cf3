"""`links figure`, `links report --html` in a real browser, TeX of tables and figures, `links watch`."""

import csv
import json
import re
import shutil
import struct
import subprocess
import sys
import time
import unittest
import zlib

import browser
from cli import Cli, main


class Figures(Cli):
    """Every figure of a small run, in every format."""

    def prepare(self):
        self.train_tiny("run")
        self.links("evaluate", "--run", "run", "--data", "poses.h5", "--output", "run/evaluation.json")

    def test_every_figure_in_every_format(self):
        data = ["--run", "run", "--data", "poses.h5", "--stride", "10"]
        calls = {"sampling": ["--run", "run"], "lifting": [*data, "--run", "run"], "occlusion": data,
                 "latent": [*data, "--from", "0", "--to", "5"], "curves": ["run"], "errors": ["run"]}
        for name, words in calls.items():
            for suffix, start in (("svg", b"<?xml"), ("pdf", b"%PDF-"), ("png", b"\x89PNG")):
                self.links("figure", name, *words, "--output", f"{name}.{suffix}")
                self.assertTrue((self.work / f"{name}.{suffix}").read_bytes().startswith(start), name)
            self.assertIn(b"/FontFile", (self.work / f"{name}.pdf").read_bytes(), f"{name}: fonts are within")

    @unittest.skipUnless(shutil.which("ffmpeg"), "no ffmpeg: apt-get install ffmpeg")
    def test_lifting_shows_the_pictures_of_its_frames(self):
        def png(level):
            def chunk(name, data):
                return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            rows = (b"\0" + bytes([level, 0, 0]) * 32) * 24
            return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 24, 8, 2, 0, 0, 0))
                    + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

        def drawn(pictures, frames):
            (self.work / pictures).mkdir()
            for frame, level in frames.items():
                (self.work / pictures / f"{frame:06d}.png").write_bytes(png(level))
            self.links("figure", "lifting", "--run", "run", "--data", "poses.h5", "--frames", "0,3,7", "--images", pictures,
                       "--output", f"{pictures}.svg")
            return re.findall(r'<image[^>]*href="data:image/png;base64,([^"]+)"', (self.work / f"{pictures}.svg").read_text())

        same = drawn("same", {0: 50, 3: 50, 7: 50})
        self.assertEqual(len(same), 3)
        self.assertEqual(len(set(same)), 1)
        self.assertEqual(len(set(drawn("others", {0: 50, 3: 100, 7: 200}))), 3)
        self.assertEqual(len(drawn("one", {3: 50})), 1)
        self.links("figure", "lifting", "--run", "run", "--data", "poses.h5", "--images", "absent", "--output", "x.svg", code=1)

    def test_wrong_calls(self):
        data = ["--run", "run", "--data", "poses.h5", "--output", "x.svg"]
        for words in [["lifting", *data, "--frames", "100000"], ["lifting", *data, "--ranks", "101"],
                      ["lifting", *data, "--composition", "o3d:wing"], ["latent", *data, "--from", "0", "--to", "99999"],
                      ["curves", "run", "--output", "x.gif"], ["sampling", "--run", "run", "--output", "x.svg", "--width", "1"]]:
            self.links("figure", *words, code=2)
        self.links("figure", "curves", "absent", "--output", "x.svg", code=1)
        self.links("figure", "errors", "absent", "--output", "x.svg", code=1)
        self.assertFalse((self.work / "x.svg").exists())

    def test_the_poses_of_every_row_are_written_and_score_the_same(self):
        rows = json.loads((self.work / "run" / "evaluation.json").read_text())["results"]
        rows = [row for row in rows if row["joints"] == "all" and row["grouping"] == "all"]
        for filler, scenario in [("none", "none"), ("o2d", "left_arm"), ("o3d", "full_torso"), ("mask", "both_legs"),
                                 ("mask", "random_0_3")]:
            name = "legs_torso" if filler == "none" else f"{filler}:{scenario}"
            self.links("evaluate", "--run", "run", "--data", "poses.h5", "--predictions-output", "p.h5", "--composition", name)
            self.links("evaluate", "--predictions", "p.h5", "--data", "poses.h5", "--output", "p.json")
            found = json.loads((self.work / "p.json").read_text())["results"][0]
            row = next(r for r in rows if (r["composition"], r["filler"], r["scenario"]) == ("legs_torso", filler, scenario))
            for metric in ("pa_mpjpe", "n_mpjpe"):
                self.assertAlmostEqual(found[metric], row[metric], delta=.02, msg=name)
            for metric, errors in row["per_joint"].items():
                self.assertAlmostEqual(sum(errors) / 17, row[metric], places=6)
        self.links("render", "--data", "poses.h5", "--predictions", "p.h5", "--worst", "2", "--output", "r.svg")
        self.links("evaluate", "--run", "run", "--data", "poses.h5", "--composition", "o3d:wing", "--predictions-output",
                   "q.h5", code=2)

    def test_render_takes_the_selection_of_evaluate(self):
        self.links("evaluate", "--run", "run", "--data", "poses.h5", "--stride", "7", "--predictions-output", "some.h5")
        self.links("evaluate", "--run", "run", "--data", "poses.h5", "--predictions-output", "all.h5")
        pictures = []
        for predictions in ("some.h5", "all.h5"):
            self.links("render", "--data", "poses.h5", "--predictions", predictions, "--stride", "7", "--worst", "2",
                       "--output", "r.png")
            pictures.append((self.work / "r.png").read_bytes())
        self.assertEqual(*pictures)

    def test_groups_by_azimuth_and_likelihood_hold_every_pose(self):
        report = json.loads((self.work / "run" / "evaluation.json").read_text())
        for grouping in ("azimuth", "likelihood"):
            rows = [row for row in report["results"] if row["grouping"] == grouping and row["composition"] == "legs_torso"]
            self.assertEqual(sum(row["poses"] + row["rejected"] for row in rows), report["poses"])

    def test_watch(self):
        out, _ = self.links("watch", "run", "--once")
        self.assertIn("Error on validation poses", out)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        self.links("watch", "absent", "--once", code=1)

    def test_actions_table(self):
        self.links("report", "--table", "actions", "run", "--format", "csv", "--metric", "n_mpjpe", "--output", "a.csv")
        row = next(csv.DictReader((self.work / "a.csv").read_text().splitlines()))
        report = json.loads((self.work / "run" / "evaluation.json").read_text())
        groups = [r for r in report["results"] if r["grouping"] == "action" and r["composition"] == "legs_torso"
                  and r["scenario"] == "none"]
        self.assertGreater(len(groups), 1)
        for group in groups:
            self.assertAlmostEqual(float(row["n_mpjpe " + group["group"]]), group["n_mpjpe"], places=9)

    def test_tex_compiles(self):
        if not shutil.which("pdflatex"):
            self.skipTest("no pdflatex: apt-get install texlive-latex-recommended")
        self.links("report", "--table", "4", "run", "--format", "tex", "--output", "table4.tex")
        self.links("report", "--table", "3", "run", "--format", "tex", "--output", "table3.tex")
        self.links("report", "--table", "actions", "run", "--format", "tex", "--output", "actions.tex")
        self.links("figure", "curves", "run", "--output", "c.pdf")
        self.links("figure", "errors", "run", "--output", "e.pdf")
        self.write("paper.tex", r"""\documentclass[twocolumn]{article}
\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage{booktabs,graphicx}
\begin{document}
\includegraphics{c.pdf}\includegraphics[width=\columnwidth]{e.pdf}
\onecolumn\tiny
\input{table4.tex}

\input{table3.tex}

\input{actions.tex}
\end{document}
""")
        done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=self.work,
                              capture_output=True, stdin=subprocess.DEVNULL, text=True, errors="replace", timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])
        self.assertNotIn("Missing character", done.stdout)


class RunPage(Cli):
    """The page of a run and of a sweep, in a real browser."""

    def prepare(self):
        self.train_tiny("run")
        self.links("evaluate", "--run", "run", "--data", "poses.h5", "--output", "run/evaluation.json")
        self.report = json.loads((self.work / "run" / "evaluation.json").read_text())

    def page_json(self, name):
        text = (self.work / name).read_text()
        return json.loads(re.search(r'<script type="application/json" id="page">(.*?)</script>', text, re.S)[1])

    def test_its_numbers_are_the_evaluation_s(self):
        out, _ = self.links("report", "--html", "run", "--data", "poses.h5", "--output", "page")
        self.assertEqual(out.strip(), "page/index.html")
        text = (self.work / "page" / "index.html").read_text()
        self.assertNotRegex(text.replace("http://www.w3.org/2000/svg", ""), r"https?:|//cdn|@import|url\(")
        page = self.page_json("page/index.html")
        report = json.loads((self.work / "run" / "evaluation.json").read_text())
        rows = [row for row in report["results"] if row["grouping"] == "all"]
        self.assertEqual(len(page["runs"][0]["results"]), len(rows))
        for shown, row in zip(page["runs"][0]["results"], rows):
            for metric in ("pa_mpjpe", "n_mpjpe", "n_pck"):
                self.assertEqual(shown[metric], row[metric])
        browse = page["browser"]["runs"][0]
        row = next(row for row in rows if (row["composition"], row["scenario"]) == ("legs_torso", "none"))
        errors = [error for error in browse["pa_mpjpe"] if error is not None]
        self.assertEqual(len(errors), row["poses"])
        self.assertAlmostEqual(sum(errors) / len(errors), row["pa_mpjpe"], delta=.05)
        self.assertEqual(len(page["ours"]), len(page["random"]))

    def test_poses_that_were_not_evaluated_are_refused(self):
        _, err = self.links("report", "--html", "run", "--data", "poses.h5", "--stride", "2", "--output", "no.html", code=1)
        self.assertIn("what was evaluated", err)
        self.assertFalse((self.work / "no.html").exists())
        self.links("report", "--html", "run", "--table", "4", "--output", "no.html", code=2)
        self.links("report", "--html", "run", code=2)

    def test_shows_sorts_filters_and_turns(self):
        if reason := browser.missing():
            self.skipTest(reason)
        self.links("report", "--html", "run", "--data", "poses.h5", "--output", "one.html")
        for width, height, touch in [(1280, 900, False), (390, 844, True)]:
            with self.subTest(width=width), browser.Browser(width, height, touch) as page:
                page.open(self.work / "one.html")
                page.wait("browse.drawn > 0")
                self.assertEqual(page.messages(), [])
                self.assertLessEqual(page.run("return document.documentElement.scrollWidth"), width)
                self.assertIn("Table 4", page.run("return byId('contents').textContent"))
                # The worst pose comes first.
                first, second = page.run("return browse.order.slice(0, 2).map((pose) => page.browser.runs[0].pa_mpjpe[pose])")
                self.assertGreaterEqual(first, second)
                # A filter leaves poses of that action alone.
                left = page.run("""const list = byId('filter-action'); list.value = 0; list.dispatchEvent(new Event('change'));
                    return browse.order.map((pose) => page.browser.filters.action.of_pose[pose])""")
                self.assertEqual(set(left), {0})
                # The error of a joint orders anew.
                page.run("const list = byId('browse-joint'); list.value = 13; list.dispatchEvent(new Event('change'))")
                self.assertIn("poses", page.run("return byId('browse-count').textContent"))
                yaw = page.run("byId('space-canvas').scrollIntoView({block: 'center'}); return browse.yaw")
                page.drag("#space-canvas", 60, 20, "touch" if touch else "mouse")
                page.wait(f"Math.abs(browse.yaw - {yaw}) > .3")
                self.assertEqual(page.messages(), [])

    def sweep(self, runs):
        """Evaluations as of so many runs, four seeds of each configuration."""
        names = []
        for i in range(runs):
            report = json.loads((self.work / "run" / "evaluation.json").read_text())
            report["run"] = {"name": f"variant {i // 4}", "seed": i % 4 + 1, "key": f"k{i // 4}"}
            for row in report["results"]:
                for metric in ("n_mpjpe", "pa_mpjpe_reflection"):
                    row[metric] = None if row[metric] is None else row[metric] + 5 * (i // 4) + .1 * (i % 4)
            names.append(f"e{i}.json")
            self.write(names[-1], json.dumps(report))
        return names

    def test_a_sweep_of_twenty_runs_opens_at_once(self):
        names = self.sweep(20)
        self.links("report", "--html", *names, "--data", "poses.h5", "--output", "sweep.html")
        self.assertLess((self.work / "sweep.html").stat().st_size, 20e6)
        if reason := browser.missing():
            self.skipTest(reason)
        with browser.Browser() as page:
            start = time.monotonic()
            page.open(self.work / "sweep.html")
            seconds = time.monotonic() - start
            page.wait("browse.drawn > 0")
            self.assertEqual(page.messages(), [])
            inside = page.run("const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd - t.startTime") / 1000
            self.assertLess(inside, 2, f"{seconds:.1f} s with the browser's own time")
            self.assertIn("5 configurations, 20 runs", page.run("return byId('contents').textContent"))
            # Two configurations compared: second minus first, as the evaluations say.
            text = page.run("""const row = [...document.querySelectorAll('#sweep table')].at(-1).querySelector('tbody tr');
                return row.textContent""")
            self.assertIn("+5.0", text)

    def test_names_are_text_and_never_run(self):
        if reason := browser.missing():
            self.skipTest(reason)
        report = json.loads((self.work / "run" / "evaluation.json").read_text())
        hostile = '</script><script>window.stolen=1</script><img src=x onerror="window.stolen=1">'
        report["run"]["name"] = hostile
        for row in report["results"]:
            if row["grouping"] == "action":
                row["group"] = hostile
        self.write("hostile.json", json.dumps(report))
        self.links("report", "--html", "hostile.json", "--output", "hostile.html")
        with browser.Browser() as page:
            page.open(self.work / "hostile.html")
            self.assertIsNone(page.run("return window.stolen || null"))
            self.assertEqual(page.run("return document.images.length"), 0)
            self.assertEqual(page.run("return byId('title').textContent"), hostile)


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
