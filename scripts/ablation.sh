#!/usr/bin/env bash
# Table 4: every way of lifting, each loss switched off in turn, and the ceiling of 3D supervision.
# scripts/ablation.sh --train FILE... --test FILE... --output FOLDER [--seeds N] [...]: links sweep --help says what else.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
sweep ablation "$@"
