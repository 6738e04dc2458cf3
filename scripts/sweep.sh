# Sourced by the scripts that make the paper's tables: their command line, and runs trained several at a time.
# A run that is finished is not trained again; one that was cut off goes on from its checkpoint. Paths are relative to
# the caller's folder.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<EOF
scripts/$script.sh --train FILE... --test FILE... --output FOLDER [options]
$purpose
  --train FILE...       pose files to train on (links data import)
  --test FILE...        pose files to evaluate on
  --output FOLDER       where runs and tables go; run again with the same folder to finish or extend them
  --seeds N             seeds 1 to N of every run: mean and deviation (default 1)
  --recipe stable|literal|both
                        with what makes it converge, to the paper's letter, or both (default $recipe)
  --size reduced|paper  reduced: one to three minutes a run on a CPU core; paper: for a GPU (default $size)
  --data-set h36m|mpi-inf-3dhp|cmu
                        options and evaluation protocol of the data (default $data_set)
  --jobs N              runs at a time (default: one a CPU core, 4 on a GPU)
  --device DEVICE       auto, cpu, cuda or cuda:N (default auto)
  --set KEY=VALUE       override one option in every run; may be given again
  --links PROGRAM       the program (default build/release/bin/links)
  --dry-run             say what would be run
EOF
}

# One of the values, or the end: one_of OPTION VALUE ALLOWED...
one_of() {
  local option=$1 value=$2 allowed
  for allowed in "${@:3}"; do [[ $value != "$allowed" ]] || return 0; done
  die "$option: expected ${*:3}, found '$value'"
}

