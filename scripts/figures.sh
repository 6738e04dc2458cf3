#!/usr/bin/env bash
# The paper's figures of a trained run, and its page: scripts/figures.sh RUN DATA OUTPUT [--stride N] [--from N --to N] [--format svg|pdf|png]
# RUN is a run directory or a shipped model, DATA a pose file with 3D that it is evaluated on, OUTPUT a folder.
# Writes sampling (figure 2), lifting (3), occlusion (4), curves, latent and errors, evaluation.json, from which every number in
# them is, and page/index.html. Minutes on 2 cores. --stride: every n-th pose is evaluated and drawn from; --from and --to:
# between which of these the walk through the latent goes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

words=() stride=1 format=svg from=0 to=100
while (($#)); do
  case $1 in
    --stride | --format | --from | --to)
      (($# > 1)) || die "$1: expected a value, found none"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    -*) die "expected --stride N, --from N, --to N or --format svg|pdf|png, found '$1'" ;;
    *)
      words+=("$1")
      shift
      ;;
  esac
done
((${#words[@]} == 3)) || die "expected RUN DATA OUTPUT, found ${#words[@]} words"
[[ $stride =~ ^[1-9][0-9]*$ ]] || die "--stride: expected a whole number from 1, found '$stride'"
[[ $format =~ ^(svg|pdf|png)$ ]] || die "--format: expected svg, pdf or png, found '$format'"
run=${words[0]} data=${words[1]} output=${words[2]}
find_program
mkdir -p "$output"

draw() {
  local name=$1
  shift
  say "$name"
  "$links" figure "$name" "$@" --output "$output/$name.$format" >&2
}

say "evaluation: $output/evaluation.json"
"$links" evaluate --run "$run" --data "$data" --stride "$stride" --output "$output/evaluation.json" >&2
selected=(--run "$run" --data "$data" --stride "$stride")
draw sampling "${selected[@]}"
draw lifting "${selected[@]}"
draw occlusion "${selected[@]}"
draw latent "${selected[@]}" --from "$from" --to "$to"
draw curves "$run"
draw errors "$output/evaluation.json"
say "page: $output/page/index.html"
"$links" report --html "$output/evaluation.json" --data "$data" --stride "$stride" --output "$output/page" >&2
echo "$output"
