#!/usr/bin/env bash
# Table 4 and beyond: every way of lifting, and each loss switched off in turn, from one code on your pose files.
purpose="Table 4: every way of lifting, each loss switched off in turn, and the ceiling of 3D supervision."
recipe=both size=reduced data_set=cmu
source "$(dirname "${BASH_SOURCE[0]}")/sweep.sh"
parse_arguments "$@"

lifting=(elepose full full_sampled left_right left_right_sampled legs_torso legs_torso_sampled)
weights=(no_likelihood no_reprojection_2d no_consistency_3d no_deformation no_bone)

# The flows of a recipe and seed serve all its variants.
for r in $recipe; do
  start_groups "$r/flows" "$r" legs_torso flows
  start_groups "$r/flows_pca" "$r" elepose flows
done
finish

# lifters FOLDER VARIANTS: with every seed, on the flows from above.
lifters() {
  local flows=flows
  [[ $2 != elepose ]] || flows=flows_pca
  start_groups "$1" "$r" "$2" lifters --set "flows.from=$(text "$output/$r/$flows/seed{seed}")"
}

folders=()
for r in $recipe; do
  variants=("${lifting[@]}")
  [[ $r != stable ]] || variants+=(fixed_elevation "${weights[@]}" supervised)
  for variant in "${variants[@]}"; do folders_of "$r/$variant"; done
  # Those that differ in the weights of the losses alone are trained side by side.
  alike=(legs_torso_sampled)
  [[ $r != stable ]] || alike+=("${weights[@]}")
  if ((${#alike[@]} > 1)); then lifters "$r" "${alike[*]}"; else lifters "$r/$alike" "$alike"; fi
  for variant in "${variants[@]}"; do
    [[ " ${alike[*]} " == *" $variant "* ]] || lifters "$r/$variant" "$variant"
  done
done
finish
make_table 4 "${folders[@]}"
