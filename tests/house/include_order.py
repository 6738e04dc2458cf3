"""Every include of the library's own headers against the order of its folders, folders.txt."""

import argparse
import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
ROOTS = (("include", "links"), ("src",))
APPS = "apps"  # above every folder


def read_order(text):
    """-> the line of each folder, counted from 0."""
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    order = {}
    for place, folders in enumerate(lines):
        for folder in folders:
            if folder in order:
                raise ValueError(f"folders.txt: expected each folder once, found {folder} twice")
            order[folder] = place
    return order


def folder_of(path, source):
    """The folder of the library that a file of the source tree belongs to; None for another file."""
    parts = path.relative_to(source).parts
    for root in ROOTS:
        if parts[:len(root)] == root and len(parts) > len(root) + 1:
            return parts[len(root)]
    return APPS if parts[0] == APPS else None


def included_folder(name, file, source):
    """The folder that an include leads to; None for one that is not the library's own."""
    if name.startswith("links/"):
        return name.split("/")[1]
    path = pathlib.Path(file.parent, name).resolve()
    return folder_of(path, source) if path.is_relative_to(source) and path.exists() else None


def violations(source, order):
    """-> a sentence for each include that goes up or sideways, and each folder that the order lacks."""
    source = source.resolve()
    found = []
    unknown = set()
    for root in ROOTS:
        for file in sorted(source.joinpath(*root).rglob("*")):
            folder = folder_of(file, source)
            if file.suffix not in (".h", ".cpp", ".cu") or folder is None:
                continue
            if folder not in order:
                unknown.add(folder)
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                other = match and included_folder(match[1], file, source)
                if not other or other == folder:
                    continue
                if order.get(other, sys.maxsize) >= order[folder]:
                    found.append(f"{file.relative_to(source)}:{number}: {folder} may not include {other}")
    return found + [f"folders.txt: expected a place for the folder {folder}, found none" for folder in sorted(unknown)]


def check_the_check():
    """Plants includes of every kind in a tree of its own."""
    order = read_order("# comment\ncore\ndata\nflow lifter\n")
    files = {
        "include/links/core/error.h": '#include "links/flow/sampler.h"\n',
        "include/links/flow/sampler.h": '#pragma once\n#include "links/core/error.h"\n',
        "src/data/names.h": "",
        "src/data/names.cpp": '#include <links/flow/sampler.h>\n#include "names.h"\n#include "../flow/net.h"\n',
        "src/flow/net.h": '#  include "../data/names.h"\n#include "links/lifter/lifter.h"\n',
        "src/flow/cpu/rows.cpp": '#include "../net.h"\n#include "links/absent/absent.h"\n',
        "src/stray/stray.cpp": "",
        "src/core/app.cpp": '#include "../../apps/links/commands.h"\n',
        "apps/links/commands.h": "",
    }
    expected = {
        "include/links/core/error.h:1: core may not include flow",
        "src/core/app.cpp:1: core may not include apps",
        "src/data/names.cpp:3: data may not include flow",
        "src/flow/cpu/rows.cpp:2: flow may not include absent",
        "src/flow/net.h:2: flow may not include lifter",
        "folders.txt: expected a place for the folder stray, found none",
    }
    with tempfile.TemporaryDirectory() as temporary:
        for name, text in files.items():
            path = pathlib.Path(temporary, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        found = set(violations(pathlib.Path(temporary), order))
    return [f"self-test: expected '{sentence}', found none" for sentence in sorted(expected - found)] + [
        f"self-test: expected no such sentence, found '{sentence}'" for sentence in sorted(found - expected)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the source tree")
    arguments = parser.parse_args()
    order = read_order(pathlib.Path(__file__).with_name("folders.txt").read_text(encoding="utf-8"))
    failures = check_the_check() + violations(arguments.source, order)
    print("\n".join(failures) or f"{len(order)} folders, every include in order")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
