"""The relations between persons, against plain loops; who may know of whom."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import roi_align

from partparse.states.instance.heads import (
    ContextHead,
    Interaction,
    PersonHead,
    Relation,
    RoiHead,
    pool_persons,
    same_clip,
)

STRIDE = 16
SIZES = {"reduced": 12, "hidden": 8, "depth": 2}
SIZE = [(6 * STRIDE, 8 * STRIDE)]  # of a clip
OWNERS = torch.tensor([0, 0, 0, 1, 1])
BOXES = torch.tensor(
    [[0, 0, 40, 90], [30, 10, 90, 95], [50, 5, 120, 60], [10, 10, 60, 90], [0, 20, 128, 96.0]]
)


def _head(kind: type[nn.Module]) -> nn.Module:
    torch.manual_seed(0)
    return (RoiHead(6, STRIDE) if kind is RoiHead else kind(6, STRIDE, **SIZES)).eval()


def _maps() -> Tensor:
    return torch.randn(2, 6, 6, 8, generator=torch.Generator().manual_seed(1))


def test_the_relation_is_that_of_a_loop_over_persons_and_places() -> None:
    torch.manual_seed(0)
    block = Relation(4).eval()
    nn.init.normal_(block.norm.weight)
    maps = torch.randn(5, 4, 3, 2)
    query, key, value = (
        functional.conv2d(maps, layer.weight, padding=1)
        for layer in (block.query, block.key, block.value)
    )
    found = torch.zeros_like(maps)
    for person in range(5):
        others = [other for other in range(5) if OWNERS[other] == OWNERS[person]]
        for y in range(3):
            for x in range(2):
                products = [
                    sum(query[person, c, y, x] * key[other, c, y, x] for c in range(4)) / 2  # √4
                    for other in others
                ]
                weights = torch.stack(products).softmax(0)
                for weight, other in zip(weights, others, strict=True):
                    found[person, :, y, x] += weight * value[other, :, y, x]
    mean = found.mean((1, 2, 3), keepdim=True)
    deviation = found.var((1, 2, 3), keepdim=True, unbiased=False).add(1e-5).sqrt()
    scale, shift = (p[:, None, None] for p in (block.norm.weight, block.norm.bias))
    changed = functional.conv2d(
        ((found - mean) / deviation * scale + shift).relu(), block.out.weight, padding=1
    )
    with torch.inference_mode():
        torch.testing.assert_close(block(maps, same_clip(OWNERS)), maps + changed)


def test_the_person_is_tiled_over_the_scene() -> None:
    head = _head(ContextHead)
    maps = _maps()
    with torch.inference_mode():
        scenes = functional.conv2d(maps, head.reduce.weight)
        rois = torch.cat([OWNERS[:, None].float(), BOXES], 1)
        persons = roi_align(scenes, rois, 7, 1 / STRIDE, 2, aligned=True).amax((2, 3))
        tiled = persons[:, :, None, None].expand(-1, -1, 6, 8)
        both = torch.cat([scenes[OWNERS], tiled], 1)
        weight = torch.cat([head.scene.weight, head.actor.weight[:, :, None, None]], 1)
        related = functional.conv2d(both, weight).relu()
        related = functional.conv2d(related, head.encode.weight).relu()
        assert related.shape[2:] == (4, 6)
        related = functional.max_pool2d(related, 3, 2, 1)
        for relation in head.relations:
            related = relation(related, same_clip(OWNERS))
        expected = torch.cat([related.mean((2, 3)), head.person(persons).relu()], 1)
        torch.testing.assert_close(head(maps, BOXES, OWNERS, SIZE * 2), expected)


def test_the_interaction_is_that_of_a_loop_over_persons() -> None:
    torch.manual_seed(0)
    block = Interaction(6, 4).eval()
    persons = torch.randn(5, 6)
    with torch.inference_mode():
        query, key, value = (f(persons) for f in (block.query, block.key, block.value))
        rows = []
        for person in range(5):
            others = (OWNERS[person] == OWNERS).nonzero()[:, 0]
            weights = torch.stack([query[person] @ key[o] / math.sqrt(4) for o in others])
            mixed = (weights.softmax(0)[:, None] * value[others]).sum(0)
            rows.append(persons[person] + block.out(block.norm(mixed).relu()))
        torch.testing.assert_close(block(persons, same_clip(OWNERS)), torch.stack(rows))


@pytest.mark.parametrize("kind", [ContextHead, PersonHead, RoiHead])
def test_persons_of_other_clips_change_nothing(kind: type[nn.Module]) -> None:
    head, maps = _head(kind), _maps()
    first = OWNERS == 0
    with torch.inference_mode():
        together = head(maps, BOXES, OWNERS, SIZE * 2)
        torch.testing.assert_close(
            together[first], head(maps, BOXES[first], OWNERS[first], SIZE * 2)
        )
        alone = head(maps[1:], BOXES[~first], OWNERS[~first] - 1, SIZE)
        torch.testing.assert_close(together[~first], alone)
    assert together.shape == (5, head.channels)


@pytest.mark.parametrize(("kind", "knows"), [(ContextHead, 1), (PersonHead, 1), (RoiHead, 0)])
def test_relations_know_of_the_other_persons_of_the_clip(
    kind: type[nn.Module], knows: bool
) -> None:
    head, maps = _head(kind), _maps()
    with torch.inference_mode():
        together = head(maps, BOXES[:3], OWNERS[:3], SIZE * 2)
        alone = torch.cat(
            [head(maps, BOXES[i : i + 1], OWNERS[i : i + 1], SIZE * 2) for i in range(3)]
        )
    assert torch.allclose(together, alone, atol=1e-6) != bool(knows)


@pytest.mark.parametrize("kind", [ContextHead, PersonHead, RoiHead])
def test_the_order_of_persons_is_no_matter_and_none_is_none(kind: type[nn.Module]) -> None:
    head, maps = _head(kind), _maps()
    order = torch.tensor([4, 2, 0, 3, 1])
    with torch.inference_mode():
        shuffled = head(maps, BOXES[order], OWNERS[order], SIZE * 2)
        torch.testing.assert_close(shuffled, head(maps, BOXES, OWNERS, SIZE * 2)[order])
        assert head(maps, BOXES[:0], OWNERS[:0], SIZE * 2).shape == (0, head.channels)


@pytest.mark.parametrize("kind", [ContextHead, PersonHead, RoiHead])
def test_what_fills_a_clip_up_is_no_part_of_its_scene(kind: type[nn.Module]) -> None:
    """Persons of a small clip are judged the same alone and beside a larger one."""
    head, maps = _head(kind), _maps()
    small = maps[:1, :, :4, :5]
    padded = maps.clone()
    padded[0] = 7.0  # whatever a backbone makes of padding
    padded[:1, :, :4, :5] = small
    within = BOXES.clamp(max=3.5 * STRIDE)  # where no interpolation reaches beyond the clip
    size = [(4 * STRIDE - 3, 5 * STRIDE)]
    order = torch.tensor([3, 0, 4, 1, 2])  # persons of the two clips in turn
    with torch.inference_mode():
        together = head(padded, within[order], OWNERS[order], [*size, *SIZE])
        first = OWNERS[order] == 0
        alone = head(small, within[:3], OWNERS[:3], size)
        torch.testing.assert_close(together[first], alone)
        alone = head(maps[1:], within[3:], OWNERS[3:] - 1, SIZE)
        torch.testing.assert_close(together[~first], alone)


def test_a_roi_holds_what_is_in_its_box() -> None:
    maps = torch.zeros(2, 1, 4, 6)
    maps[1, 0, 1:3, 2:4] = 5.0  # pixels 32 to 63 and 16 to 47 of the second clip
    boxes = torch.tensor([[32, 16, 64, 48.0], [64 + 17, 16, 96, 48.0], [32, 16, 64, 48.0]])
    found = pool_persons(maps, boxes, torch.tensor([1, 1, 0]), STRIDE)
    torch.testing.assert_close(found, torch.tensor([[5.0], [0.0], [0.0]]))
