"""Clips of other than three channels, for networks whose library builds them for RGB alone."""

from torch import nn


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
