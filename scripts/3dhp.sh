#!/usr/bin/env bash
# Table 2: PA-MPJPE, N-PCK and AUC on MPI-INF-3DHP (TS1 to TS6), LInKs and ElePose.
purpose="Table 2: PA-MPJPE, N-PCK and AUC on MPI-INF-3DHP (TS1 to TS6), LInKs and ElePose."
recipe=stable size=paper data_set=mpi-inf-3dhp
source "$(dirname "${BASH_SOURCE[0]}")/sweep.sh"
parse_arguments "$@"
train_and_tabulate 2 links all elepose "flows lifters"
