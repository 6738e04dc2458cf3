"""The scripts: their syntax, what they say to a wrong call, and what setup.sh says is missing where nothing is there."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

WITHOUT_ARGUMENTS = ("quickstart", "cmu", "model", "setup", "crossvalidate", "figures")
TOOLS = ("bash", "basename", "dirname", "env", "mkdir")  # what setup.sh itself takes


def call(*command, **more):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          **more)


def wrong_calls(source):
    """-> a sentence for each script that does not refuse an unknown option in one sentence that names it."""
    found = []
    for name in WITHOUT_ARGUMENTS:
        done = call("bash", source / f"scripts/{name}.sh", "--nonsense")
        lines = done.stderr.splitlines()
        if done.returncode != 1 or len(lines) != 1 or "expected" not in lines[0] or "'--nonsense'" not in lines[0]:
            found.append(f"scripts/{name}.sh --nonsense: expected one sentence, found {done.returncode}: {done.stderr!r}")
    return found


def bare_machine(source):
    """setup.sh --no-packages where next to nothing is installed: it lists what is missing, by role, and why it ends."""
    with tempfile.TemporaryDirectory() as folder:
        for tool in TOOLS:
            os.symlink(shutil.which(tool), pathlib.Path(folder, tool))
        done = call(pathlib.Path(folder, "bash"), source / "scripts/setup.sh", "--no-packages", env={"PATH": folder})
    missing = [line for line in done.stderr.splitlines() if line.startswith("  ")]
    found = []
    for role in ("C++20 compiler", "CMake", "Ninja", "Eigen", "HDF5", "matio", "GoogleTest"):
        if not any(role in line and "(Debian: " in line for line in missing):
            found.append(f"setup.sh --no-packages: expected {role} among what is missing, found {missing}")
    if done.returncode != 1 or "without CMake" not in done.stderr:
        found.append(f"setup.sh --no-packages: expected a sentence on CMake, found {done.returncode}: {done.stderr!r}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the source tree")
    source = parser.parse_args().source
    scripts = sorted(source.glob("scripts/*.sh"))
    found = [f"{path.name}: {done.stderr}" for path in scripts if (done := call("bash", "-n", path)).returncode]
    found += wrong_calls(source) + bare_machine(source)
    print("\n".join(found) or f"{len(scripts)} scripts")
    return 1 if found or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())
