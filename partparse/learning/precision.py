"""In which precision a network computes, on the device that there is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

_HALF = "bf16-mixed"
_MANY_WEIGHTS = 2**20  # of a convolution


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


def avoid_endless_backward(network: nn.Module, precision: str, device: str) -> None:
    """Keep the training of some networks on several threads from AMX, before they compute anything.

    With oneDNN 3.12 (PyTorch 2.13), on AMX, in bfloat16 and on two threads, the backward pass of a
    convolution of two million weights, as in the last stage of a ResNet-50, never ends: both wait
    for each other. With a million none was seen to. AVX-512's instructions for bfloat16 do the same
    work, some times slower.
    """
    on_cpu = torch.device(device).type == "cpu"
    if on_cpu and precision == _HALF and torch.get_num_threads() > 1 and _is_wide(network):
        os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_FP16")


def _is_wide(network: nn.Module) -> bool:
    kinds = nn.Conv1d, nn.Conv2d, nn.Conv3d
    weights = (own.weight for own in network.modules() if isinstance(own, kinds))
    return any(weight.numel() > _MANY_WEIGHTS for weight in weights)


@contextmanager
def predicting(precision: str, device: str) -> Iterator[None]:
    """What a network predicts within is computed without gradients, and in this precision."""
    halved = precision_of(precision, device) == _HALF
    kind = torch.device(device).type
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=halved):
        yield
