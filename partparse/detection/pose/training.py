"""Training the pose net with mmpose's own runner, data set and augmentation.

The persons are annotated ones whose keypoints the data set knows, cut out by their annotated
boxes. mmpose's RandomFlip exchanges left and right keypoints when it mirrors a picture.
"""

import contextlib
import io
import json
import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from partparse import tables
from partparse.detection.pose.network import (
    MIN_LABEL_SCORE,
    WEIGHTS,
    build_model,
    load_weights,
    mmpose_adapter,
    model_config,
)
from partparse.detection.pose.settings import PoseSettings
from partparse.errors import InputError
from partparse.files.atomic import atomic_path, write_text
from partparse.files.weights import CARD, fetch
from partparse.frames.picture_cache import picture_path
from partparse.running.arguments import Job
from partparse.running.program import seed_everything, write_model_card
from partparse.running.resuming import cache_key, work_path
from partparse.sampling import is_scored
from partparse.tables import FRAME_KEY, PERSON_KEY
from partparse.vocabulary import KEYPOINTS, PERSON

if TYPE_CHECKING:
    from torch import nn

HISTORY = "training.csv"

_WEIGHT_DECAY = 0.01
_WARM_UP = 0.2  # share of the steps in which the learning rate rises
_LABELLED = 2  # COCO's mark of a keypoint that is labelled and visible


def train_pose(
    settings: PoseSettings, samples: pd.DataFrame, cache: Path, job: Job, out: Path
) -> None:
    """Make a pose net and write weights.pth, model.json and training.csv into `out`.

    The last has the mean loss of each epoch, and no rows where nothing was trained.

    A training that was killed goes on from its last whole epoch and ends in the same weights: it
    runs in a folder beside `out` that belongs to this version, these settings and these samples.

    The job has one GPU at most. `samples` are what `select_samples` gives, and may be empty where
    nothing is to be trained; `cache` is the folder of the extracted frames.

    Raises:
        InputError: weights that can't be used, neither weights nor samples, or a loss that is no
            number any more: the last whole epoch stays beside `out`.
    """
    seed_everything(settings.seed)
    model = build_model(settings)
    if settings.weights is not None:
        load_weights(model, fetch(settings.weights, settings.weights_sha256))
    losses: list[float] = []
    work = work_path(out)
    if settings.epochs > 0 and job.rehearsal_steps is not None:
        # mmengine stops after whole epochs only
        samples = samples.head(job.rehearsal_steps * settings.batch)
        settings = settings.replace(epochs=1)
    if settings.epochs > 0:
        if samples.empty:
            raise InputError(
                "pose: no annotated person of the training videos has keypoints: set weights and "
                "epochs 0 to use a pretrained net, or switch pose off"
            )
        key = cache_key({"version": job.version, "settings": settings, "samples": samples})
        losses = _fit(model, settings, coco_dataset(samples, cache), job.device, work / key[:16])
    _write(model, settings, samples, losses, out)
    shutil.rmtree(work, ignore_errors=True)


def select_samples(
    keypoints: pd.DataFrame, annotations: pd.DataFrame, frames: pd.DataFrame, stride: int
) -> pd.DataFrame:
    """The persons to train on, a row each.

    Args:
        keypoints: KEYPOINT_TABLE of annotated persons; points under MIN_LABEL_SCORE are left out.
        annotations: ANNOTATIONS.
        frames: FRAMES.
        stride: every n-th annotated frame of a video is taken.

    Returns:
        `keypoints` with the columns x1, y1, x2, y2 of the box, and width, height and source of
        the frame.
    """
    sizes = frames.set_index("video")[["frames", "width", "height", "source"]]
    persons = annotations.loc[annotations["part"] == PERSON, PERSON_KEY + tables.BOX]
    annotated = persons.join(sizes, on="video")
    annotated = annotated[annotated["frame"] <= annotated["frames"]].drop(columns="frames")
    order = annotated.groupby("video")["frame"].rank("dense").astype(int)
    samples = annotated[is_scored(order, stride)].merge(keypoints, on=PERSON_KEY)
    labelled = tables.pack_keypoints(samples)[..., 2] >= MIN_LABEL_SCORE
    extended = (samples["x2"] > samples["x1"]) & (samples["y2"] > samples["y1"])
    return samples[labelled.any(axis=1) & extended].sort_values(PERSON_KEY, ignore_index=True)


