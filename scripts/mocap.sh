# Sourced by the scripts that train on the CMU motion capture of third_party/cmu_mocap: its files, and steps that are not
# done twice.
links=$build/bin/links
courtesy="The data used in this project was obtained from mocap.cs.cmu.edu. \
The database was created with funding from NSF EIA-0196217."

# unpack_mocap: the folders train, val and train_daz of BVH files to runs/cmu/mocap.
unpack_mocap() {
  local folder=runs/cmu/mocap archive
  [[ ! -f $folder/whole ]] || return 0
  say "data: unpacking third_party/cmu_mocap to $folder (seconds, 100 MB)"
  rm -rf "$folder"
  mkdir -p "$folder"
  for archive in third_party/cmu_mocap/*.tar.xz; do
    # Each has an index.csv, whose rows all end in one.
    mkdir -p "$folder/part"
    # Python unpacks where there is no xz.
    tar -xJf "$archive" -C "$folder/part" 2>/dev/null || python3 -m tarfile -e "$archive" "$folder/part" ||
      die "$archive could not be unpacked"
    grep -h . "$folder/part/index.csv" | sed "$([[ -f $folder/index.csv ]] && echo 1d)" >>"$folder/index.csv"
    find "$folder/part" -mindepth 1 -maxdepth 1 -type d -exec mv -t "$folder" {} +
    rm -rf "$folder/part"
  done
  touch "$folder/whole"
}

# import_mocap OUTPUT FOLDER... OPTION...: with what `links data import bvh` takes.
import_mocap() {
  [[ ! -f $1 ]] || return 0
  say "data: importing to $1 (seconds to a minute)"
  "$links" data import bvh "${@:2}" --output "$1" --source "$courtesy" \
    --licence "free for all uses; the data themselves may not be sold (mocap.cs.cmu.edu)" >&2
}

# The poses as people's own videos would show them, for configs/recommended.yaml. Those to validate on keep the recorded
# bodies.
wild_train=runs/cmu/wild_train.h5
wild_val=runs/cmu/wild_val.h5
wild=(--cameras wild --joints detector --noise 1.5)
wild_to_train=("${wild[@]}" --bodies varied)
import_wild() {
  import_mocap $wild_train runs/cmu/mocap/train runs/cmu/mocap/train_daz --views 4 --fps 30 "${wild_to_train[@]}"
  import_mocap $wild_val runs/cmu/mocap/val --views 4 --fps 30 "${wild[@]}"
}

# A part of them for the quickstart, every third frame in one view: 17,000 poses of 12 people, 1,900 of 6 others.
quick_train=runs/cmu/quick_train.h5
quick_test=runs/cmu/quick_test.h5
import_quick() {
  import_mocap $quick_train runs/cmu/mocap/train --views 1 --fps 10 "${wild_to_train[@]}"
  import_mocap $quick_test runs/cmu/mocap/val --views 1 --fps 10 "${wild[@]}"
}

# train_run CONFIG RUN OPTION...: from the start, or on from where it stopped.
train_run() {
  local resume=()
  [[ -z $(ls -A "$2" 2>/dev/null) ]] || resume=(--resume)
  "$links" train --config "$1" --output "$2" "${@:3}" "${resume[@]}" >&2
}
