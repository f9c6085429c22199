"""SlowFast, against pytorchvideo's own."""

from typing import Any

import pytest
import torch
from pytorchvideo.models.slowfast import create_slowfast, create_slowfast_with_roi_head
from torch import nn

from partparse.recognition.slowfast import SlowFast, build_slowfast, slow_frames

TINY: dict[str, Any] = {"depth": [1, 1, 1, 1], "stem_channels": 8, "alpha": 4, "beta": 4}


def _shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {key: value.shape for key, value in network.state_dict().items()}


@pytest.mark.parametrize(("depth", "kernel"), [(50, 7), (101, 5)])
def test_public_checkpoints_fit(depth: int, kernel: int) -> None:
    with torch.device("meta"):
        own = build_slowfast(classes=400, depth=depth, fusion_kernel=kernel)
        public = create_slowfast(model_depth=depth, slowfast_fusion_conv_kernel_size=(kernel, 1, 1))
    assert _shapes(own) == _shapes(public)
    assert own.feature_channels == 2304


def test_public_detection_checkpoints_fit_but_for_the_head() -> None:
    with torch.device("meta"):
        own = build_slowfast(classes=1, depth=50, dilated=True)
        public = create_slowfast_with_roi_head(model_depth=50)
    shapes = {k: v for k, v in _shapes(own).items() if not k.startswith("blocks.6.")}
    assert shapes == _shapes(public.model)


def test_the_same_weights_give_the_same_scores_as_in_pytorchvideo() -> None:
    torch.manual_seed(0)
    public = create_slowfast(
        model_depth=50, model_num_class=5, head_pool_kernel_sizes=((8, 2, 2), (32, 2, 2))
    ).eval()
    own = build_slowfast(classes=5, depth=50).eval()
    own.load_state_dict(public.state_dict())
    clips = torch.randn(1, 3, 32, 64, 64)
    slow = torch.linspace(0, 31, 8).long()  # pytorchvideo's PackPathway
    with torch.inference_mode():
        torch.testing.assert_close(own(clips), public([clips[:, :, slow], clips]))


@pytest.mark.parametrize("frames", [4, 8, 16, 32, 64])
def test_slow_frames_are_those_of_pytorchvideo(frames: int) -> None:
    assert slow_frames(frames, 4) == torch.linspace(0, frames - 1, frames // 4).long().tolist()


@pytest.fixture(scope="module")
def tiny() -> SlowFast:
    torch.manual_seed(0)
    return build_slowfast(classes=3, **TINY).eval()


@pytest.mark.parametrize("size", [(1, 32, 32), (6, 40, 72), (9, 33, 32)])
def test_clips_of_any_size_give_class_scores(tiny: SlowFast, size: tuple[int, int, int]) -> None:
    assert tiny(torch.zeros(2, 3, *size)).shape == (2, 3)


@pytest.mark.parametrize(("dilated", "shape"), [(False, (2, 3)), (True, (4, 6))])
def test_feature_maps_have_stride_32_or_16(dilated: bool, shape: tuple[int, int]) -> None:
    network = build_slowfast(classes=3, dilated=dilated, **TINY).eval()
    features = network.features(torch.randn(2, 3, 8, 64, 96))
    assert features.shape == (2, 8 * 32 + 2 * 32, *shape)
    assert features.shape[1] == network.feature_channels


def test_scores_are_those_of_the_mean_features(tiny: SlowFast) -> None:
    clips = torch.randn(2, 3, 8, 64, 64)
    with torch.inference_mode():
        mean = tiny.features(clips).mean((2, 3))
        torch.testing.assert_close(tiny(clips), tiny.blocks[-1].proj(mean))


def test_only_the_fast_pathway_sees_the_frames_between() -> None:
    torch.manual_seed(0)
    network = build_slowfast(classes=3, **TINY).eval()
    for stage in network.blocks[:-2]:  # without the lateral connections
        if hasattr(stage.multipathway_fusion, "conv_fast_to_slow"):
            nn.init.zeros_(stage.multipathway_fusion.conv_fast_to_slow.weight)
    clips = torch.randn(1, 3, 8, 32, 32)
    changed = clips.clone()
    changed[:, :, 3] += 1
    with torch.inference_mode():
        before, after = network.features(clips), network.features(changed)
    slow = 8 * 32
    assert torch.equal(before[:, :slow], after[:, :slow])
    assert not torch.equal(before[:, slow:], after[:, slow:])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depth": 34}, "depth 34 is none of 50, 101"),
        ({"depth": [1, 2]}, "depth is the blocks of 4 stages, not \\[1, 2\\]"),
        ({"stem_channels": 4, "beta": 3}, "beta 3 does not divide stem_channels 4"),
    ],
)
def test_impossible_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_slowfast(classes=3, **settings)
