#!/usr/bin/env bash
# Chooses between variants of a configuration without looking at the validation subjects: four folds of the training
# subjects, each held out once, by subject, so that no person is trained on and scored.
#   scripts/crossvalidate.sh --config CONFIG --train FILE.h5 --variant FILE.yaml... --output FOLDER [--folds 4] [--seed 1]
#                            [--set KEY=VALUE...]
# The flows of a fold serve all variants that do not change them (they are trained once, with CONFIG). In FOLDER a run a
# fold and variant; the table, PA-MPJPE without reflection and N-MPJPE (norm scale) of each composition, means over the
# folds, goes to stdout and FOLDER/table.md. Run again after an interruption it goes on where it stopped. LINKS names
# another program than the one built here.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$OLDPWD"

config='' train='' output='' folds=4 seed=1 variants=() overrides=()
while (($#)); do
  [[ $1 =~ ^--(config|train|variant|output|folds|seed|set)$ ]] ||
    die "expected --config, --train, --variant, --output, --folds, --seed or --set, found '$1'"
  (($# > 1)) || die "$1: expected a value, found none"
  case $1 in
    --config | --train) [[ -f $2 ]] || die "$1: expected a file, found none at '$2'"; printf -v "${1#--}" %s "$(realpath "$2")" ;;
    --variant) [[ -f $2 ]] || die "--variant: expected a file, found none at '$2'"; variants+=("$(realpath "$2")") ;;
    --output) output=$(realpath -m "$2") ;;
    --folds | --seed) [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1: expected a number from 1, found '$2'"; printf -v "${1#--}" %s "$2" ;;
    --set) overrides+=(--set "$2") ;;
  esac
  shift 2
done
[[ -n $config && -n $train && -n $output ]] || die "expected --config, --train and --output, found not all of them"
find_program
mkdir -p "$output"

# The subjects of each fold, a line a fold: the largest first, each to the fold that has fewest poses so far.
"$links" data info "$train" | awk -v folds="$folds" '
  /^subjects/ { inside = 1; next }
  !/^ / { inside = 0 }
  inside { subject[++count] = $1; poses[count] = $NF }
  END {
    if (count < folds) { print "expected at least " folds " subjects, found " count + 0 > "/dev/stderr"; exit 1 }
    for (n = 0; n < count; ++n) {
      largest = 0
      for (i = 1; i <= count; ++i) if (poses[i] > 0 && (!largest || poses[i] > poses[largest])) largest = i
      fold = 1
      for (f = 2; f <= folds; ++f) if (sum[f] < sum[fold]) fold = f
      sum[fold] += poses[largest]; poses[largest] = 0
      list[fold] = list[fold] (list[fold] == "" ? "" : ",") subject[largest]
    }
    for (f = 1; f <= folds; ++f) print list[f]
  }' >"$output/folds.txt" || die "expected subjects to fold in '$train', found too few"
mapfile -t held_out <"$output/folds.txt"

# run FOLDER [links train's options]: trains the stages on the other folds, or goes on with it, but not twice.
run() {
  local folder=$1 others resume=()
  shift
  others=$(sed "$((fold + 1))d" "$output/folds.txt" | paste -sd,)
  [[ ! -f $folder/config.yaml ]] || resume=(--resume)
  "$links" train --config "$config" "$@" "${overrides[@]}" --set "seed=$seed" --set "data.training=['$train']" \
    --set "data.training_selection.subjects=[$others]" --set "data.validation=['$train']" \
    --set "data.validation_selection.subjects=[${held_out[fold]}]" --output "$folder" "${resume[@]}" >/dev/null
}

for ((fold = 0; fold < folds; ++fold)); do
  say "fold $((fold + 1)) of $folds: ${held_out[fold]} held out"
  run "$output/flows/fold$((fold + 1))" --stage flows
  for variant in "$config" "${variants[@]}"; do
    folder=$output/$(basename "$variant" .yaml)/fold$((fold + 1))
    more=()
    [[ $variant == "$config" ]] || more=(--config "$variant")
    [[ ! -f $folder/evaluation.json ]] || continue
    run "$folder" "${more[@]}" --stage lifters --set "flows.from='$output/flows/fold$((fold + 1))'"
    "$links" evaluate --run "$folder" --data "$train" --subjects "${held_out[fold]}" \
      --output "$folder/evaluation.json" >/dev/null
  done
done

python3 - "$output" "$config" "${variants[@]}" <<'PYTHON' | tee "$output/table.md"
import json, pathlib, statistics, sys
output = pathlib.Path(sys.argv[1])
names = [pathlib.Path(path).stem for path in sys.argv[2:]]
scores = {}
for name in names:
    for path in sorted((output / name).glob("fold*/evaluation.json")):
        for row in json.loads(path.read_text())["results"]:
            if row["grouping"] == "all" and row["joints"] == "all" and row["filler"] == "none":
                scores.setdefault(row["composition"], {}).setdefault(name, []).append((row["pa_mpjpe"], row["n_mpjpe"]))
print("| PA-MPJPE / N-MPJPE, mm | " + " | ".join(names) + " |")
print("|" + "---|" * (len(names) + 1))
for composition, of_variant in scores.items():
    cells = [" / ".join(f"{statistics.mean(metric):.1f}" for metric in zip(*of_variant[name])) if name in of_variant else "–"
             for name in names]
    print(f"| {composition} | " + " | ".join(cells) + " |")
PYTHON
