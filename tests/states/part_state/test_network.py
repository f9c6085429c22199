"""The part-state net: masks, the action, its backbone's weights, training and prediction."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import timm
import torch
import yaml

from partparse import tables
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.running.arguments import Job, Pictures
from partparse.states.backbone import Backbone, load_backbone
from partparse.states.pairs import observed_pairs
from partparse.states.part_state.examples import mirror_example
from partparse.states.part_state.network import PartStateNet
from partparse.states.part_state.prediction import PartStatePredictor, load_part_state
from partparse.states.part_state.settings import PartStatePredictSettings, PartStateTrainSettings
from partparse.states.part_state.training import train_part_state
from partparse.states.persons import detected_persons
from partparse.vocabulary import PARTS, PERSON, swap_order
from tests.samples.part_state import SETTINGS, VOCABULARY, write_persons
from tests.samples.prediction import predicted

PREDICT = PartStatePredictSettings(batch=3, mirror=False, precision="32-true")
SWIN = {
    "name": "swin_tiny_patch4_window7_224",
    "img_size": 32,
    "window_size": 2,
    "embed_dim": 16,
    "depths": [1, 1, 1, 1],
    "num_heads": [1, 2, 2, 2],
}
RESNET = SETTINGS.backbone
CONVNEXT = {"name": "test_convnext"}
VIT = {"name": "test_vit", "img_size": 32}
PAIR_PARTS = np.repeat(np.arange(10), 2)


def _train(
    folder: Path,
    given: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    settings: PartStateTrainSettings,
) -> None:
    videos, annotations, frames = given
    pictures = Pictures(frames, folder / "frames")
    how: dict[str, Any] = {"out": folder / "model", "job": Job(version=1)}
    train_part_state(videos, annotations, pictures, VOCABULARY, settings, **how)


def _whole(name: str, **settings: Any) -> torch.nn.Module:
    return timm.create_model(name, num_classes=7, **settings)


@pytest.fixture(scope="module")
def network() -> PartStateNet:
    torch.manual_seed(0)
    return PartStateNet(SETTINGS.replace(layers=2), 3, PAIR_PARTS).eval()


def _inputs() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    corner = torch.rand(4, 11, 2, generator=generator) * 16
    boxes = torch.cat([corner, corner + 4 + torch.rand(4, 11, 2, generator=generator) * 10], 2)
    pictures = torch.randn(4, 3, 32, 32, generator=generator)
    return pictures, boxes, torch.rand(4, 3, generator=generator).softmax(1)


@torch.inference_mode()
def test_a_missing_part_changes_no_other(network: PartStateNet) -> None:
    pictures, boxes, actions = _inputs()
    everything = network(pictures, boxes, actions)
    assert everything.shape == (4, 20)
    others = torch.from_numpy(PAIR_PARTS != 3)
    boxes[:, 3] = torch.nan
    without = network(pictures, boxes, actions)
    assert without.isfinite().all()
    boxes[:, 3, 1:] = torch.tensor([5.0, 1e6, -40.0])  # a corner is missing still
    torch.testing.assert_close(network(pictures, boxes, actions)[:, others], without[:, others])
    # a part that is there is looked at
    assert (everything - without)[:, others].abs().max() > 1e-3


@torch.inference_mode()
def test_actions_are_embedded_by_their_probability(network: PartStateNet) -> None:
    pictures, boxes, actions = _inputs()
    tokens = network.action(torch.eye(3))
    torch.testing.assert_close(network.action(actions), actions @ tokens)
    changed = network(pictures, boxes, actions.flip(1)) - network(pictures, boxes, actions)
    assert changed.abs().max() > 1e-3


@torch.inference_mode()
def test_persons_of_a_batch_do_not_see_each_other(network: PartStateNet) -> None:
    pictures, boxes, actions = _inputs()
    together = network(pictures, boxes, actions)
    alone = network(pictures[2:3], boxes[2:3], actions[2:3])
    torch.testing.assert_close(together[2:3], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("given", [RESNET, CONVNEXT, SWIN, VIT], ids=lambda value: value["name"])
def test_weights_of_the_whole_network_fit_its_feature_maps(given: dict, tmp_path: Path) -> None:
    bare = _whole(**given).eval()
    state = bare.state_dict()
    if given is SWIN:  # the older names that its public files have
        state = {
            re.sub(r"layers\.(\d)\.downsample", lambda m: f"layers.{int(m[1]) - 1}.downsample", k)
            .replace("head.fc.", "head."): value
            for k, value in state.items()
        }  # fmt: skip
    torch.save(state, tmp_path / "bare.pt")
    maps = (0, 1) if given is VIT else (1, 2)
    backbone = Backbone(maps, **given).eval()
    backbone.load(tmp_path / "bare.pt")
    pictures = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        found = backbone(pictures)
        expected = bare.forward_intermediates(
            pictures, indices=list(maps), norm=False, output_fmt="NCHW", intermediates_only=True
        )
    assert [value.shape[1] for value in found] == backbone.channels
    for value, other in zip(found, expected, strict=True):
        torch.testing.assert_close(value, other)


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("vit_small_patch14_dinov2", ["mask_token"]),
        ("vit_small_patch16_dinov3", []),
        ("eva02_tiny_patch14_224", []),
    ],
)
def test_transformers_trained_at_another_size_are_backbones_too(
    name: str, beside: list[str], tmp_path: Path
) -> None:
    """By timm's name alone; positions are those of another grid. Two blocks of each."""
    sizes: dict[str, Any] = {"depth": 2, "embed_dim": 48, "num_heads": 3}
    state = timm.create_model(name, **sizes).state_dict() | {k: torch.zeros(1, 48) for k in beside}
    torch.save({"model": state}, tmp_path / "w.pth")
    patch = 16 if "dinov3" in name else 14
    backbone = Backbone((0, 1), name, **sizes, img_size=4 * patch)
    backbone.load(tmp_path / "w.pth")
    blocks = "blocks.1.norm1.weight"
    assert torch.equal(backbone.state_dict()[f"net.model.{blocks}"], state[blocks])
    with torch.inference_mode():
        found = backbone(torch.randn(1, 3, 4 * patch, 4 * patch))
    assert [tuple(value.shape) for value in found] == 2 * [(1, 48, 4, 4)]


