#!/usr/bin/env bash
# Table 3: lifting under the eight occlusions, completed in 2D (O_2D) and in 3D (O_3D).
purpose="Table 3: the eight occlusions, completed in 2D and in 3D."
recipe=stable size=reduced data_set=cmu
source "$(dirname "${BASH_SOURCE[0]}")/sweep.sh"
parse_arguments "$@"
train_and_tabulate 3 links all
