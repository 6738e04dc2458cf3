"""What tests of the binary share: a temporary folder a class, calls that check the exit code, and main()."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest


class Cli(unittest.TestCase):
    """A temporary working folder a class, and calls of the binary that check the exit code."""

    binary = None
    source = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="links-cli-")
        cls.work = pathlib.Path(cls.folder.name)
        cls().prepare()

    def runTest(self):
        """Lets setUpClass use an instance."""

    def prepare(self):
        """What the tests of a class start from."""

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def links(self, *arguments, code=0, timeout=600, partial=False):
        """Runs the binary in the working folder; -> (stdout, stderr). `partial`: a call that fails may have given
        some of its results."""
        done = subprocess.run([self.binary, *map(str, arguments)], cwd=self.work, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout)
        call = "links " + " ".join(map(str, arguments))
        self.assertEqual(done.returncode, code, f"{call}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        if code != 0:
            if not partial:
                self.assertEqual(done.stdout, "", f"{call}: errors belong on stderr")
            self.assertNotEqual(done.stderr.strip(), "", f"{call} failed without a word")
        return done.stdout, done.stderr

    def assert_full_disk_is_told(self, *arguments):
        """A call whose results do not fit on the disk fails with one sentence."""
        with open("/dev/full", "wb") as full:
            done = subprocess.run([self.binary, *map(str, arguments)], cwd=self.work, stdin=subprocess.DEVNULL,
                                  stdout=full, stderr=subprocess.PIPE, text=True, timeout=600)
        self.assertEqual(done.returncode, 1, arguments)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("stdout", done.stderr)

    def write(self, name, text):
        path = self.work / name
        path.write_text(text)
        return path

    def synthesize(self, name="poses.h5", poses=600, seed=3):
        self.links("data", "synthesize", "--output", name, "--poses", poses, "--seed", seed)
        return self.work / name

    def train_tiny(self, run):
        """Every stage of tests/cli/tiny.yaml on synthetic poses."""
        poses = self.synthesize()
        tiny = pathlib.Path(__file__).with_name("tiny.yaml")
        self.links("train", "--config", tiny, "--set", f"data.training=[{poses}]", "--set",
                   f"data.validation=[{poses}]", "--device", "cpu", "--output", run)


def main(description, classes):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("classes", nargs="*")
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    if not os.access(arguments.binary, os.X_OK):
        sys.exit(f"{arguments.binary} is not a program")
    Cli.binary = arguments.binary.resolve()
    Cli.source = arguments.source.resolve()
    cases = {name: kind for name, kind in classes.items()
             if isinstance(kind, type) and issubclass(kind, Cli) and kind is not Cli}
    names = arguments.classes or cases
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite(loader.loadTestsFromTestCase(cases[name]) for name in names)
    return 0 if unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite).wasSuccessful() else 1
