"""The losses of detectors: places are right to more than half a cell."""

from types import SimpleNamespace

import pytest
import torch

from partparse.detection.yolo.loss import MixedModel, UnknownRegionsModel

WIDTH, HEIGHT = 1280, 64
STRIDES = (8, 16, 32)
CELL = 150, 3  # of the finest map: x beyond what bfloat16 counts by halves
SIDES = 5, 3  # cells from the middle of that cell to the box's edges
GAINS = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)


def exact_predictions(dtype: torch.dtype) -> dict[str, object]:
    """What a network says that is sure of one box, on maps of 64 x 1280 pixels."""
    shapes = [(HEIGHT // stride, WIDTH // stride) for stride in STRIDES]
    cells = sum(height * width for height, width in shapes)
    here = CELL[1] * shapes[0][1] + CELL[0]
    boxes = torch.zeros(1, 4, 16, cells)
    for side, distance in enumerate((SIDES[0], SIDES[1], SIDES[0], SIDES[1])):
        boxes[0, side, distance, here] = 50
    scores = torch.full((1, 1, cells), -20.0)
    scores[..., here] = 20
    feats = [torch.zeros(1, 1, *shape, dtype=dtype) for shape in shapes]
    return {"boxes": boxes.flatten(1, 2).to(dtype), "scores": scores.to(dtype), "feats": feats}


@pytest.mark.parametrize("kind", [MixedModel, UnknownRegionsModel])
def test_a_box_far_to_the_right_is_exact_in_half_precision_too(kind):
    model = kind("yolo11n.yaml", nc=1, verbose=False)
    model.args = GAINS
    model.unknown = torch.zeros(0, 1)
    middle = (CELL[0] + 0.5) * 8 / WIDTH, (CELL[1] + 0.5) * 8 / HEIGHT
    box = torch.tensor([[*middle, SIDES[0] * 16 / WIDTH, SIDES[1] * 16 / HEIGHT]])
    batch = {
        "img": torch.zeros(1, 3, HEIGHT, WIDTH),
        "batch_idx": torch.zeros(1),
        "cls": torch.zeros(1, 1),
        "bboxes": box,
    }
    losses = []
    for dtype in (torch.float32, torch.bfloat16):
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            losses.append(model.loss(batch, exact_predictions(dtype))[0])
    torch.testing.assert_close(losses[1], losses[0])
    assert losses[0].dtype == losses[1].dtype == torch.float32


def test_the_network_itself_is_halved():
    model = MixedModel("yolo11n.yaml", nc=1, verbose=False)
    model.args = GAINS
    seen = []
    model.model[-1].register_forward_hook(lambda _, given, found: seen.append(found["boxes"].dtype))
    batch = {
        "img": torch.zeros(1, 3, 64, 64),
        "batch_idx": torch.zeros(1),
        "cls": torch.zeros(1, 1),
        "bboxes": torch.tensor([[0.5, 0.5, 0.4, 0.4]]),
    }
    with torch.autocast("cpu", torch.bfloat16):
        total, _ = model.loss(batch)
    assert seen == [torch.bfloat16]
    assert total.dtype == torch.float32
