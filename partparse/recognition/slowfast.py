"""SlowFast networks.

Feichtenhofer et al., "SlowFast Networks for Video Recognition", ICCV 2019. Composed of
pytorchvideo's blocks under the names that its `create_slowfast` gives them, so that its public
checkpoints fit; that function itself has no depths but the published ones, pools that fit one
clip size only, and wants the two pathways' clips made outside.
"""

from collections.abc import Sequence

import torch
from pytorchvideo.models.head import create_res_basic_head
from pytorchvideo.models.net import MultiPathWayWithFuse
from pytorchvideo.models.resnet import create_bottleneck_block, create_res_stage
from pytorchvideo.models.slowfast import FastToSlowFusionBuilder, PoolConcatPathway
from torch import Tensor, nn

from partparse.recognition.building import create_stem, stage_blocks

DEPTHS: dict[int, tuple[int, ...]] = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""Blocks in each stage, for the published depths."""

_SLOW_TEMPORAL = (1, 1, 3, 3)  # temporal kernels of the stages; the fast pathway's are all 3
_FAST_TEMPORAL = (3, 3, 3, 3)
_EXPANSION = 4  # a stage's channels over those inside its bottlenecks
_FUSED = 2  # channels that the slow pathway gets from the fast one, over those of the fast one


class SlowFast(nn.Module):
    """Two pathways over one clip, the slow one at every alpha-th frame, and a classifier."""

    def __init__(
        self,
        stages: Sequence[nn.Module],
        pool: nn.Module,
        head: nn.Module,
        *,
        alpha: int,
        feature_channels: int,
    ) -> None:
        """`stages`: stem and stages, each [slow, fast] -> [slow, fast]."""
        super().__init__()
        self.blocks = nn.ModuleList([*stages, pool, head])  # pytorchvideo's name
        self.feature_channels = feature_channels
        self._alpha = alpha

    def forward(self, clips: Tensor) -> Tensor:
        """(N, 3, T, H, W) -> class scores (N, classes)."""
        pool, head = self.blocks[-2:]
        scores: Tensor = head(pool(self._pathways(clips)))
        return scores

    def features(self, clips: Tensor) -> Tensor:
        """(N, 3, T, H, W) -> (N, C, h, w): both pathways' last maps, averaged over time.

        C is 2,048 + 256 = 2,304 channels at full size; h and w are H and W over 32, or
        over 16 where the last stage is dilated.
        """
        return torch.cat([path.mean(2) for path in self._pathways(clips)], 1)

    def _pathways(self, clips: Tensor) -> list[Tensor]:
        paths = [clips[:, :, slow_frames(clips.shape[2], self._alpha)], clips]
        for stage in self.blocks[:-2]:
            paths = stage(paths)
        return paths


def slow_frames(frames: int, alpha: int) -> list[int]:
    """Indices of the frames that the slow pathway sees: every alpha-th, spread from end to end.

    As pytorchvideo's public models were trained; a length that `alpha` does not divide is
    rounded up, to what the fast pathway's lateral convolutions give.
    """
    count = -(-frames // alpha)
    return [i * (frames - 1) // max(count - 1, 1) for i in range(count)]


def build_slowfast(
    *,
    classes: int | None,
    depth: int | Sequence[int] = 50,
    stem_channels: int = 64,
    alpha: int = 4,
    beta: int = 8,
    fusion_kernel: int = 7,
    fusion_norm: bool = True,
    dilated: bool = False,
    dropout: float = 0.0,
    in_channels: int = 3,
) -> SlowFast:
    """Build a SlowFast network: (N, 3, T, H, W) -> (N, classes), clips of any size.

    Args:
        classes: number of classes; None: no classifier, for its `features` alone.
        depth: 50 or 101, or the number of blocks in each of the four stages.
        stem_channels: channels of the slow pathway after the stem; its stages have 4, 8, 16 and
            32 times as many.
        alpha: frames of the fast pathway to one of the slow one.
        beta: channels of the slow pathway to one of the fast one.
        fusion_kernel: frames that a lateral convolution sees; in pytorchvideo's public models 7
            at depth 50 and 5 at depth 101, in mmaction2's 7 for 8 x 8 frames and 5 for 4 x 16.
        fusion_norm: a batch norm and ReLU follow a lateral convolution; not in mmaction2's.
        dilated: the last stage is dilated instead of strided, so that feature maps have stride
            16 and not 32, as for AVA.

    Raises:
        ValueError: for another depth, or a `beta` that does not divide `stem_channels`.
    """
    if stem_channels % beta:
        raise ValueError(f"beta {beta} does not divide stem_channels {stem_channels}")
    fuse = FastToSlowFusionBuilder(
        slowfast_channel_reduction_ratio=beta,
        conv_fusion_channel_ratio=_FUSED,
        conv_kernel_size=(fusion_kernel, 1, 1),
        conv_stride=(alpha, 1, 1),
        norm=nn.BatchNorm3d if fusion_norm else None,
        activation=nn.ReLU if fusion_norm else None,
    ).create_module
    slow = create_stem(in_channels, stem_channels, 1)
    fast = create_stem(in_channels, stem_channels // beta, 5)
    stages = [_pathways(slow, fast, fuse(stem_channels, 0))]
    channels, outputs = stem_channels, stem_channels * _EXPANSION
    for stage, blocks in enumerate(stage_blocks(depth, DEPTHS)):
        last = stage == len(_SLOW_TEMPORAL) - 1
        shape = {
            "blocks": blocks,
            "stride": 1 if stage == 0 or (dilated and last) else 2,
            "dilation": 2 if dilated and last else 1,
        }
        received = channels * _FUSED // beta
        slow = _stage(channels + received, outputs, _SLOW_TEMPORAL[stage], **shape)
        fast = _stage(channels // beta, outputs // beta, _FAST_TEMPORAL[stage], **shape)
        stages.append(_pathways(slow, fast, fuse(outputs, stage + 1)))
        channels, outputs = outputs, outputs * 2
    pool = PoolConcatPathway(pool=nn.ModuleList(nn.AdaptiveAvgPool3d(1) for _ in range(2)))
    features = channels + channels // beta
    head = nn.Identity()
    if classes is not None:
        head = create_res_basic_head(
            in_features=features, out_features=classes, pool=None, dropout_rate=dropout
        )
    return SlowFast(stages, pool, head, alpha=alpha, feature_channels=features)


def _pathways(slow: nn.Module, fast: nn.Module, fuse: nn.Module) -> nn.Module:
    return MultiPathWayWithFuse(
        multipathway_blocks=nn.ModuleList([slow, fast]), multipathway_fusion=fuse
    )


def _stage(
    inputs: int, outputs: int, temporal: int, *, blocks: int, stride: int, dilation: int
) -> nn.Module:
    return create_res_stage(
        depth=blocks,
        dim_in=inputs,
        dim_inner=outputs // _EXPANSION,
        dim_out=outputs,
        bottleneck=create_bottleneck_block,
        conv_a_kernel_size=(temporal, 1, 1),
        conv_a_stride=(1, 1, 1),
        conv_a_padding=(temporal // 2, 0, 0),
        conv_b_kernel_size=(1, 3, 3),
        conv_b_stride=(1, stride, stride),
        conv_b_padding=(0, dilation, dilation),
        conv_b_dilation=(1, dilation, dilation),
    )
