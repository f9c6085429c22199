"""The rehearsal of the full recipe: what it makes, what it cuts, and what it reads off a run."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from benchmarks.checkout import RECIPE, ROOT
from benchmarks.made_up.public_weights import MAKERS, write_public_weights
from benchmarks.recipe.cost import read_config
from benchmarks.recipe.measured import Measured, _of_gpu, print_table, read_gpu, read_stages
from benchmarks.recipe.official import entries, write_videos
from benchmarks.recipe.rehearsal import FRAMES_APART, SYSTEMS, cut
from benchmarks.subsets import link_videos
from partparse import tables
from partparse.dataset.layout import list_videos
from partparse.dataset.splits import split_videos
from partparse.detection.yolo.detector import read_pretrained
from partparse.files.weights import digest
from partparse.learning.pretrained import load_pretrained
from partparse.planning.config_files import merge
from partparse.planning.methods import Methods
from partparse.planning.settings import check_config
from partparse.recognition.registry import create
from partparse.states.backbone import Backbone
from partparse.states.instance.network import build_instance_network, load_backbone
from partparse.states.instance.settings import InstanceTrainSettings


@pytest.fixture(scope="module", params=SYSTEMS)
def config(request: pytest.FixtureRequest) -> Any:
    """A system's, at full size."""
    return read_config([RECIPE, ROOT / "configs" / f"{request.param}.yaml"])


@pytest.mark.parametrize("has_gpu", [True, False])
def test_a_rehearsal_is_a_config_of_the_same_networks(config: Any, has_gpu: bool) -> None:
    rehearsed = merge(config, cut(config, 2, Path("data"), has_gpu=has_gpu))
    check_config(rehearsed)
    assert Methods(rehearsed).trained_models() == Methods(config).trained_models()
    sizes = ("network", "backbone", "image_size", "length", "frame_side", "crop_side", "weights")
    for name in sizes:
        assert dict(entries(rehearsed, name)) == dict(entries(config, name))
    batches = dict(entries(rehearsed, "device_batch")).values()
    assert (set(batches) == {1}) != has_gpu
    apart = config["frames"]["scored_stride"] if has_gpu else FRAMES_APART
    assert rehearsed["frames"]["scored_stride"] == apart


def test_every_file_of_weights_that_the_systems_start_from_can_be_made(config: Any) -> None:
    named = {str(own["weights"]) for own in Methods(config).trainings.values() if "weights" in own}
    assert {name for name in named if not name.startswith("yolo")} <= MAKERS.keys() | {"None"}


def test_made_up_weights_of_a_detector_are_read(tmp_path: Path) -> None:
    path = tmp_path / "yolo11n.pt"
    write_public_weights("yolo11n", path, {})
    assert len(read_pretrained(str(path), digest(path)).names) == 80


@pytest.mark.slow
def test_made_up_weights_are_read_by_the_full_networks(tmp_path: Path) -> None:
    config = read_config([RECIPE])
    path = tmp_path / "weights.pth"
    clips = {
        place: (own["network"], own["weights"])
        for kind in ("actions", "states")
        for place, section in config[kind].items()
        if isinstance((own := section.get("train", {})).get("network"), list) and own["weights"]
    }
    for (name, settings), weights in {w: (n, w) for n, w in clips.values()}.values():
        write_public_weights(weights, path, config)
        load_pretrained(create(name, **settings, classes=24), path)
    for method in ("part_state", "parser"):
        own = config["states"][method]["train"]
        write_public_weights(own["weights"], path, config)
        Backbone(tuple(own["maps"]), **own["backbone"]).load(path)
    own = InstanceTrainSettings.of(config["states"]["instance_context"]["train"])
    write_public_weights(str(own.weights), path, config)
    load_backbone(build_instance_network(own, 10), path)
    write_public_weights("hrnet_w48_coco", path, config)
    assert torch.load(path, weights_only=False)["meta"]["dataset_meta"]


def test_a_few_videos_are_a_data_set_of_their_own(tmp_path: Path) -> None:
    root, out = tmp_path / "whole", tmp_path / "few"
    write_videos(root, {"train": 100, "test": 30})
    first = next(video for video in list_videos(root) if video.split == "train")
    annotated = Path("train_annotations") / str(first.action) / first.video
    (root / annotated).mkdir(parents=True)
    link_videos(root, out, 3)
    found = split_videos(list_videos(out), 0.5, 0)
    assert [sum(video.split == name for video in found) for name in ("train", "val", "test")] == [
        3,
        3,
        3,
    ]
    assert len({video.action for video in found}) == 3
    assert (out / annotated).is_dir()
    assert (out / "list").resolve() == (root / "list").resolve()


