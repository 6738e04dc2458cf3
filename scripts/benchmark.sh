#!/usr/bin/env bash
# Times links and the same steps written plainly in PyTorch, one after the other on this machine. The tables go to
# stdout, the rest to stderr. See docs/performance.md.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<EOF
scripts/$script.sh [options]
Training steps, lifting and evaluation: links, PyTorch eager and compiled, and the ratios.
  --width N         hidden units of every network, may be given again (default 1024, the paper's)
  --modes MODES     eager,compile (default), eager or compile: torch.compile takes minutes a size on a CPU
  --python PYTHON   a Python with torch (default: .venv-pytorch's, .venv's, or python3); without torch the peer is left out
  --output FOLDER   where the figures go as JSON (default runs/benchmark)
  --device DEVICE   auto, cpu or cuda (default auto)
  --links PROGRAM   the program (default build/release/bin/links)
  --quick           shorter measurements, for a first look
EOF
}

widths=() modes=eager,compile python='' output=$root/runs/benchmark device=auto links=$build/bin/links quick=''
cd "$OLDPWD"
while (($#)); do
  case $1 in
    --quick) quick=yes && shift ;;
    --help | -h) usage && exit 0 ;;
    --width | --modes | --python | --output | --device | --links)
      (($# > 1)) || die "$1: expected a value, found none"
      if [[ $1 == --width ]]; then widths+=("$2"); else printf -v "${1#--}" %s "$2"; fi
      shift 2
      ;;
    *) die "expected an option of scripts/$script.sh --help, found '$1'" ;;
  esac
done
((${#widths[@]})) || widths=(1024)
for width in "${widths[@]}"; do
  [[ $width =~ ^[1-9][0-9]{0,4}$ ]] && ((width <= 16384)) && continue
  die "--width: expected a number from 1 to 16384, found '$width'"
done
[[ -x $links ]] || die "--links: expected the program at '$links', found none: scripts/build.sh makes it"
links=$(realpath "$links")
output=$(realpath -m "$output")
[[ -z $python || $python != */* ]] || python=$(realpath -s "$python")
cd "$root"

case $device in
  auto)
    device=cpu
    ! "$links" info | grep -q '^cuda  *cuda:' || device=cuda
    ;;
  cpu | cuda) ;;
  *) die "--device: expected auto, cpu or cuda, found '$device'" ;;
esac
if [[ -z $python ]]; then
  python=python3
  for environment in .venv-pytorch .venv; do
    [[ ! -x $environment/bin/python ]] || { python=$environment/bin/python && break; }
  done
fi
peer=yes
if ! "$python" -c 'import torch' 2>/dev/null; then
  peer=''
  say "expected a Python with torch for the peer, found none in $python: going on without it (scripts/setup.sh --with-pytorch installs one, --python names another)"
fi
mkdir -p "$output"
effort=() poses=500000
[[ -z $quick ]] || effort=(--seconds 0.3 --repeats 3) poses=20000

# Hundreds of MB at the paper's size.
trap 'rm -f "$output"/reference-*.safetensors' EXIT

# measure WIDTH: links-WIDTH.json and, with the same weights and batch, peer-WIDTH.json.
measure() {
  local width=$1 stage sizes=() reference=$output/reference-$1.safetensors files=("$output/links-$1.json")
  for stage in flows lifters occlusion completion; do sizes+=(--set "$stage.network.width=$width"); done
  say "width $width: links"
  "$links" bench --poses 10000 "${sizes[@]}" "${effort[@]}" --device "$device" --output "${files[0]}" \
    ${peer:+--reference "$reference"} >&2
  if [[ -n $peer ]]; then
    say "width $width: PyTorch, $modes"
    files+=("$output/peer-$width.json")
    "$python" bench/peer_pytorch.py --reference "$reference" --modes "$modes" "${effort[@]}" --device "$device" \
      --output "${files[1]}" >&2 || die "width $width: the peer failed, see above; what links did is in ${files[0]}"
    rm "$reference"
  fi
  table+=(--width "$width" "${files[@]}")
}

table=()
for width in "${widths[@]}"; do measure "$width"; done
/usr/bin/python3 bench/table.py "${table[@]}"

program=$(dirname "$(dirname "$links")")/bench/evaluation_bench
if [[ -x $program ]]; then
  say "evaluation of $poses poses: links and a NumPy loop over poses"
  echo
  /usr/bin/python3 bench/evaluation_ratio.py --program "$program" --poses "$poses" --output "$output/evaluation.json"
else
  say "expected the program $program for the evaluation's ratio, found none: -DLINKS_BENCHMARKS=ON builds it"
fi
say "done: the figures are in $output"