def test_a_frozen_backbone_stays_as_it_is() -> None:
    torch.manual_seed(0)
    network = PartStateNet(SETTINGS.replace(freeze_backbone=True), 3, PAIR_PARTS).train()
    before = {name: value.clone() for name, value in network.backbone.state_dict().items()}
    pictures, boxes, actions = _inputs()
    network(pictures, boxes, actions).square().sum().backward()
    assert all(parameter.grad is None for parameter in network.backbone.parameters())
    assert network.classifier.weight.grad is not None
    for name, value in network.backbone.state_dict().items():
        assert torch.equal(value, before[name]), name  # nor do batch norms count


def test_weights_that_do_not_fit_are_refused_by_name(network: PartStateNet, tmp_path: Path) -> None:
    state = _whole(**RESNET).state_dict()
    path = tmp_path / "bare.pt"
    torch.save({k: v for k, v in state.items() if k != "layer1.0.conv1.weight"}, path)
    with pytest.raises(InputError, match=r"bare\.pt.*resnet10t.*missing: layer1\.0\.conv1\.weight"):
        load_backbone(network, path)
    torch.save(state | {"layer9.weight": torch.zeros(1)}, path)
    with pytest.raises(InputError, match=r"unknown: layer9\.weight"):
        load_backbone(network, path)
    torch.save(state | {"bn1.weight": torch.zeros(3)}, path)
    with pytest.raises(InputError, match=r"of another shape: bn1\.weight"):
        load_backbone(network, path)
    with pytest.raises(InputError, match="timm's network 'resnet_unheard_of'"):
        Backbone((1, 2), "resnet_unheard_of")


