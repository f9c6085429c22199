"""Keypoints by mmpose's own `inference_topdown`, a frame at a time."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from partparse.detection.pose.network import mmpose_adapter, model_config
from partparse.detection.pose.settings import PoseSettings


def make_model(settings: PoseSettings, state: dict[str, Tensor], device: str) -> nn.Module:
    """mmpose's estimator with given weights and the pipeline that its configurations have."""
    mmpose_adapter.load()
    from mmengine.config import Config
    from mmpose.registry import MODELS

    config = model_config(settings)
    config["test_cfg"]["flip_test"] = False
    model = MODELS.build(config)
    model.load_state_dict(state)
    codec = config["head"]["decoder"]
    affine = {
        "type": "TopdownAffine",
        "input_size": codec["input_size"],
        "use_udp": codec["type"] == "UDPHeatmap",
    }
    boxes = {"type": "GetBBoxCenterScale", "padding": settings.padding}
    steps = [{"type": "LoadImage"}, boxes, affine, {"type": "PackPoseInputs"}]
    model.cfg = Config({"test_dataloader": {"dataset": {"pipeline": steps}}})
    model.dataset_meta = {"dataset_name": "coco"}
    return model.eval().to(device)


def locate(
    model: nn.Module, files: Sequence[Path], boxes: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Keypoints (files, boxes, 17, 3) of the same boxes (N, 4) in each picture."""
    from mmpose.apis import inference_topdown

    found = []
    for file in files:
        results = inference_topdown(model, str(file), boxes)
        points = np.concatenate([one.pred_instances.keypoints for one in results])
        scores = np.concatenate([one.pred_instances.keypoint_scores for one in results])
        found.append(np.concatenate([points, scores[..., None]], axis=-1))
    return np.stack(found)