# The caller sets purpose, recipe, size and data_set before.
parse_arguments() {
  train=() test=() overrides=() output='' seeds=1 jobs='' device=auto dry_run='' links=$build/bin/links
  cd "$OLDPWD"
  while (($#)); do
    case $1 in
      --train | --test)
        local -n files=${1#--}
        shift
        while (($#)) && [[ $1 != --* ]]; do
          [[ -f $1 ]] || die "expected a pose file, found no file '$1'"
          files+=("$(realpath "$1")")
          shift
        done
        ;;
      --dry-run) dry_run=yes && shift ;;
      --help | -h) usage && exit 0 ;;
      --output | --seeds | --recipe | --size | --data-set | --jobs | --device | --set | --links)
        (($# > 1)) || die "$1: expected a value, found none"
        local name=${1#--}
        if [[ $name == set ]]; then overrides+=(--set "$2"); else printf -v "${name//-/_}" %s "$2"; fi
        shift 2
        ;;
      *) die "expected an option of scripts/$script.sh --help, found '$1'" ;;
    esac
  done
  ((${#train[@]})) || die "--train: expected pose files, found none"
  ((${#test[@]})) || die "--test: expected pose files, found none"
  [[ -n $output ]] || die "--output: expected a folder, found none"
  [[ $seeds =~ ^[1-9][0-9]*$ ]] || die "--seeds: expected a number from 1, found '$seeds'"
  [[ $jobs =~ ^([1-9][0-9]*)?$ ]] || die "--jobs: expected a number from 1, found '$jobs'"
  one_of --recipe "$recipe" stable literal both
  one_of --size "$size" reduced paper
  one_of --data-set "$data_set" h36m mpi-inf-3dhp cmu
  [[ $recipe != both ]] || recipe="stable literal"
  [[ $links == */* && -x $links ]] || die "expected the program at '$links', found none: scripts/build.sh makes it"
  links=$(realpath "$links")
  if [[ $device == auto ]]; then
    device=cpu
    ! "$links" info | grep -q '^cuda  *cuda:' || device=cuda
  fi
  if [[ -z $jobs ]]; then
    if [[ $device == cpu ]]; then jobs=$(nproc); else jobs=4; fi
  fi
  threads=$(($(nproc) / jobs))
  ((threads > 0)) || threads=1
  output=$(realpath -m "$output")
  failures=$output/failures.txt
  cd "$root"
  [[ -z $dry_run ]] || return 0
  mkdir -p "$output"
  : >"$failures"
  same_sweep
}

# A folder holds one sweep: other data, sizes or options would be mixed with figures that are there.
same_sweep() {
  local call
  call=$(printf '%s\n' "train: ${train[*]}" "test: ${test[*]}" "size: $size" "data set: $data_set" "set: ${overrides[*]}")
  if [[ ! -f $output/sweep.txt ]]; then
    echo "$call" >"$output/sweep.txt"
  elif [[ $(<"$output/sweep.txt") != "$call" ]]; then
    die "--output: expected a new folder or the one of the same sweep, found another sweep in $output/sweep.txt"
  fi
}

# YAML for --set: a text, and a list of texts.
text() { printf "'%s'" "${1//\'/\'\'}"; }
list() {
  local item separator=''
  printf '['
  for item in "$@"; do printf '%s%s' "$separator" "$(text "$item")" && separator=,; done
  printf ']'
}

# train_run FOLDER RECIPE VARIANT SEED STAGES [--set ...]: trains and, but for flows alone, evaluates a run.
train_run() {
  local folder=$output/$1 recipe=$2 variant=$3 seed=$4 stage=$5 done_file=evaluation.json
  [[ $stage != flows ]] || done_file=flows.done
  if [[ -f $folder/$done_file ]]; then
    say "$1: done before"
    return 0
  fi
  local suffix='' resume=() stages=()
  for name in $stage; do stages+=(--stage "$name"); done
  [[ $size == paper ]] || suffix=_$size
  [[ -z $(ls -A "$folder" 2>/dev/null) ]] || resume=(--resume)
  local train_command=("$links" train --config "configs/recipes/$recipe$suffix.yaml"
    --config "configs/datasets/$data_set.yaml" --config "configs/variants/$variant.yaml"
    --set "data.training=$(list "${train[@]}")" --set "data.validation=$(list "${test[@]}")" --set "seed=$seed"
    "${@:6}" "${overrides[@]}" --set "threads=$threads" --device "$device" "${stages[@]}" --output "$folder"
    "${resume[@]}")
  local evaluate_command=("$links" evaluate --run "$folder" --data "${test[@]}" --protocol "$data_set"
    --device "$device" --output "$folder/evaluation.json")
  if [[ -n $dry_run ]]; then
    printf '%q ' "${train_command[@]}" && echo
    [[ $stage == flows ]] || { printf '%q ' "${evaluate_command[@]}" && echo; }
    return 0
  fi
  mkdir -p "$(dirname "$folder")"
  local start=$SECONDS screen=$folder.log
  export OMP_NUM_THREADS=$threads
  if ! "${train_command[@]}" >"$screen" 2>&1 </dev/null; then
    [[ ! -d $folder ]] || mv "$screen" "$folder/screen.txt"
    fail "$1: training failed: $(tail -n 1 "$folder/screen.txt" 2>/dev/null || tail -n 1 "$screen")"
    return 0
  fi
  mv "$screen" "$folder/screen.txt"
  if [[ $stage == flows ]]; then
    : >"$folder/$done_file"
  elif ! "${evaluate_command[@]}" >"$folder/evaluation.txt" 2>>"$folder/screen.txt" </dev/null; then
    fail "$1: evaluation failed: $(tail -n 1 "$folder/screen.txt")"
    return 0
  fi
  say "$1: trained in $((SECONDS - start)) s"
}

fail() {
  say "$*"
  echo "$*" >>"$failures"
}

# Runs a command in the background, in a process group of its own, once fewer than $jobs are running; a dry run prints
# in order instead.
start() {
  if [[ -n $dry_run ]]; then
    "$@"
    return
  fi
  while (($(jobs -rp | wc -l) >= jobs)); do wait -n || true; done
  set -m
  (trap 'exit 143' TERM; "$@") &
  set +m
}

finish() {
  while [[ -n $(jobs -rp) ]]; do wait -n || true; done
}

# On Ctrl-C the runs write their checkpoints; a second signal would keep them from it.
stop() {
  trap '' INT TERM HUP
  local group
  for group in $(jobs -rp); do kill -TERM -- "-$group" 2>/dev/null || true; done
  finish
  say "stopped: run it again with the same folder to go on"
  exit 130
}
trap stop INT TERM HUP

# train_and_tabulate NUMBER VARIANT STAGES [VARIANT STAGES ...]: the variants with every seed and recipe, and their table.
train_and_tabulate() {
  local number=$1 seed r i folders=()
  shift
  for ((seed = 1; seed <= seeds; ++seed)); do
    for r in $recipe; do
      for ((i = 1; i <= $#; i += 2)); do
        folders+=("$r/${!i}/seed$seed")
        start train_run "$r/${!i}/seed$seed" "$r" "${!i}" "$seed" "${@:i+1:1}"
      done
    done
  done
  finish
  make_table "$number" "${folders[@]}"
}

# make_table NUMBER FOLDER...: the table of these runs, as text on stdout and in all formats in the output folder.
make_table() {
  local number=$1 format runs=() folder
  shift
  if [[ -n $dry_run ]]; then
    printf '%q ' "$links" report --table "$number" "${@/#/$output/}" && echo
    return 0
  fi
  for folder in "$@"; do
    [[ ! -f $output/$folder/evaluation.json ]] || runs+=("$output/$folder")
  done
  ((${#runs[@]})) || die "no run was finished: $failures says why"
  for format in csv md tex json text; do
    "$links" report "${runs[@]}" --table "$number" --format "$format" --output "$output/table$number.${format/text/txt}"
  done
  cat "$output/table$number.txt"
  if [[ -s $failures ]]; then
    cat "$failures" >&2
    die "$(wc -l <"$failures") runs failed, listed above; the table holds the others"
  fi
}