def coco_dataset(samples: pd.DataFrame, cache: Path) -> dict[str, Any]:
    """The samples as the JSON object of COCO's person keypoints.

    Boxes are (x1, y1, x2 - x1, y2 - y1): mmpose makes corners of them again by adding.
    """
    keypoints = tables.pack_keypoints(samples).astype(float)
    labelled = keypoints[..., 2] >= MIN_LABEL_SCORE
    keypoints[..., 2] = _LABELLED
    keypoints[~labelled] = 0
    corners = samples[tables.BOX].to_numpy(float)
    boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    image_ids = samples.groupby(FRAME_KEY, sort=False).ngroup().to_numpy()
    annotations = [
        {
            "id": number,
            "image_id": int(image),
            "category_id": 1,
            "bbox": box.tolist(),
            "area": float(box[2] * box[3]),
            "iscrowd": 0,
            "keypoints": points.ravel().tolist(),
            "num_keypoints": int(count),
        }
        for number, (image, box, points, count) in enumerate(
            zip(image_ids, boxes, keypoints, labelled.sum(axis=1), strict=True), start=1
        )
    ]
    pictures = samples.assign(id=image_ids).drop_duplicates("id")
    files = [str(picture_path(cache, *key)) for key in pictures[FRAME_KEY].itertuples(index=False)]
    images = pictures[["id", "width", "height"]].assign(file_name=files).to_dict("records")
    category = {"id": 1, "name": "person", "keypoints": list(KEYPOINTS), "skeleton": []}
    return {"images": images, "annotations": annotations, "categories": [category]}


def training_pipeline(settings: PoseSettings, codec: dict[str, Any]) -> list[dict[str, Any]]:
    """mmpose's transforms from a frame to a crop and its heat maps."""
    return [
        {"type": "LoadImage"},
        {"type": "GetBBoxCenterScale", "padding": settings.padding},
        {"type": "RandomFlip", "direction": "horizontal"},
        {"type": "RandomHalfBody", "prob": settings.half_body},
        {
            "type": "RandomBBoxTransform",
            "shift_factor": settings.shift,
            "scale_factor": settings.scale,
            "rotate_factor": settings.rotate,
        },
        {
            "type": "TopdownAffine",
            "input_size": codec["input_size"],
            "use_udp": codec["type"] == "UDPHeatmap",
        },
        {"type": "GenerateTarget", "encoder": codec},
        {"type": "PackPoseInputs"},
    ]


def _fit(
    model: "nn.Module", settings: PoseSettings, dataset: dict[str, Any], device: str, folder: Path
) -> list[float]:
    """Train `model` in place, from what is in `folder`; the mean loss of each epoch."""
    from mmengine.runner import Runner

    from partparse.detection.pose.hooks import PoseTrainingHook

    mmpose_adapter.use_device(device)
    folder.mkdir(parents=True, exist_ok=True)
    persons = folder / "persons.json"
    persons.write_text(json.dumps(dataset), encoding="utf-8")
    model.train_cfg = {"compute_acc": False}  # as slow as a step of a small net
    loader = _dataloader(settings, model_config(settings)["head"]["decoder"], persons)
    hook = PoseTrainingHook(settings.seed)
    steps = settings.epochs * math.ceil(len(dataset["annotations"]) / settings.batch)
    Runner(
        model=model,
        work_dir=str(folder),
        train_dataloader=loader,
        train_cfg={"by_epoch": True, "max_epochs": settings.epochs},
        optim_wrapper={
            "optimizer": {
                "type": "AdamW",
                "lr": settings.learning_rate,
                "weight_decay": _WEIGHT_DECAY,
            }
        },
        param_scheduler={
            "type": "OneCycleLR",
            "eta_max": settings.learning_rate,
            "total_steps": steps,
            "pct_start": _WARM_UP,
            "by_epoch": False,
        },
        default_hooks={
            # two, because the older one is removed before the newer one is written
            "checkpoint": {"type": "CheckpointHook", "interval": 1, "max_keep_ckpts": 2},
            "logger": None,
        },
        custom_hooks=[hook],
        resume=(folder / "last_checkpoint").is_file(),
        randomness={"seed": settings.seed},
        default_scope="mmpose",
        log_level="ERROR",
        experiment_name=folder.name,
    ).train()
    return hook.losses


def _dataloader(settings: PoseSettings, codec: dict[str, Any], persons: Path) -> dict[str, Any]:
    from mmpose.registry import DATASETS

    from partparse.detection.pose.hooks import seed_worker

    dataset = {
        "type": "CocoDataset",
        "ann_file": str(persons),
        "data_prefix": {"img": ""},
        "pipeline": training_pipeline(settings, codec),
    }
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools tells of itself there
        loaded = DATASETS.build(dataset)
    return {
        "batch_size": settings.batch,
        "num_workers": settings.workers,
        "sampler": {"type": "DefaultSampler", "shuffle": True},
        "worker_init_fn": {"type": seed_worker},
        "dataset": loaded,
    }


def _write(
    model: "nn.Module",
    settings: PoseSettings,
    samples: pd.DataFrame,
    losses: list[float],
    out: Path,
) -> None:
    import torch

    state = {name: value.detach().cpu() for name, value in model.state_dict().items()}
    with atomic_path(out / WEIGHTS) as temporary:
        torch.save({"state_dict": state}, temporary)
    history = pd.DataFrame({"epoch": range(1, len(losses) + 1), "loss": losses})
    write_text(out / HISTORY, history.to_csv(index=False))
    write_model_card(
        out / CARD,
        stage="pose",
        settings=settings.model_dump(),
        trained_on={
            "videos": sorted(samples["video"].unique()),
            "frames": len(samples.drop_duplicates(FRAME_KEY)),
            "persons": len(samples),
        },
        seed=settings.seed,
        packages=("mmpose", "mmengine"),
        parameters=sum(value.numel() for value in model.parameters()),
    )
