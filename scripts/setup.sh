#!/usr/bin/env bash
# Prepares a Debian 12 or Ubuntu 24.04 machine to build links: the distribution's packages, and the pinned LibTorch
# (third_party/libtorch.txt) in .venv. Only what is missing is installed; run it again at any time.
# --no-packages, or LINKS_NO_PACKAGES=1 for every script that calls this one: installs no packages, so needs no root and no
#   known distribution; says what is missing, by role, and goes on.
# --with-pytorch: also a Python that can `import torch`, for the peer of scripts/benchmark.sh. The wheel's CPU part alone
#   cannot: it is the CUDA build, whose 2.5 GB of libraries are loaded by the import.
# Works as root or with sudo. A LibTorch named in CMAKE_PREFIX_PATH or in the active Python is used as it is.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

with_pytorch='' no_packages=${LINKS_NO_PACKAGES:-}
for word; do
  case $word in
    --with-pytorch) with_pytorch=yes ;;
    --no-packages) no_packages=yes ;;
    *) die "expected nothing, --no-packages or --with-pytorch, found '$word'" ;;
  esac
done

# What it takes: role | how it is told (one of the words is enough) | packages of Debian and Ubuntu.
# Words: compiler, a command, pkg:MODULE of pkg-config, header:FILE, python:MODULE.
needs=(
  "C++20 compiler, GCC 12 or newer | compiler | g++"
  "CMake 3.25 or newer | cmake | cmake"
  "Ninja | ninja ninja-build | ninja-build"
  "ccache, which makes a second build fast (optional) | ccache | ccache"
  "pkg-config | pkg-config pkgconf | pkg-config"
  "Python 3 with venv and pip | python:ensurepip python:pip | python3 python3-venv"
  "certificates of the web, to fetch LibTorch | python:ssl | ca-certificates"
  "xz, to unpack the motion capture | xz | xz-utils"
  "Eigen 3.4, linear algebra | pkg:eigen3 header:eigen3/Eigen/Core header:Eigen/Core | libeigen3-dev"
  "yaml-cpp, configurations | pkg:yaml-cpp | libyaml-cpp-dev"
  "CLI11, the command line | pkg:CLI11 header:CLI/CLI.hpp | libcli11-dev"
  "spdlog, the log | pkg:spdlog | libspdlog-dev"
  "JSON for Modern C++ (nlohmann) | pkg:nlohmann_json header:nlohmann/json.hpp | nlohmann-json3-dev"
  "HDF5, its C library: pose files | pkg:hdf5 pkg:hdf5-serial | libhdf5-dev"
  "matio 1.5, MATLAB's files | pkg:matio | libmatio-dev"
  "zlib | pkg:zlib | zlib1g-dev"
  "cairo, pictures | pkg:cairo | libcairo2-dev"
  "GoogleTest with GoogleMock: the tests | pkg:gmock | libgtest-dev libgmock-dev"
  "Google Benchmark: scripts/benchmark.sh (optional) | pkg:benchmark | libbenchmark-dev"
  "h5py and SciPy for Python 3: the tests, scoring the real clip | python:h5py,scipy | python3-h5py python3-scipy"
  "ONNX's protobuf types: links export --format onnx (optional) | header:onnx/onnx-ml.pb.h | libonnx-dev libprotobuf-dev"
  "Clang with libFuzzer: scripts/fuzz.sh (optional) | clang++ | clang libclang-rt-dev"
)
packages=()
for need in "${needs[@]}"; do read -ra words <<<"${need##*|}" && packages+=("${words[@]}"); done
pin=third_party/libtorch.txt
log=$root/.cache/setup.log

# has WORD: whether one of those in needs is there.
has() {
  local modules
  case $1 in
    compiler) command -v "${CXX:-c++}" >/dev/null ;;
    pkg:*) pkg-config --exists "${1#pkg:}" 2>/dev/null ;;
    header:*) echo "#include <${1#header:}>" | "${CXX:-c++}" -E -x c++ - >/dev/null 2>&1 ;;
    python:*)
      modules=${1#python:}
      python_with "${modules//,/, }" >/dev/null
      ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# A line for each role that nothing here has: what it is, and what Debian calls it.
list_missing() {
  local need role words word found
  for need in "${needs[@]}"; do
    IFS='|' read -r role words _ <<<"$need"
    found=''
    for word in $words; do
      if has "$word"; then found=yes && break; fi
    done
    [[ -n $found ]] || echo "  ${role% } (Debian:${need##*|})"
  done
}

check_distribution() {
  local name need
  name=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_ID:-}") || name="an unknown system"
  case $name in
    "debian 12" | "ubuntu 24.04") return ;;
  esac
  echo "What links takes, and what Debian calls it:" >&2
  for need in "${needs[@]}"; do echo "  ${need%% |*} (Debian:${need##*|})" >&2; done
  die "this script knows Debian 12 and Ubuntu 24.04, this is $name: install what is listed above, or make the \
environment of environment.yml, then run scripts/setup.sh --no-packages."
}

