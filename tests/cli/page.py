"""The page of `links lift --html`, in a real browser."""

import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import unittest.mock
import zlib

import browser
from cli import Cli, main
from lift import COCO, flat, triples

HOSTILE = '</script><script>window.stolen=1</script><img src=x onerror="window.stolen=1"> & "\' \u2028 <!--'


def pixels(png):
    """-> the rows of a PNG of 8 bits a channel, each a bytes object, and the channels."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    channels = {2: 3, 6: 4}[kind]
    assert depth == 8
    packed, at = b"", 8
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at:at + 8])
        if name == b"IDAT":
            packed += png[at + 8:at + 8 + size]
        at += size + 12
    data, stride, rows = zlib.decompress(packed), width * channels, []
    before = bytearray(stride)
    for y in range(height):
        kind, row = data[y * (stride + 1)], bytearray(data[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            left = row[i - channels] if i >= channels else 0
            corner = before[i - channels] if i >= channels else 0
            if kind == 1:
                row[i] = row[i] + left & 255
            elif kind == 2:
                row[i] = row[i] + before[i] & 255
            elif kind == 3:
                row[i] = row[i] + (left + before[i]) // 2 & 255
            elif kind == 4:
                row[i] = row[i] + min((left, before[i], corner), key=lambda v: abs(left + before[i] - corner - v)) & 255
        rows.append(bytes(row))
        before = row
    return rows, channels


class Page(Cli):
    """Loads, plays, turns, and is safe whatever names the files have."""

    def prepare(self):
        self.train_tiny("run")
        self.lines("walk.jsonl", 40)
        self.lift("walk.jsonl", "walk.html")

    def lines(self, name, frames, track="7", image=None):
        """Two people; the second, whose left wrist is never seen, comes after ten frames."""
        with open(self.work / name, "w", encoding="utf-8") as file:
            for i in range(frames):
                people = [{"track": track, "keypoints": triples(flat(COCO, i))}]
                if i >= 10:
                    people.append({"track": "other", "keypoints": [
                        [x + 400, y, c] if c else None for x, y, c in triples(flat(COCO, i, missing=("lwrist",)))]})
                print(json.dumps({"image": image or str(i), "people": people}), file=file)

    def lift(self, source, output, *more):
        return self.links("lift", "--run", "run", "--device", "cpu", "--input", source, "--html", output, *more)

    def header(self, name):
        text = (self.work / name).read_text()
        return json.loads(re.search(r'<script type="application/json" id="header">(.*?)</script>', text, re.S)[1])

    def test_the_page_is_whole_and_small(self):
        text = (self.work / "walk.html").read_text()
        self.assertNotRegex(text.replace("http://www.w3.org/2000/svg", ""), r"https?:|//cdn|@import|url\(")
        self.assertNotIn("{{", text)
        header = self.header("walk.html")
        self.assertEqual([(track["name"], track["poses"]) for track in header["tracks"]], [("7", 40), ("other", 30)])
        self.assertEqual(header["index"], list(range(40)))
        a_pose = sum({"uint32": 4, "float32": 4, "int16": 2, "uint8": 1}[array["type"]] * array["columns"]
                     for array in header["arrays"])
        self.assertLess(10_000 * a_pose * 4 / 3, 30e6 / 5)  # five people, 10,000 frames

    def test_what_the_page_says_is_what_was_lifted(self):
        if reason := browser.missing():
            self.skipTest(reason)
        self.lift("walk.jsonl", "both.html", "-o", "both.json", "--spread")
        frames = json.loads((self.work / "both.json").read_text())["frames"]
        with browser.Browser() as page:
            page.open(self.work / "both.html")
            found = page.run("""return tracks.map((track) => Array.from({length: track.poses}, (_, pose) => ({
                frame: track.frame[pose], plausibility: track.plausibility[pose],
                joints: Array.from({length: joints}, (_, j) => jointOf(track, pose, j)),
                px: Array.from({length: joints}, (_, j) => keypointOf(track, pose, j)),
                spread: Array.from({length: joints}, (_, j) => spreadOf(track, pose, j)),
                states: Array.from({length: joints}, (_, j) => STATES[stateOf(track, pose, j)].name)})))""")
        for person, track in enumerate(found):
            for pose in track:
                lifted = frames[pose["frame"]]["people"][person]
                self.assertEqual(pose["states"], lifted["states"])
                self.assertAlmostEqual(pose["plausibility"], lifted["plausibility"], delta=1e-3)
                for a, b in zip(pose["joints"], lifted["joints"]):
                    self.assertLess(math.dist(a, b), 1e-3)
                for a, b in zip(pose["spread"], lifted["spread"]):
                    self.assertAlmostEqual(a, min(b, 2.55), delta=.0051)
                for a, b in zip(pose["px"], lifted["keypoints"]):
                    if b:
                        self.assertLess(math.dist(a, b[:2]), .1)

    def test_loads_plays_turns_and_shows_a_person(self):
        if reason := browser.missing():
            self.skipTest(reason)
        for width, height, touch in [(1280, 800, False), (390, 844, True)]:
            with self.subTest(width=width), browser.Browser(width, height, touch) as page:
                page.open(self.work / "walk.html")
                page.wait("show.drawn > 0")
                self.assertEqual(page.messages(), [])
                picture = page.screenshot()
                rows, channels = pixels(picture)
                colours = {rows[y][x:x + 3] for y in range(0, len(rows), 2) for x in range(0, len(rows[y]), channels)}
                for name, colour in [("left", b"\xd5\x5e\x00"), ("right", b"\x00\x72\xb2"), ("joint", b"\x33\x34\x3a")]:
                    self.assertIn(colour, colours, name)
                self.assertLessEqual(page.run("return document.documentElement.scrollWidth"), width)
                # Play: by the button, then stop.
                page.click("#play")
                page.wait("show.frame > 3")
                page.click("#play")
                self.assertFalse(page.run("return show.playing"))
                # Turn.
                yaw = page.run("return show.yaw")
                page.drag("#space-canvas", 60, 20, "touch" if touch else "mouse")
                page.wait(f"Math.abs(show.yaw - {yaw}) > .3")
                self.assertNotEqual(page.screenshot(), picture)
                # Scrub: the middle of the panel is about the middle frame.
                page.drag("#time-canvas", 2, 0, "touch" if touch else "mouse")
                page.wait("Math.abs(show.frame - 19.5) <= 4")
                # What is chosen is shown.
                page.click("#none")
                self.assertEqual(page.run("return present().length"), 0)
                page.click("#people li:nth-child(2) input")
                self.assertEqual(page.run("return present().map(({track}) => track.name)"), ["other"])
                page.wait("!stale")  # the next drawing describes them
                self.assertIn("guessed: LWrist", page.run("return byId('people').textContent"))
                self.assertEqual(page.messages(), [])

    def test_keys(self):
        if reason := browser.missing():
            self.skipTest(reason)
        with browser.Browser() as page:
            page.open(self.work / "walk.html")
            page.wait("show.drawn > 0")
            page.keys("\ue010")  # End
            self.assertEqual(page.run("return show.frame"), 39)
            page.keys("\ue012\ue012")  # left
            self.assertEqual(page.run("return show.frame"), 37)
            page.keys("\ue011\ue014")  # Home, right
            self.assertEqual(page.run("return show.frame"), 1)
            page.keys("s")
            self.assertAlmostEqual(page.run("return show.yaw"), math.pi / 2, places=6)
            page.keys("+")
            self.assertGreater(page.run("return show.zoom"), 1)
            page.keys(" ")
            page.wait("show.frame > 2")
            page.keys(" ")
            self.assertFalse(page.run("return show.playing"))

    def video(self):
        """Red pictures, ever brighter, of the walk's 40 frames."""
        if not shutil.which("ffmpeg"):
            self.skipTest("no ffmpeg: apt-get install ffmpeg")
        pictures = b"".join(b"P6\n1200 800\n255\n" + bytes([60 + 4 * i, 0, 0]) * (1200 * 800) for i in range(40))
        subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "image2pipe", "-c:v", "ppm", "-i", "-", "-y",
                        self.work / "walk.mp4"], input=pictures, check=True)

    def test_pictures(self):
        self.video()
        _, said = self.lift("walk.jsonl", "seen.html", "--video", "walk.mp4", "--overlay", "drawn")
        self.assertIn("25 frames a second, as the video says", said)  # ffmpeg's usual rate
        self.assertIn("smoothed at 6 Hz of 25", said)
        self.assertEqual(self.header("seen.html")["fps"], 25)
        self.assertEqual(len(list((self.work / "drawn").glob("frame_*.png"))), 40)
        self.lift("walk.jsonl", "again.html", "--video", "drawn", "--overlay", "drawn.mp4")
        header = self.header("seen.html")
        self.assertEqual([(p["frame"], p["width"], p["height"]) for p in header["pictures"]],
                         [(i, 1200, 800) for i in range(40)])
        self.assertEqual(len(self.header("again.html")["pictures"]), 40)
        if reason := browser.missing():
            self.skipTest(reason)
        with browser.Browser() as page:
            page.open(self.work / "seen.html")
            page.click("#whole")
            for frame in (5, 30):
                page.run(f"goTo({frame})")
                page.wait(f"pictureOf({frame}).complete && !stale")
                red, green, blue, _ = page.run("""drawImage(); const canvas = byId('image-canvas');
                    return Array.from(canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height * .85, 1, 1).data)""")
                self.assertAlmostEqual(red, 60 + 4 * frame, delta=12)
                self.assertLess(max(green, blue), 20)
            self.assertEqual(page.messages(), [])

    def test_without_ffmpeg_one_sentence_says_so(self):
        self.write("walk.avi", "")
        with unittest.mock.patch.dict(os.environ, PATH="/nowhere"):
            _, err = self.links("lift", "--run", "run", "--input", "walk.jsonl", "--html", "no.html", "--video",
                                "walk.avi", code=1)
        self.assertIn("apt-get install ffmpeg", err)
        self.assertEqual(len(err.splitlines()), 1)
        self.assertFalse((self.work / "no.html").exists())

    def test_wrong_calls(self):
        for words in [["--html", "x.htm"], ["--html", "x.json"], ["--html", "x.html", "--overlay", "drawn"],
                      ["--html", "x.html", "--video-start", "1"]]:
            self.links("lift", "--run", "run", "--input", "walk.jsonl", *words, code=2)

    def test_names_in_files_are_text_and_never_run(self):
        self.lines("hostile.jsonl", 12, track=HOSTILE, image=HOSTILE)
        self.lift("hostile.jsonl", "hostile.html")
        header = self.header("hostile.html")
        self.assertEqual((header["tracks"][0]["name"], header["images"][0]), (HOSTILE, HOSTILE))
        if reason := browser.missing():
            self.skipTest(reason)
        with browser.Browser() as page:
            page.open(self.work / "hostile.html")
            page.wait("show.drawn > 0")
            self.assertIsNone(page.run("return window.stolen || null"))
            self.assertEqual(page.run("return document.images.length"), 0)
            self.assertEqual(page.run("return document.querySelector('#people .name').textContent"), "track " + HOSTILE)
            self.assertIn(HOSTILE, page.run("return byId('now').textContent"))
            self.assertEqual(page.messages(), [])


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
