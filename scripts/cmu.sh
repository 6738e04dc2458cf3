#!/usr/bin/env bash
# The CMU motion capture of third_party/cmu_mocap as pose files: unpacks the archives to runs/cmu/mocap and imports them to
# runs/cmu/train.h5 and val.h5, seen by Human3.6M's cameras, and wild_train.h5 and wild_val.h5, by such as people's own videos
# have, for configs/recommended.yaml (a minute, 300 MB). With --train also the benchmark of docs/cmu.md: trains
# configs/cmu.yaml to runs/cmu/run and evaluates it on the six validation subjects (half an hour on 2 cores).
# Run again after an interruption it goes on where it stopped. The table goes to stdout, the rest to stderr.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source scripts/mocap.sh

train=''
for word; do
  [[ $word == --train ]] || die "expected nothing or --train, found '$word'"
  train=yes
done

scripts/setup.sh
scripts/build.sh links_app

unpack_mocap
import_mocap runs/cmu/train.h5 runs/cmu/mocap/train runs/cmu/mocap/train_daz --views 4 --fps 30
import_mocap runs/cmu/val.h5 runs/cmu/mocap/val --views 4 --fps 30
import_wild
if [[ -z $train ]]; then
  say "done: train.h5, val.h5, wild_train.h5 and wild_val.h5 in runs/cmu; scripts/cmu.sh --train goes on with the benchmark"
  exit
fi

say "training: flows, lifters, occlusion fillers and completion in runs/cmu/run (half an hour on 2 cores; Ctrl-C is safe)"
train_run configs/cmu.yaml runs/cmu/run
say "evaluation: six subjects not trained on (a minute)"
"$links" evaluate --run runs/cmu/run --data runs/cmu/val.h5 --output runs/cmu/run/evaluation.json
say "done: the table above and runs/cmu/run/evaluation.json; docs/cmu.md has it to compare with"
