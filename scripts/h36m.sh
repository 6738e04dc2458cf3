#!/usr/bin/env bash
# Table 1: PA-MPJPE and N-MPJPE on Human3.6M (S9, S11), LInKs and ElePose.
# scripts/h36m.sh --train FILE... --test FILE... --output FOLDER [--seeds N] [...]: links sweep --help says what else.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
sweep h36m "$@"
