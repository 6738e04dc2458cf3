#!/usr/bin/env bash
# Table 1: PA-MPJPE and N-MPJPE on Human3.6M (S9, S11), LInKs and ElePose.
purpose="Table 1: PA-MPJPE and N-MPJPE on Human3.6M (S9, S11), LInKs and ElePose."
recipe=stable size=paper data_set=h36m
source "$(dirname "${BASH_SOURCE[0]}")/sweep.sh"
parse_arguments "$@"
train_and_tabulate 1 links all elepose "flows lifters"
