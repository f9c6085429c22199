#!/usr/bin/env bash
# install.sh PYTHON [cuda|cpu]: put the packages of requirements.lock into PYTHON's environment.
#
# cpu leaves the CUDA libraries out. torch and torchvision are then the builds for CPUs of the locked
# versions, which PyTorch offers beside PyPI: uv knows where. The lock has no hashes of these two.
#
# Without --no-deps uv would fetch what mmpose asks for and never imports (docs/design.md).
set -euo pipefail
python=$1
torch=${2:-cuda}
lock=$(dirname "${BASH_SOURCE[0]}")/requirements.lock
case $torch in cuda | cpu) ;; *)
    echo "install.sh: $torch; expected cuda or cpu" >&2
    exit 2
    ;;
esac

install() {
    uv pip install --python "$python" --no-deps --compile-bytecode "$@"
}

if [[ $torch == cuda ]]; then
    install --require-hashes -r "$lock"
else
    # an entry is its name's line and, indented, those of its hashes
    own='^(torch|torchvision)=='
    cuda='^(cuda-|triton==|nvidia-[a-z-]*(cu|nv))'
    install --require-hashes -r <(awk -v skip="$own|$cuda" '/^[^ ]/ { out = $0 ~ skip } !out' "$lock")
    install --torch-backend cpu $(awk -v own="$own" '$0 ~ own { print $1 }' "$lock")
fi