# need_space FOLDER MIB WHAT
need_space() {
  local free
  free=$(df --output=avail -BM "$1" | tail -n 1 | tr -dc 0-9)
  ((free >= $2)) || die "$3 needs $2 MiB of disk space below $1, only $free MiB are free."
}

# Runs a command with its output in the log; `explain` on failure.
logged() {
  local explain=$1
  shift
  "$@" >>"$log" 2>&1 </dev/null || die "$explain (last words: $(grep -v '^ *$' "$log" | tail -n 1); all of it: $log)."
}

install_packages() {
  local installed missing=() as_root=()
  installed=" $(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | tr '\n' ' ')"
  for package in "${packages[@]}"; do
    [[ $installed == *" $package "* ]] || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    say "1/2 packages: all ${#packages[@]} are installed"
    return
  fi
  say "1/2 packages: installing ${missing[*]} (up to 700 MiB, one to three minutes)"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "packages are missing (${missing[*]}), and you are neither root nor have sudo: \
environment.yml and --no-packages do without."
    as_root=(sudo)
    sudo -v || die "packages are missing (${missing[*]}), and sudo did not let you install them."
  fi
  need_space /usr 900 "installing packages"
  logged "the list of packages could not be fetched, is there a network?" "${as_root[@]}" apt-get update
  logged "packages could not be installed, is there a network?" "${as_root[@]}" \
    env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

has_nvidia_driver() {
  command -v nvidia-smi >/dev/null || [[ -e /dev/nvidia0 ]] || ldconfig -p 2>/dev/null | grep -q 'libcuda\.so\.1'
}

install_libtorch() {
  local kind=cpu options=(--no-deps) space=3000 size="550 MB to fetch, about two minutes" wanted stamp=.venv/libtorch.stamp
  if has_nvidia_driver; then
    kind=cuda options=() space=11000 size="2.5 GB to fetch, about ten minutes"
  fi
  wanted="$kind $(sha256sum <"$pin")"
  if [[ ! -f $stamp || $(<"$stamp") != "$wanted" ]]; then
    say "2/2 LibTorch: installing the $kind wheels of $pin to .venv ($size)"
    need_space "$root" $space "LibTorch"
    need_space "${TMPDIR:-/tmp}" $((space / 3)) "fetching LibTorch"
    [[ -x .venv/bin/pip ]] || logged "the local environment .venv could not be made" "$python" -m venv .venv
    rm -f "$stamp"
    logged "LibTorch could not be installed, is there a network?" \
      .venv/bin/pip install --disable-pip-version-check "${options[@]}" -r "$pin"
    echo "$wanted" >"$stamp"
  fi
}

imports_torch() {
  [[ -x $1 ]] && "$1" -c 'import torch' 2>/dev/null
}

# Beside .venv: with the CUDA libraries there, links would be built with them.
install_pytorch() {
  local environment
  for environment in .venv-pytorch .venv; do
    imports_torch $environment/bin/python || continue
    say "PyTorch: $environment has it"
    return
  done
  say "PyTorch: installing $pin with all it needs to .venv-pytorch (2.5 GB to fetch, about ten minutes)"
  need_space "$root" 11000 "PyTorch"
  need_space "${TMPDIR:-/tmp}" 3700 "fetching PyTorch"
  [[ -x .venv-pytorch/bin/pip ]] ||
    logged "the local environment .venv-pytorch could not be made" "$python" -m venv .venv-pytorch
  logged "PyTorch could not be installed, is there a network?" \
    .venv-pytorch/bin/pip install --disable-pip-version-check -r "$pin" numpy
  imports_torch .venv-pytorch/bin/python || die "PyTorch was installed to .venv-pytorch but cannot be imported: $log"
}

find_libtorch() {
  local found
  found=$(cmake -P cmake/libtorch.cmake)
  echo "${found#-- }"
}

mkdir -p "$(dirname "$log")"
: >"$log"
if [[ -n $no_packages ]]; then
  python=python3
  missing=$(list_missing)
  say "1/2 packages: none are installed (--no-packages)${missing:+; missing:}"
  [[ -z $missing ]] || echo "$missing" >&2
  command -v cmake >/dev/null || die "nothing goes on without CMake, found none."
else
  python=/usr/bin/python3
  check_distribution
  install_packages
fi
found=$(find_libtorch)
case $found in
  none | *"$root/.venv/"*)  # the stamp says whether ours is whole and as pinned
    install_libtorch
    found=$(find_libtorch)
    ;;
esac
[[ $found == "LibTorch "*" from "* ]] || die "$found"
say "2/2 $found"
if [[ -n $with_pytorch ]]; then install_pytorch; fi
