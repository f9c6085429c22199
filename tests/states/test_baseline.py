"""The official baseline: what it pools, what it masks, how it learns and what it writes."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torchvision.models.resnet import Bottleneck, ResNet

from partparse import tables
from partparse.augment import View
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.running.arguments import Job, Pictures
from partparse.states.baseline import prediction as baseline_prediction
from partparse.states.baseline.frames import FrameBatch, FrameReader, ObjectBoxes, join_frames
from partparse.states.baseline.network import (
    BaselineNetwork,
    Trunk,
    mean_by,
    nearest_object,
)
from partparse.states.baseline.prediction import load_baseline
from partparse.states.baseline.segments import TrainingSegments, join_segments
from partparse.states.baseline.training import BaselineTask, load_backbone, train_baseline
from partparse.states.pairs import Pairs, observed_pairs, part_accuracy
from partparse.states.persons import PersonParts, annotated_persons
from partparse.vocabulary import PARTS
from tests.samples import baseline as samples
from tests.samples.prediction import predicted

HEAD, LEFT_HAND, RIGHT_HAND = (PARTS.index(p) for p in ("head", "left_hand", "right_hand"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    samples.draw_videos(folder)
    return folder


@pytest.fixture(scope="module")
def tsn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("actions") / "model"
    samples.write_tsn(folder)
    return folder


@pytest.fixture(scope="module")
def model(cache: Path, tsn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("baseline") / "model"
    train(cache, tsn, out)
    return out


def train(cache: Path, tsn: Path, out: Path, settings=samples.SETTINGS) -> None:
    train_baseline(
        samples.videos_table(),
        samples.annotations_table(),
        samples.objects_table(),
        Pictures(samples.frames_table(), cache),
        samples.VOCABULARY,
        tsn=tsn,
        settings=settings,
        out=out,
        job=Job(version=1),
    )


def everyone() -> PersonParts:
    return annotated_persons(
        samples.annotations_table(), samples.frames_table(), samples.VOCABULARY, 1
    )


def pairs() -> Pairs:
    return observed_pairs(samples.annotations_table(), samples.VOCABULARY)


def small_network(settings=samples.SETTINGS) -> BaselineNetwork:
    torch.manual_seed(0)
    facts = {
        "tsn": {"network": samples.TSN, "weights": None},
        "classes": samples.VOCABULARY.actions,
    }
    return BaselineNetwork(settings, facts, pairs())


def random_batch(persons: list[int], objects: list[int]) -> FrameBatch:
    """Frames with so many persons and objects; about half of the parts are missing."""
    generator = torch.Generator().manual_seed(0)

    def boxes(*shape: int) -> torch.Tensor:
        corners = torch.rand(*shape, 2, generator=generator) * 40
        return torch.cat([corners, corners + 4 + 20 * torch.rand(corners.shape)], -1)

    frames, people = len(persons), sum(persons)
    parts = boxes(people, 10)
    parts[torch.rand(people, 10, generator=generator) < 0.5] = torch.nan
    colours = torch.randint(0, 255, (frames, 48, 64, 3), generator=generator, dtype=torch.uint8)
    return FrameBatch(
        colours,
        torch.tensor([[64.0, 48.0]]).repeat(frames, 1),
        colours[:, :32, :32],
        boxes(people),
        parts,
        torch.zeros(people, 10, dtype=torch.long),
        torch.rand(people, generator=generator) < 0.7,
        torch.arange(frames).repeat_interleave(torch.tensor(persons)),
        boxes(sum(objects)),
        torch.arange(frames).repeat_interleave(torch.tensor(objects)),
    )


def test_the_trunk_is_torchvision_s_resnet():
    with torch.device("meta"):
        ours = Trunk((3, 4, 6, 3), 64, 32).state_dict()
        theirs = torchvision.models.resnet50().state_dict()
    assert {k: v.shape for k, v in ours.items()} == {
        k: v.shape for k, v in theirs.items() if not k.startswith("fc.")
    }


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_the_trunk_computes_what_torchvision_s_does(stride):
    theirs = ResNet(
        Bottleneck,
        [1, 1, 2, 2],
        replace_stride_with_dilation=[False, stride < 16, stride < 32],
    ).eval()
    theirs.fc = nn.Identity()
    trunk = Trunk((1, 1, 2, 2), 64, stride).eval()
    trunk.load_state_dict(theirs.state_dict())
    picture = torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        maps = trunk(picture)
        assert maps.shape == (1, 2048, 64 // stride, 96 // stride)
        torch.testing.assert_close(maps.mean((2, 3)), theirs(picture))


def test_weights_named_as_torchvision_s_are_loaded_and_others_refused(tmp_path):
    network = small_network()
    held = network.trunk.state_dict() | {"fc.weight": torch.zeros(9, 9)}
    held = {k: v + 1 for k, v in held.items() if not k.endswith("num_batches_tracked")}
    torch.save(held, tmp_path / "resnet.pth")
    load_backbone(network, tmp_path / "resnet.pth")
    torch.testing.assert_close(network.trunk.conv1.weight, held["conv1.weight"])
    del held["layer1.0.conv1.weight"]
    torch.save(held, tmp_path / "resnet.pth")
    with pytest.raises(InputError, match=r"layer1\.0\.conv1\.weight"):
        load_backbone(network, tmp_path / "resnet.pth")


def test_means_by_group_are_those_of_a_plain_loop():
    values, group = torch.randn(7, 3), torch.tensor([2, 0, 2, 2, 4, 0, 4])
    for number, found in enumerate(mean_by(values, group, 5)):
        rows = [values[i] for i in range(7) if group[i] == number]
        expected = sum(rows) / len(rows) if rows else torch.zeros(3)
        torch.testing.assert_close(found, expected)


def test_the_action_sees_the_mean_over_parts_then_over_humans():
    network = small_network().eval()
    seen: dict[str, torch.Tensor] = {}
    network.refine.register_forward_hook(lambda m, i, o: seen.update(refined=o))
    network.action.register_forward_hook(lambda m, i, o: seen.update(frames=i[0]))
    batch = random_batch([3, 0, 2], [1, 0, 2])
    with torch.inference_mode():
        network(batch)
    refined = iter(seen["refined"])
    frames: list[list[torch.Tensor]] = [[], [], []]
    for person, boxes in enumerate(batch.parts):
        own = [next(refined) for box in boxes if not box.isnan().any()]
        if own and batch.counted[person]:
            frames[int(batch.frame_of_person[person])].append(sum(own) / len(own))
    for found, humans in zip(seen["frames"], frames, strict=True):
        expected = sum(humans) / len(humans) if humans else torch.zeros(samples.SETTINGS.refined)
        torch.testing.assert_close(found[: samples.SETTINGS.refined], expected)
    assert batch.counted.any()
    assert not batch.counted.all()


def test_a_box_s_feature_is_the_mean_over_it():
    """Of a map that holds each cell's place the mean is the box's centre."""
    network = small_network()
    stride = network.trunk.stride
    x = (torch.arange(12.0) + 0.5) * stride
    maps = torch.stack([x.expand(9, 12), x[:9, None].expand(9, 12)])[None]
    boxes = torch.tensor([[10.0, 20.0, 50.0, 36.0], [33.0, 9.0, 39.0, 60.0]])
    found = network._pool(maps, boxes, torch.tensor([0, 0]))
    torch.testing.assert_close(found, (boxes[:, :2] + boxes[:, 2:]) / 2)


def test_the_nearest_object_is_that_of_a_plain_loop():
    batch = random_batch([2, 1, 3], [3, 0, 2])
    person, part = (~batch.parts.isnan().any(-1)).nonzero(as_tuple=True)
    parts, frames = batch.parts[person, part], batch.frame_of_person[person]
    found = nearest_object(parts, frames, batch.objects, batch.frame_of_object)
    for box, frame, nearest in zip(parts, frames, found, strict=True):
        gaps = {}
        for number, (x1, y1, x2, y2) in enumerate(batch.objects.tolist()):
            if batch.frame_of_object[number] == frame:
                aside = max(x1 - float(box[2]), float(box[0]) - x2, 0)
                above = max(y1 - float(box[3]), float(box[1]) - y2, 0)
                gaps[number] = round((aside**2 + above**2) ** 0.5, 3)
        assert int(nearest) == (min(gaps, key=gaps.__getitem__) if gaps else -1)


def test_missing_parts_teach_nothing_and_frames_may_be_empty():
    network = small_network()
    batch = random_batch([2, 0], [0, 0])
    scores = network(batch)
    held = ~batch.parts.isnan().any(-1)
    parts = torch.as_tensor(pairs().part_index)
    assert scores.pairs.shape == (2, len(pairs()))
    assert (scores.pairs[~held[:, parts]] == 0).all()
    (scores.pairs.sum() + scores.actions.sum()).backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())
    nobody = network.eval()(random_batch([0, 0], [1, 0]))
    assert nobody.pairs.shape == (0, len(pairs()))
    assert nobody.actions.isfinite().all()


def test_halved_precision_changes_little():
    network, batch = small_network().eval(), random_batch([2, 1], [1, 1])
    with torch.inference_mode():
        whole = network(batch)
        with torch.autocast("cpu", torch.bfloat16):
            half = network(batch)
    for one, other in zip(whole, half, strict=True):
        torch.testing.assert_close(one, other.float(), atol=0.05, rtol=0.1)


def test_the_tsn_stays_as_it_was_trained():
    network = small_network().train()
    assert not any(module.training for module in network.tsn.modules())
    assert not any(parameter.requires_grad for parameter in network.tsn.parameters())
    assert network.trunk.training


def test_a_mirrored_frame_has_its_sides_exchanged(cache):
    rows = np.flatnonzero(everyone().keys["video"] == "a")[:1]
    persons, objects = everyone().take(rows), ObjectBoxes(samples.objects_table()).of("a", 1)
    reader = FrameReader(cache, 60, samples.TSN_SIDE)
    plain = reader.read("a", 1, persons, objects, View())
    mirrored = reader.read("a", 1, persons, objects, View(mirrored=True))
    np.testing.assert_array_equal(mirrored.picture, plain.picture[:, ::-1])
    assert plain.parts[0, LEFT_HAND].tolist() == [22, 28, 32, 40]
    assert mirrored.parts[0, RIGHT_HAND].tolist() == [80 - 32, 28, 80 - 22, 40]
    assert np.isnan(mirrored.parts[0, LEFT_HAND]).all()
    assert mirrored.states[0, RIGHT_HAND] == plain.states[0, LEFT_HAND] != -1
    assert mirrored.states[0, HEAD] == plain.states[0, HEAD]
    assert mirrored.persons.tolist() == [[80 - 60, 10, 80 - 20, 50]]
    assert mirrored.objects.tolist() == [[80 - 70, 30, 80 - 60, 40]]


def test_boxes_follow_the_picture_s_size(cache):
    persons = everyone().take([0])
    reader = FrameReader(cache, 30, samples.TSN_SIDE)
    frame = reader.read("a", 1, persons, np.zeros((0, 4)), View())
    assert frame.picture.shape == (30, 40, 3)
    assert frame.thumbnail.shape == (samples.TSN_SIDE, samples.TSN_SIDE, 3)
    assert frame.persons.tolist() == [[10, 5, 30, 25]]
    larger = reader.read("a", 1, persons, np.zeros((0, 4)), View(), zoom=2.0)
    batch = join_frames([frame, larger])
    assert batch.pictures.shape == (2, 60, 80, 3)
    assert batch.sizes.tolist() == [[40, 30], [80, 60]]
    assert batch.frame_of_person.tolist() == [0, 1]
    assert len(batch.objects) == 0


def segments(
    cache: Path, count: int, mirror=0.0, scale=(1.0, 1.0), colour=0.0, box_jitter=0.0
) -> TrainingSegments:
    settings = samples.SETTINGS.replace(
        segments=count, seed=0, mirror=mirror, scale=scale, colour=colour, box_jitter=box_jitter
    )
    actions = {v: samples.VOCABULARY.actions.index(a) for v, a in samples.VIDEOS.items()}
    reader = FrameReader(cache, samples.SETTINGS.frame_side, samples.TSN_SIDE)
    return TrainingSegments(everyone(), samples.objects_table(), actions, reader, settings)


def test_the_same_epoch_and_video_give_the_same_frames(cache):
    training = segments(cache, 3, 0.5, (0.8, 1.2), 0.2, 0.1)
    (first, action), (again, _), (later, _) = training[0, 1], training[0, 1], training[1, 1]
    assert len(first) == 3
    assert action == 1
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.picture, other.picture)
        np.testing.assert_array_equal(one.parts, other.parts)
    assert not np.array_equal(first[0].persons, later[0].persons)


def test_it_trains_predicts_and_says_what_it_was_made_from(model, cache, tmp_path):
    card = read_json(model / "model.json")
    assert card["classes"] == list(samples.VOCABULARY.actions)
    assert card["trained_on"] == {"videos": 4, "persons": 4 * samples.FRAMES}
    assert ["head", "none"] in card["pairs"]
    states, actions = predict(model, cache, tmp_path)
    persons, parts = samples.detections(0.9)
    assert len(states) == len(parts) == len(persons) * 2
    assert set(states["part"]) == {"head", "left_hand"}
    assert list(actions["video"]) == [*samples.VIDEOS, "none"]
    probabilities = actions.set_index("video")[["p_jump", "p_sit"]]
    assert probabilities.loc["none"].tolist() == [0.5, 0.5]
    assert probabilities.loc["a", "p_jump"] != 0.5


def predict(model, cache, folder, score=0.9):
    persons, parts = samples.detections(score)
    method = load_baseline(
        model, samples.VOCABULARY, samples.PREDICTION, cache=cache, stride=5, device="cpu"
    )
    rows = {
        "frames": samples.frames_table(),
        "persons": persons.sample(frac=1, random_state=0),
        "parts": parts,
        "objects": tables.empty(tables.DETECTED_OBJECTS),
    }
    return predicted(method, rows, folder)


def test_doubtful_persons_get_states_but_do_not_count_for_the_action(model, cache, tmp_path):
    (tmp_path / "sure").mkdir()
    (tmp_path / "doubtful").mkdir()
    states, actions = predict(model, cache, tmp_path / "sure")
    other_states, other_actions = predict(model, cache, tmp_path / "doubtful", score=0.1)
    columns = tables.probability_columns(samples.VOCABULARY.states)
    np.testing.assert_allclose(states[columns], other_states[columns])
    assert not np.allclose(actions["p_jump"], other_actions["p_jump"], atol=1e-5)


def test_a_killed_prediction_goes_on_with_both_tables(model, cache, tmp_path, monkeypatch):
    whole = tmp_path / "whole"
    whole.mkdir()
    expected = predict(model, cache, whole)
    asked: list[str] = []
    ordinary = baseline_prediction.Baseline.judge

    def killed(self, rows):
        asked.append(rows["frames"]["video"].iloc[0])
        if asked == ["a", "b"]:
            raise KeyboardInterrupt
        return ordinary(self, rows)

    monkeypatch.setattr(baseline_prediction.Baseline, "judge", killed)
    folder = tmp_path / "killed"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        predict(model, cache, folder)
    found = predict(model, cache, folder)
    assert asked == ["a", "b", "b", "c", "d", "none"]
    for one, other in zip(expected, found, strict=True):
        assert one.equals(other)


def test_another_action_model_than_a_tsn_is_refused(cache, tsn, tmp_path):
    card = (tsn / "model.json").read_text().replace('"tsn"', '"ir_csn"')
    (tmp_path / "model.json").write_text(card)
    with pytest.raises(InputError, match="expected a tsn on rgb, the network is 'ir_csn' on rgb"):
        train(cache, tmp_path, tmp_path / "out")


@pytest.mark.slow
def test_it_learns_eight_frames_by_heart(cache):
    settings = samples.SETTINGS.replace(width=8, hidden=64, refined=32)
    training = segments(cache, 2)
    batch = join_segments([training[0, item] for item in range(4)])
    assert len(batch[0].pictures) == 8
    network = small_network(settings)
    task = BaselineTask(network, settings, pairs())
    optimizer = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], 0.003)
    for _ in range(150):
        optimizer.zero_grad()
        task.figures(batch)["loss"].backward()
        optimizer.step()
    with torch.inference_mode():
        scores = network(batch[0])
        spread = task._pairs.spread(scores.pairs)
    assert part_accuracy(spread, batch[0].states) > 0.95
    assert (scores.actions.argmax(1) == batch[1].repeat_interleave(2)).float().mean() > 0.95
