#!/usr/bin/env bash
# Table 2: PA-MPJPE, N-PCK and AUC on MPI-INF-3DHP (TS1 to TS6), LInKs and ElePose.
purpose="Table 2: PA-MPJPE, N-PCK and AUC on MPI-INF-3DHP (TS1 to TS6), LInKs and ElePose."
recipe=stable size=paper data_set=mpi-inf-3dhp
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
make_table 2 "${folders[@]}"
