"""Damaged annotations, lists, videos, submissions and configs: each is read, or refused in a line.

Some six hundred of them; `pytest -m "slow or not slow" tests/test_fuzz.py` tries some thousand.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from functools import partial, reduce
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
import yaml

from partparse import tables
from partparse.challenge.format import PREDICTION, TRUTH, actions_file, parts_file, read_results
from partparse.challenge.submission import check_submission
from partparse.dataset.annotation import json_path, read_documents, read_video
from partparse.dataset.frame_check import check_frame
from partparse.dataset.lists import read_frame_counts, read_vocabulary
from partparse.decision.settings import DecisionSettings
from partparse.demo.plan import DemoSettings
from partparse.detection.pose.settings import PoseSettings
from partparse.detection.settings import (
    PartTrainSettings,
    PersonPredictSettings,
    PersonTrainSettings,
    TrackSettings,
)
from partparse.errors import InputError
from partparse.frames.cache import extract_shard
from partparse.frames.decoding import probe
from partparse.frames.settings import FrameSettings
from partparse.metric.result_objects import evaluate
from partparse.planning.settings import check_config
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.running.settings import Settings
from partparse.states.instance.settings import InstanceTrainSettings
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.states.skeleton.settings import SkeletonTrainSettings
from partparse.vocabulary import PARTS, Vocabulary
from tests.samples.fuzz import damage, damage_bytes, damage_lines, mutate, within
from tests.samples.tiny import human, write_data_set, write_video

SECONDS = 5
SEEDS = [*range(5), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(5, 15))]
VOCABULARY = Vocabulary(("run",), PARTS, ("none", "bend"), ("bar",))
SIZE = (64, 48)


def is_refused(read: Callable[[], Any], *names: str) -> bool:
    """Whether reading ended in the one error it may: a line that holds one of `names`."""
    with within(SECONDS):
        try:
            read()
        except InputError as error:
            assert_line(str(error), names)
            return True
    return False


def assert_line(text: str, names: Sequence[str]) -> None:
    assert text.isprintable(), text
    assert len(text) < 2500, text
    assert any(name in text for name in names), text


def annotation() -> dict[str, Any]:
    arm = {"name": "left_arm", "number": 1, "box": [10.5, 12, 15, 30], "verb": "bend"}
    first, second = human(1), human(2, parts={"left_arm": arm})
    return {"humans": [first, second], "objects": [{"name": "bar", "box": [0, 0, 63, 2]}]}


@pytest.mark.parametrize("seed", SEEDS)
def test_annotations(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    path = json_path(tmp_path, 1)
    refused = []
    for _ in range(50):
        path.write_bytes(damage(annotation(), rng))
        size = rng.choice([SIZE, None])
        refused.append(is_refused(partial(read_video, tmp_path, VOCABULARY, size), str(path)))
        faults: list[str] = []
        with within(SECONDS):
            for number, document in read_documents(tmp_path, faults.append):
                where = json_path(tmp_path, number)
                check_frame(document, where, VOCABULARY, size, faults.append, strict=True)
        # what reading refuses is a fault; the check may be stricter
        assert faults or not refused[-1]
    assert 10 < sum(refused) < 50


@pytest.mark.parametrize("seed", SEEDS)
def test_lists(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    root = write_data_set(tmp_path / "set")
    lists = {path: path.read_text() for path in sorted((root / "list").iterdir())}
    refused = 0
    for _ in range(40):
        path = rng.choice(list(lists))
        path.write_bytes(damage_lines(lists[path], rng))
        read = read_frame_counts if "flist" in path.name else lambda _: read_vocabulary(root)
        refused += is_refused(partial(read, path), str(path))
        path.write_text(lists[path])
    assert 10 < refused < 40


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One of each container."""
    tables.empty(tables.FRAMES)  # what checks tables is loaded once, which takes its time
    folder = tmp_path_factory.mktemp("videos")
    return [write_video(folder / f"bad.{kind}") for kind in ("mp4", "mkv", "avi", "webm", "gif")]


@pytest.mark.parametrize("seed", SEEDS)
def test_videos(tmp_path: Path, videos: list[Path], seed: int) -> None:
    rng = Random(seed)
    neighbours = [write_video(tmp_path / f"{name}.mp4").name for name in "az"]
    faulty = 0
    for number in range(20):
        whole = rng.choice(videos)
        bad = tmp_path / whole.name
        bad.write_bytes(damage_bytes(whole.read_bytes(), rng))
        paths = [neighbours[0], bad.name, neighbours[1]]
        asked = pd.DataFrame({"video": ["a", "bad", "z"], "path": paths}).assign(frames=8, fps=10.0)
        cache = tmp_path / f"{number}"
        with within(4 * SECONDS):
            table, times = extract_shard(
                asked, tmp_path, cache, FrameSettings(jpeg_quality=90), version=1, workers=1
            )
        is_refused(partial(probe, bad), str(bad))
        found = table.set_index("video")
        assert found.loc[["a", "z"], "frames"].tolist() == [8, 8]
        assert found.loc[["a", "z"], "problem"].isna().all()
        assert (times.groupby("video")["time"].diff().dropna() >= 0).all()
        problem = found.loc["bad", "problem"]
        assert found.loc["bad", "frames"] == 8 or isinstance(problem, str)
        faulty += isinstance(problem, str)
        bad.unlink()
        shutil.rmtree(cache)
    assert faulty > 3


