# Sourced by the scripts that make the paper's tables: their command line, and runs trained several at a time, side by
# side in one process (links train --seeds --variant) and in several processes. A run that is finished is not trained
# again; one that was cut off goes on from its checkpoint. Paths are relative to the caller's folder.
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
  --jobs N              processes at a time (default: one a CPU core, 1 on a GPU)
  --together N          most runs that a process trains side by side (default 8); their results do not depend on it
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
  train=() test=() overrides=() output='' seeds=1 jobs='' together=8 device=auto dry_run='' links=$build/bin/links
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
      --output | --seeds | --recipe | --size | --data-set | --jobs | --together | --device | --set | --links)
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
  [[ $together =~ ^[1-9][0-9]*$ ]] || die "--together: expected a number from 1, found '$together'"
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
    if [[ $device == cpu ]]; then jobs=$(nproc); else jobs=1; fi
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

# train_group FOLDER RECIPE VARIANTS FIRST LAST STAGES [--set ...]: trains the variants with the seeds FIRST to LAST in
# one process and, but for flows alone, evaluates them. A run lies in FOLDER/seedN; of several variants in
# FOLDER/VARIANT/seedN.
train_group() {
  local folder=$1 recipe=$2 first=$4 last=$5 stages=$6 done_file=evaluation.json
  local name variant seed suffix='' words=() names=() run
  [[ $stages != flows ]] || done_file=flows.done
  [[ $size == paper ]] || suffix=_$size
  words=("$links" train --config "configs/recipes/$recipe$suffix.yaml" --config "configs/datasets/$data_set.yaml")
  local variants=($3)
  for variant in "${variants[@]}"; do
    run=$folder
    if ((${#variants[@]} > 1)); then
      run+=/$variant
      words+=(--variant "configs/variants/$variant.yaml")
    else
      words+=(--config "configs/variants/$variant.yaml")
    fi
    for ((seed = first; seed <= last; ++seed)); do
      if [[ -f $output/$run/seed$seed/$done_file ]]; then
        say "$run/seed$seed: done before"
      else
        names+=("$run/seed$seed")
      fi
    done
  done
  ((${#names[@]})) || return 0
  for name in $stages; do words+=(--stage "$name"); done
  words+=(--set "data.training=$(list "${train[@]}")" --set "data.validation=$(list "${test[@]}")" "${@:7}"
    "${overrides[@]}" --set "threads=$threads" --device "$device" --seeds "$first-$last" --together "$together"
    --output "$output/$folder" --resume)
  if [[ -n $dry_run ]]; then
    printf '%q ' "${words[@]}" && echo
    for name in "${names[@]}"; do
      [[ $stages == flows ]] || evaluate_run "$name"
    done
    return 0
  fi
  local start=$SECONDS screen=$output/$folder.seeds$first-$last.log finished took
  mkdir -p "$(dirname "$screen")"
  export OMP_NUM_THREADS=$threads
  finished=${screen%.log}.finished
  "${words[@]}" >"$finished" 2>"$screen" </dev/null || true
  took="$((SECONDS - start)) s"
  ((${#names[@]} == 1)) || took+=", ${#names[@]} together"
  for name in "${names[@]}"; do
    run=$output/$name
    [[ ! -d $run ]] || cat "$screen" >>"$run/screen.txt"
    if ! grep -qxF -- "$run" "$finished"; then
      fail "$name: training failed: $(why "$run" "$screen")"
    elif [[ $stages == flows ]]; then
      : >"$run/$done_file"
      say "$name: trained in $took"
    elif evaluate_run "$name"; then
      say "$name: trained in $took"
    fi
  done
  rm -f "$screen" "$finished"
}

# Why a run failed: what the program said of it, or its last words.
why() {
  local said
  said=$(grep -F -- "error: $1: " "$2" | tail -n 1)
  if [[ -n $said ]]; then echo "error: ${said#*"error: $1: "}"; else tail -n 1 "$2"; fi
}

# evaluate_run NAME: a dry run says how.
evaluate_run() {
  local run=$output/$1
  local words=("$links" evaluate --run "$run" --data "${test[@]}" --protocol "$data_set" --device "$device"
    --output "$run/evaluation.json")
  if [[ -n $dry_run ]]; then
    printf '%q ' "${words[@]}" && echo
    return
  fi
  "${words[@]}" >"$run/evaluation.txt" 2>>"$run/screen.txt" </dev/null && return
  fail "$1: evaluation failed: $(tail -n 1 "$run/screen.txt")"
  return 1
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

# start_groups FOLDER RECIPE VARIANTS STAGES [--set ...]: train_group for all seeds, as many at a time as leave work for
# every job.
start_groups() {
  local variants=($3) first each=$(((seeds + jobs - 1) / jobs)) most
  most=$((together / ${#variants[@]}))
  ((most > 0)) || most=1
  ((each <= most)) || each=$most
  for ((first = 1; first <= seeds; first += each)); do
    local last=$((first + each - 1))
    start train_group "$1" "$2" "$3" "$first" "$((last < seeds ? last : seeds))" "${@:4}"
  done
}

# folders_of FOLDER: a run's folder for each seed, into the array `folders`.
folders_of() {
  local seed
  for ((seed = 1; seed <= seeds; ++seed)); do folders+=("$1/seed$seed"); done
}

# train_and_tabulate NUMBER VARIANT STAGES [VARIANT STAGES ...]: the variants with every seed and recipe, and their table.
train_and_tabulate() {
  local number=$1 r i folders=()
  shift
  for r in $recipe; do
    for ((i = 1; i <= $#; i += 2)); do
      folders_of "$r/${!i}"
      start_groups "$r/${!i}" "$r" "${!i}" "${@:i+1:1}"
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
