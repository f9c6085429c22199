"""In which precision a network computes, on the device that there is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_HALF = "bf16-mixed"


def precision_of(asked: str, device: str) -> str:
    """Lightning's name of the precision that the setting `precision` means on a device of torch.

    auto is bf16-mixed where that is fast: on GPUs from NVIDIA's Ampere on, and on processors with
    AMX or AVX-512's instructions for bfloat16. Others compute it many times slower than float32.
    """
    if asked != "auto":
        return asked
    if torch.device(device).type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        has = torch.cpu.get_capabilities()
        fast = any(has.get(feature, False) for feature in ("amx_bf16", "avx512_bf16"))
    return _HALF if fast else "32-true"


def avoid_endless_backward(precision: str, device: str) -> None:
    """Keep a training on several threads from AMX, before it computes anything.

    With oneDNN 3.12 (PyTorch 2.13) the backward pass of a 1x1 convolution to 2,048 channels, as in
    the last stage of a ResNet-50, never ends on AMX in bfloat16 and on two threads: both wait for
    each other. AVX-512's instructions for bfloat16 do the same work, and one thread keeps AMX.
    """
    if precision == _HALF and torch.device(device).type == "cpu" and torch.get_num_threads() > 1:
        os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_FP16")


@contextmanager
def predicting(precision: str, device: str) -> Iterator[None]:
    """What a network predicts within is computed without gradients, and in this precision."""
    halved = precision_of(precision, device) == _HALF
    kind = torch.device(device).type
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=halved):
        yield
