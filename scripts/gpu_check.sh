#!/usr/bin/env bash
# All that is asked of a GPU in one go, from a bundle (scripts/bundle.sh) or a source tree: versions, the GPU tests, a step
# of every stage eager and captured, compute-sanitizer, times beside PyTorch, a profile, trainings in three precisions, the
# paper's recipe, runs side by side. Each part has a share of the time and writes its JSON when it ends; a table against
# the targets goes to stdout, the rest to stderr. Without a GPU the same at a tiny size on the CPU.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<EOF
scripts/$script.sh [options]
Tests, times and errors of links on this machine's GPU; without one, at a tiny size, on its CPU.
  --minutes N       all of it, at most (default 8)
  --output FOLDER   where the results go as JSON (default runs/gpu_check)
  --device DEVICE   auto, cpu or cuda (default auto)
  --python PYTHON   a Python with torch for the peers (default: the active one, .venv-pytorch's or .venv's)
  --links PROGRAM   the program (default: the bundle's, build/cuda's or build/release's)
  --tests PROGRAM   the GPU tests (default: those beside the program)
EOF
}

minutes=8 output=$root/runs/gpu_check device=auto python='' links='' tests=''
cd "$OLDPWD"
while (($#)); do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --minutes | --output | --device | --python | --links | --tests)
      (($# > 1)) || die "$1: expected a value, found none"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    *) die "expected an option of scripts/$script.sh --help, found '$1'" ;;
  esac
done
[[ $minutes =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "--minutes: expected a number, found '$minutes'"
[[ $device == auto || $device == cpu || $device == cuda ]] || die "--device: expected auto, cpu or cuda, found '$device'"
output=$(realpath -m "$output")
for file in python links tests; do
  [[ -z ${!file} || ${!file} != */* ]] || printf -v "$file" %s "$(realpath -s "${!file}")"
done
cd "$root"

if [[ -z $links ]]; then
  for links in bin/links build/cuda/bin/links build/release/bin/links; do [[ ! -x $links ]] || break; done
  links=$root/$links
fi
[[ -x $links ]] || die "--links: expected the program, found none at '$links': scripts/build.sh or cmake --preset cuda makes it"
if [[ -z $tests ]]; then
  tests=$(dirname "$links")/links-gpu-test  # of a bundle; of a build tree in another folder
  [[ -x $tests ]] || tests=$(dirname "$(dirname "$links")")/tests/gpu_test
fi
share=$(dirname "$(dirname "$links")")/share/links
[[ -d $share/configs ]] || share=$root
if [[ -z $python ]]; then
  for candidate in python3 python .venv-pytorch/bin/python .venv/bin/python; do
    if "$candidate" -c 'import torch' 2>/dev/null; then python=$(command -v "$candidate") && break; fi
  done
fi
[[ -n $python ]] || say "expected a Python that can import torch for the peers, found none: going on without them (--python names one)"

# The motion capture as pose files, beside the first parts; not where there is nothing to train on them with.
data=''
if [[ $device != cpu ]] && "$links" info | grep -q '^cuda  *cuda:'; then
  if [[ -d third_party/cmu_mocap ]]; then
    program=$links
    source scripts/mocap.sh
    links=$program
    mkdir -p runs "$output"
    {
      unpack_mocap
      import_quick
      import_wild
    } >"$output/data.log" 2>&1 </dev/null &
    data=$!
    trap '[[ -z $data ]] || kill "$data" 2>/dev/null || true' EXIT
  else
    say "expected third_party/cmu_mocap to train on, found none: the trainings are left out"
  fi
fi
python3 scripts/gpu_check.py --root "$root" --links "$links" --tests "$tests" --share "$share" --output "$output" \
  --python "$python" --minutes "$minutes" --device "$device"
