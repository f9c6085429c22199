"""What the builders of networks share: blocks of each stage, clips of other than three channels."""

from collections.abc import Mapping, Sequence

from torch import nn

STAGES = 4  # of every ResNet


def stage_blocks(depth: int | Sequence[int], published: Mapping[int, Sequence[int]]) -> list[int]:
    """Blocks in each stage, of a published depth or as given; ValueError for another depth."""
    if isinstance(depth, int) and depth not in published:
        raise ValueError(f"depth {depth} is none of {', '.join(map(str, published))}")
    blocks = published[depth] if isinstance(depth, int) else depth
    if len(blocks) != STAGES or min(blocks) < 1:
        raise ValueError(f"depth is the blocks of {STAGES} stages, not {list(blocks)}")
    return list(blocks)


def change_input_channels(network: nn.Module, in_channels: int) -> nn.Module:
    """Give the first convolution of `network` that many input channels; returns the network.

    It is replaced by one with random weights, on the same device, where the number differs.
    """
    name, first = next(
        (name, module)
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d | nn.Conv3d)
    )
    if first.in_channels != in_channels:
        parent, _, leaf = name.rpartition(".")
        setattr(network.get_submodule(parent), leaf, _with_inputs(first, in_channels))
    return network


def _with_inputs(convolution: nn.Conv2d | nn.Conv3d, in_channels: int) -> nn.Module:
    changed = type(convolution)(
        in_channels,
        convolution.out_channels,
        kernel_size=convolution.kernel_size,
        stride=convolution.stride,
        padding=convolution.padding,
        bias=convolution.bias is not None,
        device=convolution.weight.device,
    )
    nn.init.kaiming_normal_(changed.weight, mode="fan_out", nonlinearity="relu")
    return changed
