# Sourced by the scripts: where the project is, and what they say (on stderr; results go to stdout).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
script=$(basename "$0" .sh)
build=$root/build/release
cd "$root"

say() { printf '[%s %4ds] %s\n' "$script" "$SECONDS" "$*" >&2; }

# One sentence, then the end.
die() {
  printf '%s: error: %s\n' "$script" "$*" >&2
  exit 1
}

# python_with MODULE: the Python that can import it, the active one or the distribution's.
python_with() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c "import $1" 2>/dev/null; then echo "$python" && return; fi
  done
  return 1
}

# find_program: as `links` the program that LINKS names, or the one built here.
find_program() {
  links=${LINKS:-$build/bin/links}
  [[ $links == */* && -x $links ]] || die "expected the program at '$links', found none: scripts/build.sh makes it"
}

# sweep NAME ARGUMENT...: `links sweep` of configs/sweeps/NAME.yaml, paths relative to the caller's folder.
sweep() {
  cd "$OLDPWD"
  find_program
  exec "$links" sweep "$@"
}
