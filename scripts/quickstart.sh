#!/usr/bin/env bash
# From a fresh clone to a real person lifted: set-up, build, a part of the CMU motion capture, every stage of training, an
# evaluation on people not trained on, and the real clip of third_party/real_clip as a page to look at. About a quarter of an
# hour on 2 cores, three minutes of it training. Run again after an interruption it goes on where it stopped. Tables go
# to stdout, the rest to stderr.
# --synthetic: on poses of made-up people instead, which needs no data at all, and ends with a picture.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source scripts/mocap.sh

kind=quickstart
for word; do
  [[ $word == --synthetic ]] || die "expected nothing or --synthetic, found '$word'"
  kind=synthetic
done
run=runs/$kind train=$quick_train test=$quick_test
[[ $kind == quickstart ]] || train=runs/synthetic-train.h5 test=runs/synthetic-test.h5

# lift_clip RUN NAME TITLE: a hundred frames of one person from two cameras, lifted, as pages and scored.
lift_clip() {
  local camera files=()
  for camera in cam02 cam03; do
    "$links" lift --run "$1" --input third_party/real_clip/$camera --fps 60 -o "$run/$2-$camera.json" \
      --html "$run/$2-$camera.html" >/dev/null
    files+=("$camera=$run/$2-$camera.json")
  done
  echo "real clip, $3 (14 joints):"
  "$python" scripts/score_clip.py "${files[@]}"
}

scripts/setup.sh
scripts/build.sh links_app
mkdir -p runs
if [[ $kind == synthetic ]]; then
  # Another seed gives other people: nobody in the test file is in the training file.
  say "data: synthetic poses in $train and $test (seconds)"
  [[ -f $train ]] || "$links" data synthesize --output "$train" --poses 20000 --seed 1 >&2
  [[ -f $test ]] || "$links" data synthesize --output "$test" --poses 4000 --seed 2 >&2
else
  python=$(python_with h5py) || die "a Python with h5py was not found: run scripts/setup.sh."
  unpack_mocap
  import_quick
fi

say "training: flows, lifters, occlusion fillers and completion in $run (two to three minutes on 2 cores; Ctrl-C is safe)"
train_run "configs/$kind.yaml" "$run"

say "evaluation: people not trained on (seconds)"
"$links" evaluate --run "$run" --data "$test" --output "$run/evaluation.json" --predictions-output "$run/lifted.h5"

if [[ $kind == synthetic ]]; then
  say "picture: some lifted poses (seconds)"
  "$links" render --data "$test" --predictions "$run/lifted.h5" --output "$run/lifted.png" >&2
  say "done: the table above, $run/evaluation.json and the picture $run/lifted.png"
  exit
fi

say "a real person: OpenPose's keypoints of third_party/real_clip, lifted (seconds)"
lift_clip "$run" quickstart "this run"
page=$run/quickstart-cam02.html
if [[ -f models/cmu/config.yaml ]]; then
  lift_clip models/cmu model "the shipped model models/cmu"
  page="$run/model-cam02.html (the shipped model) and $page (this run)"
fi
say "done: the tables above and $run/evaluation.json. Open in a browser: $page"
