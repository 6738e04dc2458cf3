#!/bin/sh
# bin/NAME of a bundle (scripts/bundle.sh): starts libexec/NAME with the LibTorch of LINKS_LIBTORCH, else of the torch in
# the active Python. @WORDS@ are set by bundle.sh: what the programs were built with.
name=$(basename "$0")
bundle=$(dirname "$(dirname "$(readlink -f "$0")")")
fail() {
  echo "$name: error: $*" >&2
  exit 1
}

[ "$(uname -m)" = "@MACHINE@" ] || fail "expected a @MACHINE@ machine, found $(uname -m)."
glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)
[ -n "$glibc" ] && [ "$(printf '%s\n' "@GLIBC@" "$glibc" | sort -V | head -n 1)" = "@GLIBC@" ] ||
  fail "expected a system with glibc @GLIBC@ or newer, found ${glibc:-another C library}."

where=LINKS_LIBTORCH
torch=${LINKS_LIBTORCH:-}
if [ -z "$torch" ]; then
  where="the active Python"
  for python in python3 python; do
    # Importing torch would take seconds.
    torch=$("$python" -c 'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")' \
      2>/dev/null)
    [ -z "$torch" ] || break
  done
  [ -n "$torch" ] || fail "expected torch @TORCH@ in the active Python, or its folder in LINKS_LIBTORCH, found no torch: \
pip install torch==@TORCH@"
fi
[ -f "$torch/lib/libtorch_cpu.so" ] || fail "expected LibTorch @TORCH@ in '$torch' ($where), found no lib/libtorch_cpu.so."
version=$(sed -n "s/^__version__ = '\([^']*\)'.*/\1/p" "$torch/version.py" 2>/dev/null)
[ -n "$version" ] || version=$(cat "$torch/build-version" 2>/dev/null)
case $version in
  @TORCH_SERIES@.*) ;;
  *) fail "expected LibTorch @TORCH@, with which this was built, in '$torch' ($where), found ${version:-one that does not say its version}." ;;
esac
libraries=$torch/lib
cudart=@CUDART@
if [ -n "$cudart" ]; then
  [ -f "$torch/lib/libtorch_cuda.so" ] ||
    fail "expected a LibTorch with CUDA in '$torch' ($where), found $version, which is for the CPU alone."
  for folder in "$torch/lib" "$torch"/../nvidia/*/lib "${CUDA_HOME:-/usr/local/cuda}/lib64"; do
    [ ! -e "$folder/$cudart" ] || { libraries=$libraries:$folder && cudart='' && break; }
  done
  [ -z "$cudart" ] || fail "expected $cudart of CUDA beside '$torch' ($where) or in CUDA_HOME, found none: is its torch ($version) for another CUDA?"
fi
[ -x "$bundle/libexec/$name" ] || fail "expected the program '$bundle/libexec/$name', found none: is the bundle whole?"
LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
exec "$bundle/libexec/$name" "$@"