def submission() -> dict[str, Any]:
    part = {"name": "head", "number": 1, "box": [[1, 2, 9, 8]], "verb": ["bend"]}
    person = {"number": 1, "box": [1, 2, 20, 30], "parts": {"head": part}}
    frames = {f"img_{number:05d}.json": {"humans": [person]} for number in (1, 6, 11)}
    frames_of = {"v": frames, "w": frames}
    return {actions_file(PREDICTION): {"v": "run", "w": "jump"}, parts_file(PREDICTION): frames_of}


def truth() -> dict[str, Any]:
    actions, frames = json.loads(json.dumps(list(submission().values())))
    for frame in (frame for entries in frames.values() for frame in entries.values()):
        frame["humans"][0]["parts"]["head"] |= {"box": [1, 2, 9, 8], "verb": "bend"}
    return {actions_file(TRUTH): actions, parts_file(TRUTH): frames}


@pytest.mark.parametrize("seed", SEEDS)
def test_submissions(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    pred, true = tmp_path / "pred", tmp_path / "true"
    names = [name(kind) for kind in (PREDICTION, TRUTH) for name in (actions_file, parts_file)]
    names.append("pred.zip")
    faulty = 0
    for _ in range(30):
        for folder, kind, files in ((pred, PREDICTION, submission()), (true, TRUTH, truth())):
            folder.mkdir(exist_ok=True)
            for name, value in files.items():
                (folder / name).write_text(json.dumps(value))
            if kind == PREDICTION or rng.random() < 0.2:
                name = rng.choice([parts_file(kind), parts_file(kind), actions_file(kind)])
                (folder / name).write_bytes(damage(files[name], rng))
        archive = tmp_path / "pred.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in pred.iterdir():
                packed.write(path, path.name)
        if rng.random() < 0.3:
            data = bytearray(archive.read_bytes())
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            archive.write_bytes(data)
        entry = rng.choice([pred, archive])
        with within(SECONDS):
            faults = check_submission(entry)
        for fault in faults:
            assert_line(fault, names)
        faulty += bool(faults)
        is_refused(partial(score, true, entry), *names)
    assert 10 < faulty < 30


def score(true: Path, pred: Path) -> float:
    """As `partparse evaluate` does it."""
    gt, submitted = read_results(true, TRUTH), read_results(pred, PREDICTION)
    return evaluate(gt.actions, gt.frames, submitted.actions, submitted.frames).score


PROGRAMS: dict[type[Settings], tuple[str, ...]] = {
    DecisionSettings: ("decision",),
    DemoSettings: ("demo",),
    InstanceTrainSettings: ("states", "instance_context", "train"),
    PartStateTrainSettings: ("states", "part_state", "train"),
    PartTrainSettings: ("parts", "train"),
    PersonPredictSettings: ("persons", "predict"),
    PersonTrainSettings: ("persons", "train"),
    PoseSettings: ("pose", "train"),
    PredictSettings: ("actions", "csn", "predict"),
    SkeletonTrainSettings: ("states", "skeleton", "train"),
    TrackSettings: ("tracks",),
    TrainSettings: ("actions", "csn", "train"),
}

ODD_YAML = [
    *(".nan", "-.inf", "1e400", "9" * 400, "0x1F", "0o17", "1:30", "2001-01-01", "yes", "~"),
    *("!!binary aGk=", "!!set {a, b}", "!!python/object/apply:os.getcwd []", "*missing", "<<: 1"),
    *("{1: 2}", "{null: 1}", "[[[[[]]]]]", "&a [*a]", "&b {b: *b}", "|\n  text", "'\t'", "{"),
]


def as_yaml(config: Any, rng: Random) -> Any:
    """The config as it is read from a file, one or two of whose values are odd YAML."""
    lines = yaml.dump(config, Dumper=yaml.CSafeDumper).splitlines()
    for _ in range(rng.choice([1, 2])):
        place = rng.randrange(len(lines))
        lines[place] = f"{lines[place].partition(':')[0]}: {rng.choice(ODD_YAML)}"
    try:
        return yaml.load("\n".join(lines), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):  # refused by the one who reads it: snakemake
        return config


@pytest.mark.parametrize("seed", SEEDS)
def test_configs(repository: Path, seed: int) -> None:
    rng = Random(seed)
    base = yaml.safe_load((repository / "config.yaml").read_text())
    refused = 0
    for _ in range(40):
        config = as_yaml(base, rng) if rng.random() < 0.5 else mutate(base, rng)
        if is_refused(partial(check_config, config), "config: "):
            refused += 1
            continue
        for kind, keys in PROGRAMS.items():
            section = reduce(lambda inner, key: inner[key], keys, config)
            said = json.dumps(section, sort_keys=True)  # as the rules hand it to the programs
            is_refused(partial(kind.parse, said), kind.__name__, *section)
    assert 10 < refused < 40
