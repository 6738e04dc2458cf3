"""Carries out the recipes of docs/extending.md: each is a patch beside this file.

Every patch must apply to the tree as it is and touch no more files of the library than the page says. With
--build all of them are put into one copy of the tree, which is built, and the tests of what they touch are run.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys

# Recipe -> most files outside tests/ and docs/, and the test programs that say whether it works.
RECIPES = {
    "loss_term": (2, ["loss_test"]),
    "lifter_architecture": (3, ["lifter_test"]),
    "scenario": (1, ["occlusion_test", "evaluation_test"]),
    "importer": (3, ["import_test"]),
    "keypoint_layout": (1, ["detection_test"]),
    "detector_format": (2, ["detection_test"]),
}


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, stdout=subprocess.DEVNULL)


def copy_tree(source, target):
    """The files of the working tree that git knows or would add, as a repository of their own."""
    listed = subprocess.run(["git", "-C", source, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)
    git(target, "init", "--quiet")


def touched(patch):
    """The files of the library, the program and its configuration that a patch changes."""
    names = re.findall(r"^\+\+\+ b/(.*)$", patch.read_text(), re.MULTILINE)
    return [name for name in names if not name.startswith(("tests/", "docs/"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--copy", type=pathlib.Path, required=True, help="folder for the copy of the tree")
    parser.add_argument("--build", action="store_true")
    arguments = parser.parse_args()
    copy = arguments.copy
    if copy.exists():
        # What has been built stays; sources are replaced.
        for entry in copy.iterdir():
            if entry.name != "build":
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    copy.mkdir(parents=True, exist_ok=True)
    copy_tree(arguments.source, copy)

    folder = arguments.source / "tests/extending"
    patches = {patch.stem: patch for patch in sorted(folder.glob("*.patch"))}
    if set(patches) != set(RECIPES):
        sys.exit(f"expected the patches {sorted(RECIPES)}, found {sorted(patches)}")
    for name, (most, _) in RECIPES.items():
        files = touched(patches[name])
        if not 0 < len(files) <= most:
            sys.exit(f"{name}: expected 1 to {most} files outside tests and docs, found {', '.join(files)}")
        try:
            git(copy, "apply", "--whitespace=nowarn", str(patches[name].resolve()))
        except subprocess.CalledProcessError:
            sys.exit(f"{name}: expected a patch that applies to the tree, found one that does not: carry the "
                     "recipe of docs/extending.md out again and save `git diff`")
        print(f"{name}: {', '.join(files)}")
    if not arguments.build:
        return
    environment = arguments.source / ".venv"
    if environment.exists():
        (copy / ".venv").symlink_to(environment)
    programs = sorted({program for _, of_recipe in RECIPES.values() for program in of_recipe})
    subprocess.run(["cmake", "--preset", "release"], cwd=copy, check=True)
    subprocess.run(["cmake", "--build", "--preset", "release", "--target", "links_app", *programs], cwd=copy,
                   check=True)
    tests = "|".join(f"^{program.removesuffix('_test')}(/|$)" for program in programs)
    subprocess.run(["ctest", "--preset", "release", "-R", tests], cwd=copy, check=True)


if __name__ == "__main__":
    main()
