#!/usr/bin/env bash
# Prepares a Debian 12 or Ubuntu 24.04 machine to build links: the distribution's packages, and the pinned LibTorch
# (third_party/libtorch.txt) in .venv. Only what is missing is installed; run it again at any time.
# --with-pytorch: also a Python that can `import torch`, for the peer of scripts/benchmark.sh. The wheel's CPU part alone
# cannot: it is the CUDA build, whose 2.5 GB of libraries are loaded by the import.
# Works as root or with sudo. A LibTorch named in CMAKE_PREFIX_PATH or in the active Python is used as it is.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

with_pytorch=''
for word; do
  [[ $word == --with-pytorch ]] || die "expected nothing or --with-pytorch, found '$word'"
  with_pytorch=yes
done

packages=(
  g++ cmake ninja-build ccache pkg-config python3 python3-venv ca-certificates
  libeigen3-dev libyaml-cpp-dev libcli11-dev libspdlog-dev nlohmann-json3-dev
  libhdf5-dev libmatio-dev zlib1g-dev libcairo2-dev libgtest-dev libgmock-dev libbenchmark-dev
  python3-h5py python3-scipy
  libonnx-dev libprotobuf-dev  # links export --format onnx
  clang libclang-rt-dev  # scripts/fuzz.sh
)
pin=third_party/libtorch.txt
log=$root/.cache/setup.log

check_distribution() {
  local name
  name=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_ID:-}") || name="an unknown system"
  case $name in
    "debian 12" | "ubuntu 24.04") ;;
    *) die "this script knows Debian 12 and Ubuntu 24.04, this is $name; install the packages it lists by hand." ;;
  esac
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
    command -v sudo >/dev/null || die "packages are missing (${missing[*]}), and you are neither root nor have sudo."
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
    [[ -x .venv/bin/pip ]] || logged "the local environment .venv could not be made" /usr/bin/python3 -m venv .venv
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
    logged "the local environment .venv-pytorch could not be made" /usr/bin/python3 -m venv .venv-pytorch
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
check_distribution
install_packages
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