def test_too_few_videos_are_said(tmp_path: Path) -> None:
    write_videos(tmp_path / "whole", {"train": 24, "test": 24})  # one of each action
    with pytest.raises(SystemExit, match="expected 2 times 2 videos"):
        link_videos(tmp_path / "whole", tmp_path / "few", 2)


COSTS = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def write_job(run: Path, name: str, seconds: float, peak: float, log: str) -> None:
    costs, said = run / "results/benchmarks" / f"{name}.tsv", run / "logs" / f"{name}.log"
    for path in (costs, said):
        path.parent.mkdir(parents=True, exist_ok=True)
    costs.write_text(f"{COSTS}{seconds}\t0:00:01\t{peak}\t1\t1\t1\t1\t1\t1\t1\n")
    said.write_text(log)


def test_what_stages_took_is_read_off_their_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = pd.DataFrame({"video": ["a", "b"], "frames": [26, 30]})
    frames = frames.assign(
        expected=frames["frames"], width=64, height=48, fps=25.0, problem=None, source="x"
    )
    persons = pd.DataFrame({"video": ["a", "a", "b"], "frame": [1, 2, 1], "person": 1})
    persons = persons.assign(part="person", x1=0, y1=0, x2=9, y2=9, state=None)
    for split in ("train", "val", "test"):
        tables.write(frames, tmp_path / f"results/frames/{split}-000.parquet", tables.FRAMES)
        place = tmp_path / f"results/dataset/annotations/{split}-000.parquet"
        tables.write(persons, place, tables.ANNOTATIONS)
    trained = "x\nrehearsal: 4 steps timed, 8 examples in 2.000 s\n"
    for group in ("arm", "leg"):
        write_job(tmp_path, f"train_group/group_ip/{group}", 30, 900, trained)
    write_job(tmp_path, "detect_persons/detected/val-000", 20, 700, "x persons: 2 in 5.0 s, 0.4/s")
    write_job(tmp_path, "train_parts/single", 9, 100, trained)
    write_job(tmp_path, "predict_tracked_parser/refit-000", 9, 90, "x persons: 2 in 0.5 s, 4/s")
    write_job(tmp_path, "fit_category", 3, 50, "")
    config = read_config([RECIPE, ROOT / "configs" / "best.yaml"])
    rehearsed = merge(config, cut(config, 2, Path("data"), has_gpu=False))
    found = read_stages(tmp_path, {"best": rehearsed})
    groups = found["train_group", "group_ip"]
    assert (groups.examples, groups.seconds, groups.steps, groups.peak) == (16, 4.0, 8, 900)
    detected = found["detect_persons", "detected"]
    assert (detected.examples, detected.seconds) == (4, 5.0)  # frames 1 and 26 of each video
    assert found["predict_tracked_parser", ""].seconds == 0.5  # of the persons of val, annotated
    assert found["train_single", ""].examples == 8
    [(start, end)] = found["fit_category", ""].spans
    assert end - start == pytest.approx(3)
    print_table(tmp_path, {"best": ([], rehearsed)})
    head, _, *rows, _, others = capsys.readouterr().out.splitlines()
    assert "hours" not in head  # without a GPU
    assert "| train_group | group_ip | 4 | 0.5 | 900 |" in rows
    assert "fit_category" not in "".join(rows)
    assert others == "Stages without a network: 3 s in all, at most 50 MB."


def test_a_gpu_is_seen_while_a_stage_runs(tmp_path: Path) -> None:
    lines = ["2026/01/01 10:00:0{}.000, {}, {}".format(*line) for line in SEEN]
    (tmp_path / "gpu.csv").write_text("\n".join(lines))
    gpu = read_gpu(tmp_path / "gpu.csv")
    start = float(gpu["when"].iloc[1])
    assert _of_gpu(gpu, Measured(spans=[(start - 0.5, start + 1.5)])) == ("3000", "60 %")
    assert _of_gpu(read_gpu(tmp_path / "none.csv"), Measured(spans=[(0, 1)])) == ("", "")


SEEN = [(0, 0, 500), (1, 50, 2000), (2, 70, 3000), (3, 0, 9000)]
