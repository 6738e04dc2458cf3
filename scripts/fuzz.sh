#!/usr/bin/env bash
# Feeds damaged input to every reader: scripts/fuzz.sh MINUTES [HARNESS...]. Builds build/fuzz with Clang, then runs the
# harnesses of tests/fuzz (default: all) for MINUTES each (0.3 = 20 seconds), a core a harness. Inputs that reached
# something new are kept in build/fuzz/corpus and are where the next run starts from. Ends with a line a harness on
# stdout, and with exit code 1 when there were findings; their inputs are in build/fuzz/findings.
# FUZZ_RUNS=N runs each N times instead; FUZZ_SEED=N takes the same way through the inputs every time; FUZZ_TIMEOUT=S
# allows an input S seconds instead of 10, which on a busy machine pass without any work.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

minutes=${1:-}
[[ $minutes =~ ^[0-9]*\.?[0-9]+$ ]] || die "expected minutes and perhaps names of harnesses, found '$*'"
shift
command -v clang++ >/dev/null || die "clang++ is not installed: run scripts/setup.sh."
build=$root/build/fuzz
say "building in ${build#"$root"/}: about three minutes on 2 cores the first time"
env -u CXXFLAGS cmake --preset fuzz >&2  # another compiler, other warnings
cmake --build --preset fuzz >&2

harnesses=("$@")
if ((${#harnesses[@]} == 0)); then
  for path in tests/fuzz/*_fuzz.cpp; do harnesses+=("$(basename "$path" _fuzz.cpp)"); done
fi
seconds=$(awk -v minutes="$minutes" 'BEGIN { print int(60 * minutes + 0.5) }')
limit=(-max_total_time="$seconds")
if [[ -n ${FUZZ_RUNS:-} ]]; then limit=(-runs="$FUZZ_RUNS"); fi
limit+=(-seed="${FUZZ_SEED:-0}" -entropic=0)  # the entropic schedule takes half of the time
mkdir -p "$build/findings" "$build/logs"
# Readers open files by name: in memory where there is room for it.
temporary=$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo "${TMPDIR:-/tmp}")" links-fuzz.XXXXXX)
trap 'rm -rf "$temporary"' EXIT

# fuzz HARNESS: a line of what came of it; the log has all.
fuzz() {
  local name=$1 log=$build/logs/$1.log runs coverage result=0 at_once=256
  # HDF5 asks for as much as a file declares before it finds that it is not there.
  case $name in cameras | detections | mat | poses) at_once=1000000000 ;; esac
  mkdir -p "$build/corpus/$name"
  # What one input may take: FUZZ_TIMEOUT, 256 MiB at once but in HDF5, 2 GiB in all (HDF5 keeps some of each damaged file).
  TMPDIR=$temporary "$build/tests/fuzz/${name}_fuzz" "${limit[@]}" -timeout="${FUZZ_TIMEOUT:-10}" -malloc_limit_mb="$at_once" -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$build/findings/$name-" "$build/corpus/$name" "tests/fuzz/corpus/$name" \
    >"$log" 2>&1 </dev/null || result=1
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  if ((result == 0)); then
    printf '%-16s %9d inputs, %5d edges, no finding\n' "$name" "$runs" "$coverage"
  else
    printf '%-16s FINDING: %s\n' "$name" "$(grep -m 1 -E 'FINDING|SUMMARY|ERROR|runtime error' "$log" || tail -n 1 "$log")"
  fi
  return $result
}
export -f fuzz
export build temporary

say "${#harnesses[@]} harnesses, $([[ -n ${FUZZ_RUNS:-} ]] && echo "$FUZZ_RUNS inputs" || echo "$seconds seconds") each"
printf '%s\n' "${harnesses[@]}" | LIMIT="${limit[*]}" xargs -P "$(nproc)" -I{} bash -c 'limit=($LIMIT); fuzz {}' ||
  die "there were findings: build/fuzz/logs says which, build/fuzz/findings has the inputs; give one to build/fuzz/tests/fuzz/HARNESS_fuzz to see it again."
