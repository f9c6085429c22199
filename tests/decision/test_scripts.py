"""The programs that fit the decision and decide, on files of made-up tables."""

import json
from pathlib import Path

import pandas as pd
import pytest

from partparse import tables
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.errors import InputError
from partparse.files.array_files import read_arrays
from partparse.metric.rows import evaluate_tables
from partparse.states.rows import parse
from partparse.vocabulary import PARTS, Vocabulary
from tests.samples.decision import ALL_STEPS, NO_STEP, WORLD, made_up

SHARDS = {"train-0": ("train", 10), "val-0": ("val", 8), "test-0": ("test", 4)}
SOURCE = {"persons": "mirrored", "parts": "plain_mirrored", "states": "method_2_mirrored"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tables of three shards, each in a folder of its kind."""
    folder = tmp_path_factory.mktemp("tables")
    for shard, (split, videos) in SHARDS.items():
        made = made_up(split, videos)
        given = made.given
        tracks = made.tracked if split == "train" else given.tracks
        listed = made.truth.assign(
            split=split, path="x.mp4", source="1", frames=26, width=1280, height=720, fps=25.0
        )
        own = given.sources["mirrored"].persons
        written = {
            "videos": (listed, tables.VIDEOS),
            "frames": (made.frames, tables.FRAMES),
            "truth": (made.truth, tables.TRUTH),
            "annotations": (made.annotations, tables.ANNOTATIONS),
            "persons": (given.persons, tables.PERSONS),
            "tracks": (tracks, tables.PERSONS),
            "keypoints": (given.keypoints, tables.KEYPOINT_TABLE),
            "net": (given.actions["net"], tables.ACTIONS),
            "dots": (given.parts["dots"], tables.PARTS_TABLE),
            "plain": (given.parts["plain"], tables.PARTS_TABLE),
            "mirrored": (own, tables.PERSONS),
            "method_0": (given.states["method_0"], tables.STATES),
            "method_1": (given.states["method_1"], tables.STATES),
            "method_2": (given.states["method_2"], tables.STATES),
        }
        # the persons of a detector of its own are found again under their numbers
        for name, schema in (("plain", tables.PARTS_TABLE), ("method_2", tables.STATES)):
            kept = written[name][0].merge(own[["video", "frame", "person"]])
            written[f"{name}_mirrored"] = (kept, schema)
        for name, (table, schema) in written.items():
            path = folder / name / f"{shard}.parquet"
            path.parent.mkdir(exist_ok=True)
            tables.write(table, path, schema)
    Vocabulary(WORLD.actions, PARTS, WORLD.states, ()).write(folder / "vocabulary.json")
    return folder


def manifest_of(folder, shard, methods=("method_0", "method_1"), extra=()):
    def path(name):
        return str(folder / name / f"{shard}.parquet")

    manifest = {
        "persons": path("persons"),
        "parts": {"dots": path("dots")},
        "states": {name: path(name) for name in methods},
        "actions": {"net": path("net")},
    }
    if "sources" in extra:
        manifest["sources"] = {"mirrored": {kind: path(name) for kind, name in SOURCE.items()}}
    return manifest | {name: path(name) for name in extra if name != "sources"}


def fit(run_script, folder, out, settings, shards=("val-0",), *, more=None, **which):
    def paths(name, shards):
        return [str(folder / name / f"{shard}.parquet") for shard in shards]

    extra = [name for name in which.get("extra", ()) if name != "sources"]
    manifest = {
        "val": [manifest_of(folder, shard, **which) for shard in shards],
        "train": {name: paths(name, ["train-0"]) for name in ("videos", "annotations", *extra)},
        **{name: paths(name, shards) for name in ("truth", "annotations", "frames")},
        **(more or {}),
    }
    run_script(
        "fit_decision.py",
        *("--manifest", json.dumps(manifest)),
        *("--vocabulary", folder / "vocabulary.json", "--stride", 5, "--folds", 2),
        *("--settings", json.dumps(settings.model_dump()), "--out", out, "--threads", 1),
    )


def decide(run_script, folder, model, out, shard="test-0", *, more=None, **which):
    out.mkdir(exist_ok=True)
    run_script(
        "decide.py",
        *("--manifest", json.dumps(manifest_of(folder, shard, **which) | (more or {}))),
        *("--split", shard.split("-")[0], "--model", model, "--folds", 2),
        *("--parses-out", out / "parses.parquet", "--actions-out", out / "actions.parquet"),
        *("--probabilities-out", out / "probabilities.parquet"),
        *("--expected-out", out / "expected.csv", "--threads", 1),
    )
    return (
        tables.read(out / "parses.parquet", tables.PARSES),
        tables.read(out / "actions.parquet", tables.ACTIONS),
        pd.read_csv(out / "expected.csv"),
    )


EXTRA = ("tracks", "keypoints", "sources")


@pytest.mark.parametrize(
    ("settings", "extra"),
    [
        (NO_STEP, ()),
        (NO_STEP.replace(calibrate=True, boxes="mbr", slots=True, joint=True), EXTRA),
    ],
)
def test_both_programs(settings, extra, folder, tmp_path, run_script):
    model = tmp_path / "model"
    fit(run_script, folder, model, settings, extra=extra)
    card = json.loads((model / "model.json").read_text())
    methods = ["method_0", "method_1", *["mirrored"] * bool(extra)]
    assert card["methods"] == methods
    assert card["box_sources"] == ["dots", *["mirrored"] * bool(extra)]
    assert card["settings"] == settings.model_dump()
    told = read_arrays(TrainingStatistics, model / "background.npz")
    assert told.methods == tuple(methods)
    assert (told.geometry is not None) == bool(extra)
    for fold in ("all", "0", "1"):
        fitted = read_arrays(DecisionModel, model / f"{fold}.npz")
        assert fitted.stack.temperatures.floor.shape == (len(methods), len(PARTS))
    for name in ("choices", "stacking", "time", "boxes", "reliability"):
        assert len(pd.read_csv(model / f"{name}.csv"))

    for shard in ("test-0", "val-0"):
        made = made_up(*SHARDS[shard])
        parses, actions, expected = decide(
            run_script, folder, model, tmp_path / shard, shard, extra=extra
        )
        chosen = tables.predicted_action(actions)
        judged = evaluate_tables(made.truth, made.annotations, chosen, parses, made.frames)
        assert judged.score > 0.3
        assert set(expected["video"]) == set(made.truth["video"])
        assert expected["score"].between(0, 1).all()
        by_video = expected.set_index("video")["action"]
        assert by_video[chosen["video"]].tolist() == chosen["action"].tolist()


def test_what_is_clearly_better_is_submitted_instead(folder, tmp_path, run_script):
    """Here a vote that the scores of val praise; its parses are those of the best method."""
    scores, parses = {}, {}
    for name, value in {"method_0": 0.0, "method_1": 0.0, "vote": 0.99}.items():
        of_val = made_up(*SHARDS["val-0"]).truth.assign(method=name, psc=value, value=value)
        of_val.to_csv(path := tmp_path / f"{name}.csv", index=False)
        scores[name] = [str(path)]
        parses[name] = str(tmp_path / f"{name}.parquet")
    test = made_up(*SHARDS["test-0"])
    voted = parse(test.given.persons, test.given.parts["dots"], test.given.states["method_1"])
    tables.write(voted, Path(parses["vote"]), tables.PARSES)
    model = tmp_path / "model"
    fit(run_script, folder, model, NO_STEP.replace(fallback=True), more={"scores": scores})
    found, actions, expected = decide(
        run_script, folder, model, tmp_path / "out", more={"parses": parses}
    )
    key = ["video", "frame", "person", "part"]
    expected_parses = tables.read(Path(parses["vote"]), tables.PARSES)
    pd.testing.assert_frame_equal(
        found.sort_values(key, ignore_index=True),
        expected_parses.sort_values(key, ignore_index=True),
    )
    net = tables.predicted_action(test.given.actions["net"]).set_index("video")["action"]
    for said in (tables.predicted_action(actions), expected):
        assert said["action"].tolist() == net[said["video"]].tolist()
    choices = pd.read_csv(model / "choices.csv")
    last = choices[(choices["step"] == "submitted") & (choices["fold"] == "all")]
    assert last[last["better"]]["candidate"].tolist() == ["decided", "vote"]


@pytest.fixture(scope="module")
def cut(folder):
    """The shard val-0 in two: its first, third, … video, and the others."""
    names = [f"val-{number}" for number in (1, 2)]
    for path in folder.glob("*/val-0.parquet"):
        table = pd.read_parquet(path)
        even = table["video"].rank(method="dense") % 2 == 0
        for name, rows in zip(names, (~even, even), strict=True):
            table[rows].to_parquet(path.with_name(f"{name}.parquet"), index=False)
    return names


def test_the_same_videos_make_the_same_bytes_whatever_their_shards(
    folder, cut, tmp_path, run_script
):
    settings = NO_STEP.replace(boxes="median", slots=True)
    written = []
    for name, shards in {"first": ["val-0"], "second": ["val-0"], "cut": cut}.items():
        model, out = tmp_path / name, tmp_path / f"{name}_decided"
        fit(run_script, folder, model, settings, shards, extra=("tracks",))
        decide(run_script, folder, model, out, extra=("tracks",))
        files = [*sorted(model.iterdir()), *sorted(out.iterdir())]
        written.append({file.name: file.read_bytes() for file in files})
    assert written[0] == written[1] == written[2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"boxes": "best"}, "boxes: expected 'first', 'median', 'weighted' or 'mbr', got 'best'"),
        ({"pseudo_pairs": 0}, "pseudo_pairs: expected more than 0, got 0"),
        ({"pseudo_videos": -1}, "pseudo_videos: expected more than 0, got -1"),
    ],
)
def test_settings_that_make_no_sense_are_told(changes, message):
    with pytest.raises(InputError, match=message):
        ALL_STEPS.replace(**changes)


def test_wrong_arguments_are_told(folder, tmp_path, run_script, capsys):
    with pytest.raises(SystemExit):
        fit(run_script, folder, tmp_path / "model", NO_STEP, methods=("absent",))
    assert "absent/val-0.parquet: no such table" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
    with pytest.raises(SystemExit):
        run_script("decide.py", "--manifest", '{"person": "a.parquet"}')
    assert "unknown entry 'person' (is 'persons' meant?)" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run_script("decide.py", "--manifest", "{}")
    assert "persons: missing" in capsys.readouterr().err


def test_other_methods_than_those_that_were_fitted_are_refused(
    folder, tmp_path, run_script, capsys
):
    model = tmp_path / "model"
    fit(run_script, folder, model, NO_STEP)
    with pytest.raises(SystemExit):
        decide(run_script, folder, model, tmp_path, methods=("method_1", "method_0"))
    told = capsys.readouterr().err
    assert "method_1, method_0" in told and "method_0, method_1" in told
