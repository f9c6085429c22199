"""Pictures in batches that suit the device."""

import torch
from torch import Tensor

from partparse.detection.batching import fill_up, forward_in_batches


def _pictures(count: int) -> Tensor:
    rng = torch.Generator().manual_seed(count)
    pixels = torch.randint(1, 256, (count, 6, 8, 3), dtype=torch.uint8, generator=rng)
    return pixels.permute(0, 3, 1, 2)


def test_a_cpu_sees_about_so_many_pixels_and_no_rest() -> None:
    seen: list[int] = []

    def forward(some: Tensor) -> Tensor:
        seen.append(len(some))
        return some.sum((1, 2, 3))

    for count, batches in {1: [1], 3: [3], 4: [2, 2], 9: [3, 2, 2, 2]}.items():
        seen.clear()
        pictures = _pictures(count)
        found = forward_in_batches(forward, pictures, torch.device("cpu"), 2 * 6 * 8 + 1)
        assert seen == batches
        torch.testing.assert_close(found, pictures.sum((1, 2, 3)))


def test_another_device_sees_all_of_them_and_some_more() -> None:
    seen: list[torch.Size] = []

    def forward(some: Tensor) -> Tensor:
        assert some.is_meta
        seen.append(some.shape)
        return some.sum((1, 2, 3))

    found = forward_in_batches(forward, _pictures(5), torch.device("meta"), 1)
    assert seen == [(8, 3, 6, 8)]
    assert found.shape == (5,)


def test_black_pictures_fill_up_to_a_power_of_two() -> None:
    for count, filled in {1: 1, 2: 2, 3: 4, 5: 8, 8: 8, 33: 64}.items():
        pictures = _pictures(count)
        full = fill_up(pictures)
        assert len(full) == filled
        assert full[:count].equal(pictures)
        assert not full[count:].any()
        assert full.is_contiguous(memory_format=torch.channels_last)
