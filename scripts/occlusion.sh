#!/usr/bin/env bash
# Table 3: lifting under the eight occlusions, completed in 2D (O_2D) and in 3D (O_3D).
# scripts/occlusion.sh --train FILE... --test FILE... --output FOLDER [--seeds N] [...]: links sweep --help says what else.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
sweep occlusion "$@"
