"""C3D, eight plain 3D convolutions: neither torchvision nor pytorchvideo has it.

Tran et al., "Learning Spatiotemporal Features with 3D Convolutional Networks", ICCV 2015. The
names of the layers are the paper's.
"""

from collections import OrderedDict

from torch import nn

_GRID = (1, 4, 4)  # what is left of the paper's clips of 16 x 112 x 112 after the last pooling


def build_c3d(
    *,
    classes: int,
    channels: int = 64,
    hidden: int = 4096,
    dropout: float = 0.5,
    in_channels: int = 3,
) -> nn.Module:
    """Build a C3D: (N, 3, T, H, W) -> (N, classes), for any T, H, W.

    Clips of another size than 16 x 112 x 112 are averaged to the same grid before the first
    fully connected layer; for that size nothing differs from the paper.

    Args:
        channels: of the first layer; later ones have 2, 4 and 8 times as many.
        hidden: units of the two fully connected layers before the classifier.
        dropout: share of these that is dropped in training.
    """
    widths = [channels, channels * 2, channels * 4, channels * 8]
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    inputs = in_channels
    stages = [("1a", widths[0]), ("2a", widths[1]), ("3a", widths[2]), ("3b", widths[2])]
    stages += [("4a", widths[3]), ("4b", widths[3]), ("5a", widths[3]), ("5b", widths[3])]
    pooled = {"1a": (1, 2, 2), "2a": (2, 2, 2), "3b": (2, 2, 2), "4b": (2, 2, 2), "5b": (2, 2, 2)}
    for name, outputs in stages:
        layers[f"conv{name}"] = nn.Conv3d(inputs, outputs, kernel_size=3, padding=1)
        layers[f"relu{name}"] = nn.ReLU(inplace=True)
        if name in pooled:
            # ceil_mode: short clips keep a frame
            padding = (0, 1, 1) if name == "5b" else 0
            layers[f"pool{name[0]}"] = nn.MaxPool3d(pooled[name], padding=padding, ceil_mode=True)
        inputs = outputs
    layers["grid"] = nn.AdaptiveAvgPool3d(_GRID)
    layers["flat"] = nn.Flatten()
    layers["fc6"] = nn.Linear(inputs * _GRID[1] * _GRID[2], hidden)
    layers["relu6"] = nn.ReLU(inplace=True)
    layers["drop6"] = nn.Dropout(dropout)
    layers["fc7"] = nn.Linear(hidden, hidden)
    layers["relu7"] = nn.ReLU(inplace=True)
    layers["drop7"] = nn.Dropout(dropout)
    layers["fc8"] = nn.Linear(hidden, classes)
    network = nn.Sequential(layers)
    for module in network.modules():
        if isinstance(module, nn.Conv3d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    nn.init.normal_(layers["fc8"].weight, std=0.01)
    return network
