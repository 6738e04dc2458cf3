#!/usr/bin/env bash
# Table 4 and beyond: every way of lifting, and each loss switched off in turn, from one code on your pose files.
purpose="Table 4: every way of lifting, each loss switched off in turn, and the ceiling of 3D supervision."
recipe=both size=reduced data_set=cmu
source "$(dirname "${BASH_SOURCE[0]}")/sweep.sh"
parse_arguments "$@"

lifting=(elepose full full_sampled left_right left_right_sampled legs_torso legs_torso_sampled)
ablations=(fixed_elevation no_likelihood no_reprojection_2d no_consistency_3d no_deformation no_bone)

# The flows of a recipe and seed serve all its variants.
for ((seed = 1; seed <= seeds; ++seed)); do
  for r in $recipe; do
    start train_run "$r/flows/seed$seed" "$r" legs_torso "$seed" flows
    start train_run "$r/flows_pca/seed$seed" "$r" elepose "$seed" flows
  done
done
finish

folders=()
for ((seed = 1; seed <= seeds; ++seed)); do
  for r in $recipe; do
    variants=("${lifting[@]}")
    [[ $r != stable ]] || variants+=("${ablations[@]}" supervised)
    for variant in "${variants[@]}"; do
      flows=$output/$r/flows/seed$seed
      [[ $variant != elepose ]] || flows=$output/$r/flows_pca/seed$seed
      folder=$r/$variant/seed$seed
      folders+=("$folder")
      start train_run "$folder" "$r" "$variant" "$seed" lifters --set "flows.from=$(text "$flows")"
    done
  done
done
finish
make_table 4 "${folders[@]}"
