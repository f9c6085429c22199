"""The pose net: building, weights, crops, prediction."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from partparse import tables
from partparse.detection.pose.network import build_model, load_weights, mmpose_adapter
from partparse.detection.pose.prediction import (
    PoseEstimator,
    crop_matrices,
    invert,
    predict_persons,
    select_persons,
)
from partparse.detection.pose.settings import PosePredictionSettings
from partparse.errors import InputError
from partparse.files.catalogue import normalisation_of
from partparse.files.weights import digest, fetch, read_state_dict
from partparse.vocabulary import KEYPOINTS, swap_order
from tests.samples.pose import settings

W32 = "td-hm_hrnet-w32_8xb64-210e_coco-256x192"
W48 = "td-hm_hrnet-w48_8xb32-210e_coco-384x288"


@pytest.fixture(scope="module")
def estimator() -> PoseEstimator:
    torch.manual_seed(0)
    model = build_model(settings(input_size=[64, 96]))
    torch.nn.init.normal_(model.head.final_layer.weight)  # initial heat maps are almost flat
    return PoseEstimator(model, 1.25, PosePredictionSettings(batch=2, mirror=True), "cpu")


@pytest.mark.parametrize(
    ("name", "millions", "size"), [(W32, 28.5, (192, 256)), (W48, 63.6, (288, 384))]
)
def test_published_nets_build_without_a_network(
    name: str, millions: float, size: tuple[int, int]
) -> None:
    model = build_model(settings(network=name))
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(millions * 1e6, abs=5e4)
    assert tuple(model.head.decoder.input_size) == size
    assert model.head.final_layer.out_channels == len(KEYPOINTS)
    normalised = model.data_preprocessor
    own = normalisation_of("hrnet_w48_coco")
    assert normalised.mean.flatten().tolist() == pytest.approx(own.mean)
    assert normalised.std.flatten().tolist() == pytest.approx(own.deviation)


def test_stubs_are_gone_after_the_import() -> None:
    mmpose_adapter.load()
    with pytest.raises(ImportError):
        __import__("mmdet")
    with pytest.raises(ImportError):
        __import__("mmcv.ops")


def test_transformers_is_not_imported_and_can_be_later() -> None:
    code = (
        "import sys; from partparse.detection.pose import mmpose_adapter; mmpose_adapter.load();"
        "assert 'transformers' not in sys.modules; import transformers; transformers.VideoMAEConfig"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"hrnet-w99.*td-hm_hrnet-w48_8xb32-210e_coco-384x288"):
        build_model(settings(network="td-hm_hrnet-w99"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_size": [96, 100]}, "a multiple of 32, got 100"),
        ({"epochs": 0}, "epochs is 0 and weights is not set"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        settings(**changes)


def test_left_and_right_are_those_of_mmpose() -> None:
    mmpose_adapter.load()
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    meta = parse_pose_metainfo({"from_file": "configs/_base_/datasets/coco.py"})
    assert meta["flip_indices"] == swap_order(KEYPOINTS)
    assert tuple(meta["keypoint_id2name"].values()) == KEYPOINTS


def test_weights_round_trip_and_belong_to_one_net(tmp_path: Path) -> None:
    model = build_model(settings())
    torch.save({"state_dict": model.state_dict()}, tmp_path / "weights.pth")
    other = build_model(settings(seed=1))
    load_weights(other, tmp_path / "weights.pth")
    torch.testing.assert_close(other.state_dict(), model.state_dict())
    with pytest.raises(InputError, match="weights of another net"):
        load_weights(build_model(settings(width=8)), tmp_path / "weights.pth")


def test_weights_are_used_only_where_the_checksum_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "downloads"))
    path = tmp_path / "weights.pth"
    torch.save({"state_dict": {"a": torch.ones(1)}}, path)
    assert fetch(str(path), digest(path)) == path
    assert fetch(str(path), None) == path
    with pytest.raises(InputError, match=f"SHA-256 is {digest(path)}, expected 0000"):
        fetch(str(path), "0" * 64)
    with pytest.raises(InputError, match="no such file"):
        fetch(str(tmp_path / "absent.pth"), None)
    with pytest.raises(InputError, match="expected its checksum too"):
        fetch(path.as_uri(), None)
    fetched = fetch(path.as_uri(), digest(path))
    assert fetched.parent == tmp_path / "downloads" / "partparse"
    assert digest(fetched) == digest(path)


class _Malicious:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.target,))


def test_code_in_a_checkpoint_does_not_run(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"state_dict": _Malicious(tmp_path / "ran")}, path)
    with pytest.raises(InputError, match="not a plain file of weights"):
        read_state_dict(path)
    path.write_bytes(pickle.dumps(_Malicious(tmp_path / "ran")))
    with pytest.raises(InputError, match="not a plain file of weights"):
        read_state_dict(path)
    assert not (tmp_path / "ran").exists()


def test_arrays_beside_the_tensors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    meta = {"sigmas": np.ones(17, np.float32)}
    torch.save({"state_dict": {"a": torch.ones(2)}, "meta": meta}, path)
    assert read_state_dict(path)["a"].tolist() == [1, 1]


@pytest.mark.parametrize("unbiased", [False, True])
def test_crops_are_those_of_mmpose(unbiased: bool) -> None:
    mmpose_adapter.load()
    from mmpose.registry import TRANSFORMS

    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, (120, 160, 3), np.uint8)
    box = np.array([[30.0, 20.0, 90.0, 100.0]])
    results: dict[str, Any] = {"img": picture, "bbox": box.astype(np.float32)}
    results |= {"img_shape": picture.shape[:2]}
    for step in (
        {"type": "GetBBoxCenterScale", "padding": 1.25},
        {"type": "TopdownAffine", "input_size": (64, 96), "use_udp": unbiased},
    ):
        results = TRANSFORMS.build(step)(results)
    matrix = crop_matrices(box, (64, 96), 1.25, unbiased)[0]
    np.testing.assert_array_equal(
        cv2.warpAffine(picture, matrix, (64, 96), flags=cv2.INTER_LINEAR), results["img"]
    )


@pytest.mark.parametrize("unbiased", [False, True])
def test_points_come_back_through_the_affine(unbiased: bool) -> None:
    mmpose_adapter.load()
    rng = np.random.default_rng(0)
    boxes = np.array([[10, 20, 80, 200], [5, 5, 5, 5], [-20, 30, 300, 90]], float)
    points = rng.uniform(0, 300, (3, 17, 2))
    matrices = crop_matrices(boxes, (64, 96), 1.25, unbiased)
    there = np.einsum("nij,nkj->nki", matrices[:, :, :2], points) + matrices[:, None, :, 2]
    np.testing.assert_allclose(invert(matrices, there), points, atol=1e-3)
    centre = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    middle = (np.array([64, 96]) - unbiased) / 2
    moved = np.einsum("nij,nkj->nki", matrices[:, :, :2], centre) + matrices[:, None, :, 2]
    np.testing.assert_allclose(moved[:, 0], np.tile(middle, (3, 1)), atol=1e-3)


class _Painted(torch.nn.Module):
    """A backbone that paints keypoints where the picture is bright."""

    def forward(self, batch: torch.Tensor) -> tuple[torch.Tensor]:
        pooled = torch.nn.functional.avg_pool2d(batch.mean(dim=1, keepdim=True), 4)
        return (pooled.relu().expand(-1, len(KEYPOINTS), -1, -1),)


@pytest.mark.parametrize("flip", [False, True])
def test_a_point_in_the_frame_is_found_where_it_is(flip: bool) -> None:
    model = build_model(settings(input_size=[96, 128], sigma=2))
    model.backbone = _Painted()
    model.head.final_layer = torch.nn.Identity()
    picture = np.zeros((200, 300, 3), np.float32)
    picture[130, 180] = 255
    picture = cv2.GaussianBlur(picture, (0, 0), 8)
    picture = (picture / picture.max() * 255).astype(np.uint8)
    found = PoseEstimator(model, 1.25, PosePredictionSettings(batch=2, mirror=flip), "cpu")
    crops = found.crop(picture, np.array([[120, 60, 220, 170], [150.0, 90, 230, 180]]))
    keypoints = found.locate(crops)
    assert keypoints.shape == (2, 17, 3)
    np.testing.assert_allclose(
        keypoints[..., :2], np.broadcast_to([180, 130], (2, 17, 2)), atol=1.5
    )
    assert ((keypoints[..., 2] >= 0) & (keypoints[..., 2] <= 1)).all()


def test_mirrored_persons_have_left_and_right_exchanged(estimator: PoseEstimator) -> None:
    rng = np.random.default_rng(0)
    width, height = estimator.input_size
    pictures = rng.integers(0, 255, (2, height, width, 3), np.uint8)
    there = estimator.heatmaps(pictures)
    back = estimator.heatmaps(np.ascontiguousarray(pictures[:, :, ::-1]))
    torch.testing.assert_close(back.flip(-1)[:, swap_order(KEYPOINTS)], there)


@pytest.mark.parametrize("name", ["narrow", W32])
def test_folded_batch_norms_change_heat_maps_by_rounding_alone(name: str) -> None:
    torch.manual_seed(0)
    model = build_model(settings(network=name)).eval()
    torch.nn.init.normal_(model.head.final_layer.weight)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.8, 1.2)
    found = PoseEstimator(model, 1.25, PosePredictionSettings(batch=2, mirror=False), "cpu")
    width, height = found.input_size
    pictures = np.random.default_rng(0).integers(0, 255, (2, height, width, 3), np.uint8)
    with torch.no_grad():
        batch = torch.from_numpy(pictures).permute(0, 3, 1, 2)
        normal = model.data_preprocessor
        plain = model.head(model.extract_feat((batch - normal.mean) / normal.std))
    assert plain.std() > 1e-3
    torch.testing.assert_close(found.heatmaps(pictures), plain, rtol=1e-3, atol=1e-3 * plain.std())
    kinds = {type(module) for module in found._model.modules()}
    assert torch.nn.BatchNorm2d not in kinds


@pytest.mark.parametrize("name", ["narrow", W32])
def test_persons_decoded_together_are_as_decoded_one_by_one(name: str) -> None:
    model = build_model(settings(network=name))
    found = PoseEstimator(model, 1.25, PosePredictionSettings(batch=2, mirror=False), "cpu")
    width, height = found.input_size
    maps = torch.rand(3, len(KEYPOINTS), height // 4, width // 4)
    points, scores = found._decode(maps)
    single = model.head.decode(maps)
    np.testing.assert_array_equal(points, np.concatenate([one.keypoints for one in single]))
    np.testing.assert_array_equal(scores, np.concatenate([one.keypoint_scores for one in single]))


def write_frames(folder: Path, video: str, count: int) -> None:
    rng = np.random.default_rng(0)
    (folder / video).mkdir(parents=True)
    for number in range(1, count + 1):
        picture = rng.integers(0, 255, (48, 64, 3), np.uint8)
        cv2.imwrite(str(folder / video / f"img_{number:05d}.jpg"), picture)


def persons_table(rows: list[tuple[str, int, int]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["video", "frame", "person"])
    return table.assign(x1=4.0, y1=2.0, x2=40.0, y2=45.0, score=0.5, track=-1)


def test_prediction_does_not_depend_on_the_batches(
    estimator: PoseEstimator, tmp_path: Path
) -> None:
    write_frames(tmp_path, "a", 2)
    persons = persons_table([("a", 1, 1), ("a", 1, 2), ("a", 2, 1)])
    persons["x1"] = [4.0, 9.0, 1.0]
    whole, single = (predict_persons(estimator, persons, tmp_path, n) for n in (8, 1))
    np.testing.assert_allclose(whole, single, atol=1e-2)
    assert tables.KEYPOINT_TABLE.validate(tables.unpack_keypoints(persons, whole)).shape[0] == 3


def test_only_scored_frames_that_were_extracted_are_looked_at() -> None:
    frames = pd.DataFrame({"video": ["a", "b"], "frames": [6, 0]})
    persons = persons_table([("a", 6, 1), ("a", 1, 1), ("a", 2, 1), ("a", 11, 1), ("b", 1, 1)])
    assert select_persons(persons, frames, 5)["frame"].tolist() == [1, 6]
    assert select_persons(persons, frames, 1)["frame"].tolist() == [1, 2, 6]
    assert select_persons(tables.empty(tables.PERSONS), frames, 5).empty
