#!/usr/bin/env bash
# Table 1: PA-MPJPE and N-MPJPE on Human3.6M (S9, S11), LInKs and ElePose.
purpose="Table 1: PA-MPJPE and N-MPJPE on Human3.6M (S9, S11), LInKs and ElePose."
recipe=stable size=paper data_set=h36m
source "$(dirname "${BASH_SOURCE[0]}")/sweep.sh"
parse_arguments "$@"

folders=()
for ((seed = 1; seed <= seeds; ++seed)); do
  for r in $recipe; do
    start train_run "$r/links/seed$seed" "$r" links "$seed" all
    start train_run "$r/elepose/seed$seed" "$r" elepose "$seed" "flows lifters"
    folders+=("$r/links/seed$seed" "$r/elepose/seed$seed")
  done
done
finish
make_table 1 "${folders[@]}"
