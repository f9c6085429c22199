"""What the builders of networks share: stages' blocks, a stem, clips of other than 3 channels."""

from collections.abc import Mapping, Sequence

from pytorchvideo.models.stem import create_res_basic_stem
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


def create_stem(in_channels: int, channels: int, temporal: int) -> nn.Module:
    """pytorchvideo's ResNet stem, (N, C, T, H, W) -> (N, channels, T, H / 4, W / 4).

    `temporal`: frames that its convolution sees.
    """
    return create_res_basic_stem(
        in_channels=in_channels,
        out_channels=channels,
        conv_kernel_size=(temporal, 7, 7),
        conv_stride=(1, 2, 2),
        conv_padding=(temporal // 2, 3, 3),
        pool=nn.MaxPool3d,
        pool_kernel_size=(1, 3, 3),
        pool_stride=(1, 2, 2),
        pool_padding=(0, 1, 1),
    )


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
        changed = type(first)(
            in_channels,
            first.out_channels,
            kernel_size=first.kernel_size,
            stride=first.stride,
            padding=first.padding,
            bias=first.bias is not None,
            device=first.weight.device,
        )
        nn.init.kaiming_normal_(changed.weight, mode="fan_out", nonlinearity="relu")
        setattr(network.get_submodule(parent), leaf, changed)
    return network
