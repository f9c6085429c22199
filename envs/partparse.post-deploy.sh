#!/usr/bin/env bash
# Without --no-deps pip would fetch what mmpose asks for and never imports (see docs/design.md).
set -euo pipefail
uv pip install --python "$CONDA_PREFIX/bin/python" --no-deps --compile-bytecode \
    --require-hashes -r "${PARTPARSE_LOCK:?set by rules/common.smk}"