def test_the_full_recipe_s_network(repository: Path) -> None:
    recipe = yaml.safe_load((repository / "configs/kinetics_tps.yaml").read_text())
    settings = PartStateTrainSettings.of(recipe["states"]["part_state"]["train"])
    with torch.device("meta"):
        network = PartStateNet(settings, 24, np.repeat(np.arange(10), 16))
    # Swin-L has 195.0 M parameters without its classifier (Liu et al., 2021: 197 M with it)
    count = sum(value.numel() for value in network.backbone.parameters())
    assert count == pytest.approx(195.0e6, rel=0.002)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("stage")
    videos, annotations, frames = write_persons(folder / "frames")
    _train(folder, (videos, annotations, frames), SETTINGS)
    return folder, annotations, frames


def _detected(annotations: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    scored = annotations.drop(columns="state").assign(score=0.9, track=-1)
    persons = scored[scored["part"] == PERSON].drop(columns="part")
    return (
        tables.PERSONS.validate(persons),
        tables.PARTS_TABLE.validate(scored[scored["part"] != PERSON].drop(columns="track")),
    )


def test_the_stage_judges_every_part(trained: tuple) -> None:
    folder, annotations, frames = trained
    card = read_json(folder / "model" / "model.json")
    assert card["actions"] == ["jump", "sit"]
    assert card["trained_on"] == {"videos": 2, "persons": 8, "parts": 72}
    assert len(card["pairs"]) == len(observed_pairs(annotations, VOCABULARY))
    persons, parts = _detected(annotations)
    actions = pd.DataFrame({"video": ["a", "b"], "p_jump": [0.9, 0.2], "p_sit": [0.1, 0.8]})
    actions = tables.ACTIONS.validate(actions)
    rows = {"parts": parts, "persons": persons, "actions": actions, "frames": frames}
    found = {}
    for flip in (False, True):
        settings = PREDICT.replace(mirror=flip)
        method = load_part_state(
            folder / "model", VOCABULARY, settings, cache=folder / "frames", device="cpu"
        )
        (found[flip],) = predicted(method, rows, folder)
        key = ["video", "frame", "person", "part"]
        assert set(found[flip][key].itertuples(index=False)) == set(
            parts[key].itertuples(index=False)
        )
    columns = tables.probability_columns(VOCABULARY.states)
    assert not np.allclose(found[False][columns], found[True][columns])


def test_a_mirrored_batch_is_judged_for_the_other_side(trained: tuple) -> None:
    folder, annotations, _ = trained
    predictor = PartStatePredictor.load(folder / "model", VOCABULARY, "cpu")
    persons = detected_persons(*_detected(annotations))
    batch = predictor.see(persons, np.full((8, 2), 0.5), folder / "frames")
    how = PREDICT.replace(mirror=True)
    both = predictor.judge(batch, how)
    assert both.sum(axis=2) == pytest.approx(np.ones((8, 10)), abs=1e-5)
    mirrored = predictor.judge(mirror_example(batch), how)
    assert mirrored == pytest.approx(both[:, swap_order(PARTS)], abs=1e-5)


def test_a_model_of_other_names_is_refused(trained: tuple) -> None:
    other = replace(VOCABULARY, states=("bend", "none", "turn"))
    with pytest.raises(InputError, match="other states than the vocabulary"):
        PartStatePredictor.load(trained[0] / "model", other, "cpu")


@pytest.mark.slow
def test_eight_persons_are_learnt_by_heart(tmp_path: Path) -> None:
    videos, annotations, frames = write_persons(tmp_path / "frames")
    settings = SETTINGS.replace(epochs=150, width=32, roi_bins=3, maps=(1, 2, 3), balance=0.0)
    _train(tmp_path, (videos, annotations, frames), settings)
    history = pd.read_csv(tmp_path / "model" / "metrics.csv")
    assert history["train_right"].iloc[-5:].mean() > 0.95
