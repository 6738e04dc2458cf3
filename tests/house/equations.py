"""The table of equations in docs/method.md: each is in the function it names, whose file has its number in a comment."""

import argparse
import pathlib
import re
import sys
import tempfile

EQUATIONS = range(1, 11)
ROW = re.compile(r"\| *(\d+) *\|.*\| *`([^`:]+):([^`]+)` *\|$")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def comments(text):
    """The comments of C++ that begin with //."""
    return "\n".join(line.partition("//")[2] for line in STRING.sub('""', text).splitlines())


def has_number(text, number):
    """Whether a text cites the equation: "Eq. 3", "eqs. 2 and 3"."""
    cited = re.findall(r"\beqs?\. ?(\d+(?:(?:, | and | to )\d+)*)", text, re.IGNORECASE)
    return any(str(number) in re.findall(r"\d+", numbers) for numbers in cited)


def failures(source):
    """-> a sentence for each row that is not true, and each equation without one row."""
    page = "docs/method.md"
    found, seen = [], []
    for line, text in enumerate((source / page).read_text(encoding="utf-8").splitlines(), 1):
        row = ROW.match(text)
        if not row:
            continue
        number, path, function = int(row[1]), row[2], row[3]
        seen.append(number)
        where = f"{page}:{line}"
        if not (source / path).is_file():
            found.append(f"{where}: expected the file {path}, found none")
            continue
        code = (source / path).read_text(encoding="utf-8")
        if not re.search(rf"(?<!\w){re.escape(function)}(?!\w)", code):
            found.append(f"{where}: expected {function} in {path}, found none")
        if not has_number(comments(code), number):
            found.append(f"{where}: expected a comment with eq. {number} in {path}, found none")
    for number in EQUATIONS:
        if seen.count(number) != 1:
            found.append(f"{page}: expected one row for eq. {number}, found {seen.count(number)}")
    return found


def check_the_check():
    """Rows that are true and rows that are not, in a tree of their own."""
    rows = ["| 1 | right | `src/a.cpp:Lift` |", "| 2 | a string | `src/a.cpp:Loss::operator()` |",
            "| 3 | no function | `src/a.cpp:Lif` |", "| 4 | no file | `src/b.cpp:Lift` |"]
    rows += [f"| {n} | right | `src/a.cpp:Lift` |" for n in range(5, 10)]
    code = '// Eq. 1.\nLift();  // eqs. 3, 5 to 6 and 7\nLoss::operator()("eq. 2");\n// eq. 8\n// eq. 9\n// eq. 10\n'
    expected = ["docs/method.md:2: expected a comment with eq. 2 in src/a.cpp, found none",
                "docs/method.md:3: expected Lif in src/a.cpp, found none",
                "docs/method.md:4: expected the file src/b.cpp, found none",
                "docs/method.md: expected one row for eq. 10, found 0"]
    with tempfile.TemporaryDirectory() as temporary:
        for name, text in {"docs/method.md": "\n".join(rows), "src/a.cpp": code}.items():
            path = pathlib.Path(temporary, name)
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8")
        found = failures(pathlib.Path(temporary))
    return [] if found == expected else [f"self-test: expected {expected}, found {found}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the source tree")
    sentences = check_the_check() + failures(parser.parse_args().source)
    print("\n".join(sentences) or f"{len(EQUATIONS)} equations, each where the table says")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
