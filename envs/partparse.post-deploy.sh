#!/usr/bin/env bash
set -euo pipefail
lock=${PARTPARSE_LOCK:?set by rules/common.smk}
bash "${lock%/*}/install.sh" "$CONDA_PREFIX/bin/python"
