#!/usr/bin/env bash
# Configures and builds build/release: scripts/build.sh [TARGET...] (default: everything). More options of CMake come
# from LINKS_CMAKE_OPTIONS.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if [[ -d $build ]]; then
  say "building in ${build#"$root"/}: seconds to minutes, only what has changed"
else
  say "building in ${build#"$root"/}: 5 to 15 minutes on 2 cores the first time"
fi
cmake --preset release ${LINKS_CMAKE_OPTIONS:-} >&2
cmake --build --preset release ${1+--target "$@"} >&2
say "built"
