#!/usr/bin/env bash
# Set-up, build and tests: scripts/test.sh [CTEST OPTION...]. Without options also a short fuzzing, five minutes on 2 cores.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/setup.sh
scripts/build.sh
say "running the tests: two to five minutes on 2 cores"
ctest --preset release -j "$(nproc)" "$@"
# 20 seconds of damaged input for each reader.
if (($# == 0)); then exec scripts/fuzz.sh 0.34; fi
