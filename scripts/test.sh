#!/usr/bin/env bash
# Set-up, build and tests: scripts/test.sh [CTEST OPTION...].
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/setup.sh
scripts/build.sh
say "running the tests: two to five minutes on 2 cores"
exec ctest --preset release -j "$(nproc)" "$@"
