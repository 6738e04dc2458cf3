"""A bundle of this build: it runs where it is unpacked, with the LibTorch that it is given, and says what is missing."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest


class Bundle(unittest.TestCase):
    """scripts/bundle.sh --folder of the build."""

    build = source = torch = None

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="links-bundle-")
        done = subprocess.run([cls.source / "scripts/bundle.sh", "--build", cls.build, "--output", cls.temporary.name,
                               "--folder"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        # Somewhere else than where it was made.
        cls.bundle = pathlib.Path(cls.temporary.name, "moved here")
        shutil.move(done.stdout.strip(), cls.bundle)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def call(self, *words, program="links", **environment):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("LINKS_", "LD_"))}
        return subprocess.run([self.bundle / "bin" / program, *words], capture_output=True, text=True, check=False,
                              cwd=self.temporary.name, env={**clean, **environment})

    def refused(self, **environment):
        """-> the one sentence that says what is missing."""
        done = self.call("--version", **environment)
        self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (1, "", 1), done)
        self.assertIn("expected", done.stderr)
        return done.stderr

    def fake(self, name, *files, version="2.11.0"):
        folder = pathlib.Path(self.temporary.name, name)
        (folder / "lib").mkdir(parents=True)
        for file in files:
            (folder / file).touch()
        if version:
            (folder / "version.py").write_text(f"__version__ = '{version}'\n")
        return folder

    def test_it_runs_with_what_it_brings(self):
        done = self.call("info", "--models", LINKS_LIBTORCH=self.torch)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(str(self.bundle / "share/links/models/cmu"), done.stdout)
        poses = pathlib.Path(self.temporary.name, "poses.h5")
        for words in (["data", "synthesize", "--poses", "50", "--output", poses], ["evaluate", "--run", "cmu", "--data", poses]):
            done = self.call(*words, LINKS_LIBTORCH=self.torch)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("legs_torso", done.stdout)
        done = self.call("--gtest_list_tests", program="links-gpu-test", LINKS_LIBTORCH=self.torch)
        self.assertIn("EqualsTheEagerOneInEveryStage", done.stdout)

    def test_nothing_in_it_names_the_build(self):
        for program in (self.bundle / "libexec").iterdir():
            text = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
            path = [line.split()[1] for line in text.splitlines() if "RPATH" in line or "RUNPATH" in line]
            self.assertEqual(path, ["$ORIGIN/../lib"], program)
        self.assertFalse([file for file in (self.bundle / "lib").iterdir() if "torch" in file.name or "libc.so" in file.name])

    def test_it_says_what_is_missing(self):
        no_python = pathlib.Path(self.temporary.name, "tools")
        no_python.mkdir()
        for tool in ("sh", "basename", "dirname", "readlink", "uname", "getconf", "cut", "sort", "head", "sed", "cat"):
            os.symlink(shutil.which(tool), no_python / tool)
        self.assertIn("pip install torch==", self.refused(PATH=str(no_python)))
        self.assertIn("lib/libtorch_cpu.so", self.refused(LINKS_LIBTORCH=str(self.fake("empty"))))
        older = self.fake("older", "lib/libtorch_cpu.so", version="2.8.1+cpu")
        self.assertIn("2.8.1+cpu", self.refused(LINKS_LIBTORCH=str(older)))
        unknown = self.fake("unknown", "lib/libtorch_cpu.so", version="")
        self.assertIn("does not say", self.refused(LINKS_LIBTORCH=str(unknown)))

    def test_wrong_calls(self):
        for words, word in ((["--nonsense"], "--nonsense"), (["--build"], "--build"), (["--build", "none"], "cmake --preset cuda")):
            done = subprocess.run([self.source / "scripts/bundle.sh", *words], capture_output=True, text=True, check=False,
                                  cwd=self.temporary.name)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("build", "source", "torch"):
        parser.add_argument(f"--{option}", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    Bundle.build, Bundle.source, Bundle.torch = arguments.build, arguments.source, arguments.torch
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
