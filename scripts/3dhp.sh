#!/usr/bin/env bash
# Table 2: PA-MPJPE, N-PCK and AUC on MPI-INF-3DHP (TS1 to TS6), LInKs and ElePose.
# scripts/3dhp.sh --train FILE... --test FILE... --output FOLDER [--seeds N] [...]: links sweep --help says what else.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
sweep 3dhp "$@"
