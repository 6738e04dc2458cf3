#!/usr/bin/env bash
# Makes models/cmu, the model that `links lift` uses without --run: imports the CMU motion capture as people's own videos
# would show it, trains configs/recommended.yaml to runs/model/run, packs it and writes its card. Some twenty minutes on 2
# cores; run again after an interruption it goes on where it stopped.
# scripts/model.sh [--run RUN] [--name NAME]: of a run that is finished already, or to models/NAME. The run is one trained on
# the same pose files (runs/cmu/wild_train.h5).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source scripts/mocap.sh

run='' name=cmu
while (($#)); do
  case $1 in
    --run | --name)
      (($# > 1)) || die "$1: expected a value, found none"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    *) die "expected --run RUN or --name NAME, found '$1'" ;;
  esac
done
[[ $name =~ ^[A-Za-z0-9_-]+$ ]] || die "--name: expected letters, digits, - and _, found '$name'"

scripts/setup.sh
scripts/build.sh links_app

unpack_mocap
mkdir -p runs/model
import_wild

if [[ -z $run ]]; then
  run=runs/model/run
  say "training: configs/recommended.yaml in $run (twenty minutes on 2 cores; Ctrl-C is safe)"
  train_run configs/recommended.yaml $run
fi

say "packing $run; its errors in half precision are held against its own (minutes)"
made=runs/model/packed
rm -rf $made
# What lifts and what `links adapt` starts from; the completion stands for the occlusion fillers.
"$links" pack --run "$run" --stage full_flow --stage segment_flows --stage lifters --stage completion --data $wild_val \
  --output $made >&2

say "how far each joint may be off, on every other validation subject (minutes)"
spread=$("$links" calibrate --run $made --data $wild_val --device cpu | head -n -1)

say "figures: the validation subjects, the real clip, the sample that the tests compute again (minutes)"
# Of the table what is over all poses, and what is hidden.
table=$("$links" evaluate --run $made --data $wild_val --device cpu --output runs/model/evaluation.json |
  awk -v RS= -v ORS='\n\n' "/^(Lifting|Occlusion, .*the field's)/")
python=$(python_with h5py) || die "a Python with h5py was not found: run scripts/setup.sh."
"$python" scripts/model_figures.py --links "$links" --model $made >$made/figures.json
clip=$("$python" -c 'import json, sys
clip = json.load(open(sys.argv[1]))["clip"]
print(", ".join(f"{camera} {error:.1f} mm" for camera, error in clip.items()))' $made/figures.json)

cat >$made/LICENSE <<LICENCE
The networks in this folder are under the MIT licence of the project (LICENSE in its root).

They were trained on motion capture of the CMU Graphics Lab Motion Capture Database, which may be used freely but not be
sold by itself, even in converted form. Credit: "$courtesy"
LICENCE

by_name=''
[[ $name == cmu ]] || by_name="--run models/$name "
cat >$made/README.md <<CARD
# $name: keypoints of people in images to 3D joints

Lifts the 2D keypoints that a detector finds of a person in one image to 17 joints in 3D, whatever joints are missing.

\`\`\`sh
links lift $by_name--input detections/ -o people.json --html people.html
\`\`\`

- **Trained on** CMU motion capture (\`third_party/cmu_mocap\`: 232 clips of 16 subjects, among them clips on one synthetic
  body), seen by virtual cameras such as people's own videos have (\`--cameras wild\`), with the
  proportions of many people (\`--bodies varied\`), joints where a detector puts them, noise of 1.5 px. No real image and no detector's error beyond that noise was in it. The networks learn from the 2D
  alone; 3D gives the bone ratios of a person and the size of a unit.
- **Recipe**: \`config.yaml\`; the log of the training is \`metrics.jsonl\`. Made again by \`scripts/model.sh\`.
- **Version**: $("$links" --version), seed $(sed -n 's/^seed: //p' $made/config.yaml).

## Figures
A real person, not of the training data, OpenPose's keypoints, 14 joints, PA-MPJPE: $clip (\`third_party/real_clip\`; the
flat pose has 76 and 138 mm there, the keypoints with the true depths 21 and 47).

Six subjects of the same database that no training clip shows, $(basename $wild_val) of \`scripts/model.sh\`:

\`\`\`
$table
\`\`\`

PA-MPJPE and N-MPJPE in mm, PCK and AUC in percent ([evaluation](../../docs/evaluation.md)); \`mask\` is the network that completes
hidden joints. Where all joints are seen \`links lift\` takes the depths of \`lifters.whole_pose\`:
$(sed -n 's/^ *whole_pose: //p' $made/config.yaml).

How many of the true joints lie within \`--spread\`, by its factors from half of these subjects:

\`\`\`
$spread
\`\`\`

The recipe was chosen with an eye on these subjects and on the clip: take the figures for what was reached, not for a
test result.

## What it is not for
- **Human3.6M's tables**: its joints are a detector's, not that data set's, and it has not been evaluated there.
- **Measuring**: the size of a person and the distance come from typical bones unless \`--height\` says more; errors of a few
  centimetres a joint are normal, more for hidden joints and for people seen steeply from above or below.
- **People unlike those of the training data**: children, wheelchairs, lying and acrobatics beyond what sixteen adults
  did for a recording; animals.
- **Decisions about people**: medical, safety or identity. It makes the likely pose, also where the image says another.
CARD
rm -rf "models/$name"
mv $made "models/$name"
say "done: models/$name, $(du -sh "models/$name" | cut -f 1); $clip"
