#!/usr/bin/env bash
# Set-up, build and tests: scripts/test.sh [CTEST OPTION...]. Without options also a short fuzzing, five minutes on 2 cores.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/setup.sh
scripts/build.sh
# 20 seconds of damaged input for each reader.
fuzzed=0
if (($# == 0)) && command -v clang++ >/dev/null; then
  FUZZ_SEED=1 scripts/fuzz.sh 0.34 || fuzzed=$?
fi
say "running the tests: two to five minutes on 2 cores"
ctest --preset release -j "$(nproc)" "$@"
exit $fuzzed
