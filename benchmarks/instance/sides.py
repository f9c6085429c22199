"""What judges persons' states in `compare.py`: ours, a pass a person, the backbone alone."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.checkout import settings
from benchmarks.instance.plain import judge_one_by_one
from benchmarks.side import Work
from partparse.recognition.clips import FrameReader, Video, normalise
from partparse.running.program import claim
from partparse.states.instance.clips import KeyFrames, collate
from partparse.states.instance.network import build_instance_network
from partparse.states.instance.prediction import InstanceModel, judge_persons
from partparse.states.instance.settings import InstancePredictSettings, InstanceTrainSettings
from partparse.states.pairs import Pairs
from partparse.states.persons import UNKNOWN, PersonParts
from partparse.vocabulary import PARTS

VIDEO = Video("v000", 250, 340, 256, "1")
STRIDE = 5  # frames from one key frame to the next
_STATES = tuple(f"state {number}" for number in range(16))
_MEMORY = 2**29  # bytes, as the stage has


def judge_ours(cache: str, head: str, key_frames: str, persons: str, device: str) -> Work:
    """All persons of a key frame in one pass, several key frames at once."""
    claim(1, int(device != "cpu"))
    model, predict = make_model(head, device)
    judged, some = (make_persons(count, int(persons)) for count in (int(key_frames), 2))

    def work(whom: PersonParts) -> None:
        judge_persons(model, whom, VIDEO, _reader(cache, model), settings=predict, device=device)

    work(some)
    return partial(work, judged)


def judge_plainly(cache: str, head: str, key_frames: str, persons: str, device: str) -> Work:
    """The reference."""
    model, _ = make_model(head, device)
    judged, some = (make_persons(count, int(persons)) for count in (int(key_frames), 2))
    judge_one_by_one(model, some, VIDEO, _reader(cache, model), device)
    return lambda: judge_one_by_one(model, judged, VIDEO, _reader(cache, model), device)


def backbone_alone(cache: str, head: str, key_frames: str, persons: str, device: str) -> Work:
    """The backbone once for each key frame, in our batches, on clips that are read before."""
    del persons
    claim(1, int(device != "cpu"))
    model, predict = make_model(head, device)
    frames = KeyFrames(make_persons(1, 1), [VIDEO], _reader(cache, model), model.settings)
    clips = normalise(collate([frames[0]] * predict.batch).clips.to(device), None)
    whole, rest = divmod(int(key_frames), predict.batch)

    @torch.inference_mode()
    def work() -> None:
        for size in [predict.batch] * whole + [rest] * bool(rest):
            model.network.backbone.features(clips[:size])

    work()
    return work


def make_model(head: str, device: str) -> tuple[InstanceModel, InstancePredictSettings]:
    """The demo's network of a method, with random weights."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    demo = settings("states", f"instance_{head}")
    train = InstanceTrainSettings.of(demo["train"])
    pairs = Pairs(tuple((part, state) for part in PARTS for state in _STATES), _STATES)
    network = build_instance_network(train, len(pairs)).eval()
    network.backbone.to(memory_format=torch.channels_last_3d)
    return InstanceModel(network.to(device), pairs, train), InstancePredictSettings(
        **demo["predict"]
    )


def make_persons(key_frames: int, persons: int) -> PersonParts:
    """Persons of the video's scored frames, its first ones again where there are too few."""
    frame, person = np.divmod(np.arange(key_frames * persons), persons)
    frame = 1 + STRIDE * frame % VIDEO.frames
    keys = pd.DataFrame({"video": VIDEO.name, "frame": frame, "person": person + 1})
    left = 10 + 20.0 * person
    boxes = np.stack([left, left * 0 + 20, left + 80, left * 0 + 230], axis=1)
    states = np.full((len(keys), len(PARTS)), UNKNOWN)
    return PersonParts(keys, boxes, np.full((len(keys), len(PARTS), 4), np.nan), states)


def _reader(cache: str, model: InstanceModel) -> FrameReader:
    return FrameReader(Path(cache), model.settings.frame_side, _MEMORY)
