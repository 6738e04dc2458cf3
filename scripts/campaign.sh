#!/usr/bin/env bash
# Kills build/release/bin/links and fills its disk, and holds what is run again against what was never disturbed:
# scripts/campaign.sh KILLS [OPTION...]. KILLS random moments, as many places at calls and as many full disks for each
# part (about two seconds each); --every: at every rename, fsync and mkdir, within every write, and every full disk, in an
# hour; a part's name (single, sweep, lift, commands): that one alone. See tests/campaign/campaign.py.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[[ ${1:-} =~ ^[0-9]+$ ]] || die "expected the number of kills, found '$*'"
kills=$1
shift
[[ -x $build/bin/links && -f $build/tests/campaign/libfault.so ]] || die "expected a build: run scripts/build.sh."
exec python3 tests/campaign/campaign.py --binary "$build/bin/links" --fault "$build/tests/campaign/libfault.so" \
  --source "$root" --kills "$kills" --full "$kills" --keep-going "$@"
