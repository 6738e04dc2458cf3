#!/usr/bin/env bash
# From a fresh clone to a table: set-up, build, a synthetic data set, every stage of training, an evaluation on
# subjects not trained on, and a picture. About a quarter of an hour on 2 cores, two to three minutes of it training.
# Run again after an interruption it goes on where it stopped. The table goes to stdout, the rest to stderr.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

links=$build/bin/links
train=runs/quickstart-train.h5
test=runs/quickstart-test.h5
run=runs/quickstart

scripts/setup.sh
scripts/build.sh links_app

# Another seed gives other people: nobody in the test file is in the training file.
mkdir -p runs
say "data: synthetic poses in $train and $test (seconds)"
[[ -f $train ]] || "$links" data synthesize --output "$train" --poses 20000 --seed 1 >&2
[[ -f $test ]] || "$links" data synthesize --output "$test" --poses 4000 --seed 2 >&2

resume=()
[[ -z $(ls -A "$run" 2>/dev/null) ]] || resume=(--resume)
say "training: flows, lifters, occlusion fillers and completion in $run (two to three minutes on 2 cores; Ctrl-C is safe)"
"$links" train --config configs/quickstart.yaml --output "$run" "${resume[@]}" >&2

say "evaluation: people not trained on (seconds)"
"$links" evaluate --run "$run" --data "$test" --output "$run/evaluation.json" --predictions-output "$run/lifted.h5"

say "picture: some lifted poses (seconds)"
"$links" render --data "$test" --predictions "$run/lifted.h5" --output "$run/lifted.png" >&2
say "done: the table above, $run/evaluation.json and the picture $run/lifted.png"
