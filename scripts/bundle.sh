#!/usr/bin/env bash
# One archive of the program that runs without root and without any package of ours, wherever a torch of the same version
# is: in the active Python, or in LINKS_LIBTORCH. It holds the program, the libraries that it needs beside LibTorch's and
# CUDA's, configurations, joint maps, models, the GPU tests, the peers in PyTorch and scripts/gpu_check.sh with its data.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<EOF
scripts/$script.sh [options]
One archive of the program for machines with a torch of the same version, in dist/. Its name goes to stdout.
  --build FOLDER    the build that is packed (default build/cuda: cmake --preset cuda makes it)
  --output FOLDER   where the archive goes (default dist)
  --folder          leave the unpacked folder there instead of the archive
  --without-data    leave out models and motion capture, a third of the size: for use beside a source tree that has them
EOF
}

from=$root/build/cuda output=$root/dist data=yes archive=yes
cd "$OLDPWD"
while (($#)); do
  case $1 in
    --without-data) data='' && shift ;;
    --folder) archive='' && shift ;;
    --help | -h) usage && exit 0 ;;
    --build | --output)
      (($# > 1)) || die "$1: expected a folder, found none"
      if [[ $1 == --build ]]; then from=$(realpath -m "$2"); else output=$(realpath -m "$2"); fi
      shift 2
      ;;
    *) die "expected an option of scripts/$script.sh --help, found '$1'" ;;
  esac
done
cd "$root"
[[ -f $from/CMakeCache.txt ]] || die "--build: expected a build folder in '$from', found none: cmake --preset cuda"
cached() { sed -n "s/^$1:[A-Z]*=//p" "$from/CMakeCache.txt"; }
most_mb=60

say "building what is packed, in ${from#"$root"/}"
cmake --build "$from" --target links_app gpu_test >&2
torch=$(cached LINKS_LIBTORCH) version=$(cached LINKS_LIBTORCH_VERSION)
cudart=$(objdump -p "$from/bin/links" | sed -n 's/^ *NEEDED *\(libcudart\.so\.[0-9]*\)$/\1/p')
kind=cpu
[[ -z $cudart ]] || kind=cuda${cudart##*.}
name=links-$(cached CMAKE_PROJECT_VERSION)-$kind-$(uname -m)
mkdir -p "$output"
stage=$(mktemp -d "$output/stage.XXXXXX")
trap 'rm -rf "$stage"' EXIT
folder=$stage/$name

say "packing $name"
cmake --install "$from" --prefix "$stage/installed" >/dev/null
mkdir -p "$folder"/{bin,libexec,lib,share,scripts,bench}
cp -r "$stage/installed/share/links" "$folder/share/"
cp "$from/bin/links" "$folder/libexec/links"
cp "$from/tests/gpu_test" "$folder/libexec/links-gpu-test"
cp bench/peer_*.py bench/tensor_file.py "$folder/bench/"
cp scripts/{common.sh,gpu_check.sh,gpu_check.py} "$folder/scripts/"
cp LICENSE "$folder/"
if [[ -n $data ]]; then
  mkdir "$folder/third_party"
  cp -r third_party/cmu_mocap "$folder/third_party/"
else
  rm -rf "$folder/share/links/models"
fi

# What the loader finds for them outside LibTorch and CUDA; the C library and its parts are the system's.
system='^(linux-vdso|ld-linux.*|lib(c|m|pthread|dl|rt|util|resolv|anl|mvec))\.so'
for program in "$folder"/libexec/*; do ldd "$program"; done | awk '$2 == "=>" { print $1, $3 }' | sort -u |
  while read -r library path; do
    [[ ! $library =~ $system && $path != "$torch"/* && $path != */nvidia/* ]] || continue
    [[ $path == /* ]] || die "expected every library of the programs to be found, found none for $library"
    cp "$path" "$folder/lib/$library"
  done
strip --strip-unneeded "$folder"/libexec/* "$folder"/lib/*
# As CMake itself sets what an installed program's is.
for program in "$folder"/libexec/*; do
  echo "file(RPATH_SET FILE \"$program\" NEW_RPATH \"\$ORIGIN/../lib\")" >"$stage/rpath.cmake"
  cmake -P "$stage/rpath.cmake" >&2
done

# The newest C library that any of the files asks for.
glibc=$(objdump -T "$folder"/libexec/* "$folder"/lib/* | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
sed -e "s/@MACHINE@/$(uname -m)/g; s/@GLIBC@/$glibc/g; s/@TORCH@/$version/g; s/@TORCH_SERIES@/${version%.*}/g" \
  -e "s/@CUDART@/$cudart/g; s/ @WORDS@ are set by bundle.sh: what the programs were built with\.//" \
  scripts/launcher.sh >"$folder/bin/links"
chmod +x "$folder/bin/links"
ln -s links "$folder/bin/links-gpu-test"
cat >"$folder/README" <<EOF
links $(cached CMAKE_PROJECT_VERSION), a program that lifts 2D poses to 3D, for $(uname -m) with glibc $glibc or newer.

It takes LibTorch${cudart:+ with CUDA ${cudart##*.}} from the torch ${version%.*} in the active Python, or from the folder in LINKS_LIBTORCH:
  pip install torch==$version
  bin/links --help
  scripts/gpu_check.sh --minutes 8 --output results     # tests, times and errors on this machine's GPU
EOF

if [[ -z $archive ]]; then
  rm -rf "${output:?}/$name"
  mv "$folder" "$output/"
  say "done: glibc $glibc or newer, LibTorch $version${cudart:+ with $cudart}"
  echo "$output/$name"
  exit
fi
archive=$output/$name.tar.xz
tar -C "$stage" --owner=0 --group=0 --sort=name -cf - "$name" | xz -T2 >"$stage/archive"
bytes=$(stat -c %s "$stage/archive")
((bytes <= most_mb * 1000000)) || die "expected an archive of at most $most_mb MB, found $((bytes / 1000000)): what has grown?"
mv "$stage/archive" "$archive"
say "done: $((bytes / 1000000)) MB, glibc $glibc or newer, LibTorch $version${cudart:+ with $cudart}"
echo "$archive"
