"""The command `links` of the wheel: the program itself, in the place of this process."""

import importlib.util
import os
import pathlib
import sys


def main() -> None:
    """Runs `links` with this process's arguments."""
    program = pathlib.Path(__file__).parent / "bin" / "links"
    if not program.is_file():
        sys.exit(f"links: error: expected the program at {program}, found none")
    if importlib.util.find_spec("torch") is None:
        sys.exit("links: error: expected PyTorch beside links, whose libraries it uses, found none")
    os.execv(program, ["links", *sys.argv[1:]])
