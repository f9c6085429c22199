"""Which methods a config runs, what they need, and what it may not say."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from partparse import states
from partparse.errors import InputError
from partparse.planning.dataset import DataSet
from partparse.planning.decision import decided_tables
from partparse.planning.methods import best_of, check_keypoints
from partparse.planning.settings import check_config
from partparse.states.methods import known_methods, method_of
from tests.planning.test_config import merged


def test_planning_is_light(repository):
    code = (
        "import sys, pkgutil, partparse.planning as room\n"
        "for found in pkgutil.iter_modules(room.__path__, 'partparse.planning.'):\n"
        "    __import__(found.name)\n"
        "from partparse.states.methods import known_methods; known_methods()\n"
        "print(*sys.modules)"
    )
    command = [sys.executable, "-c", code]
    out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=repository)
    assert not {"torch", "pandas", "numpy", "cv2", "av"} & set(out.stdout.split())


def test_every_method_has_its_rules(repository):
    for method in known_methods():
        assert (repository / "rules/states" / f"{method.rules}.smk").is_file()


def test_the_default_methods(plan):
    methods = plan()
    assert methods.states == methods.rules == ["category", "group", "parser"]
    assert methods.parts == "results/parts/best/{shard}.parquet"
    assert methods.trained_actions == ["csn"]
    assert (methods.own_boxes, methods.uses_flow) == ({}, False)
    labels = list(methods.trained_models())
    assert labels[:5] == ["persons", "pose", "parts: dots", "action: csn", "parser"]
    assert labels[5] == "group: head"
    assert methods.trained_models()["group: head"] == "results/states/group/head/model"


def test_the_parser_gives_parts_keypoints_and_actions(plan):
    asked = {
        "methods": {"states": ["parser", "skeleton"], "actions": ["parser", "csn"]},
        "parts": {"variants": ["parser", "plain"]},
        "pose": {"source": "parser"},
        "submission": {"part_detector": "parser"},
    }
    methods = plan(**asked)
    assert methods.parts == "results/parts/parser/{shard}.parquet"
    assert methods.persons == "results/persons/grown/{shard}.parquet"
    assert methods.keypoints == "results/parser/keypoints/{shard}.parquet"
    assert methods.tracked_keypoints == "results/parser/tracked/keypoints/{shard}.parquet"
    trained = list(methods.trained_models())
    nets = ["persons", "parts: plain", "action: csn", "parser", "skeleton", "parser, refit"]
    assert trained == nets
    decided = decided_tables(methods)
    assert list(decided["parts"]) == ["parser", "plain_mirrored", "plain"]
    assert decided["keypoints"] == methods.keypoints


def test_the_part_detector_is_the_named_one_the_only_one_or_chosen(plan):
    several, named = {"variants": ["plain", "single"]}, {"part_detector": "single"}
    methods = plan(parts=several, methods={"states": ["category"]}, submission=named)
    assert methods.parts == "results/parts/single/{shard}.parquet"
    assert methods.parts_given == ["single"]
    assert list(decided_tables(methods)["parts"]) == ["single", "plain_mirrored", "plain"]
    methods = plan(parts=several, methods={"states": ["category", "onestage"]})
    assert methods.parts == "results/parts/best/{shard}.parquet"
    assert methods.parts_given == ["plain", "single"]
    assert methods.boxes_of("onestage")["parts"] == "results/onestage/parts/{shard}.parquet"
    # of one detector nothing has to be chosen
    alone = plan(parts={"variants": ["plain"]})
    assert (alone.part_detector, alone.parts_given) == ("plain", ["plain"])
    assert alone.parts == "results/parts/plain/{shard}.parquet"
    assert list(decided_tables(alone)["parts"]) == ["plain", "plain_mirrored"]


@pytest.mark.parametrize(
    "overlay",
    [
        {"parts": {"variants": ["plain", "parser"]}},
        {"parts": {"variants": ["plain"]}, "pose": {"source": "parser"}},
        {"parts": {"variants": ["plain"]}, "methods": {"actions": ["parser"]}},
    ],
)
def test_the_parser_is_trained_for_whatever_is_taken_of_it(plan, overlay):
    config = {"methods": {"states": ["category"], "actions": ["csn"]}}
    assert plan(**config, parts={"variants": ["plain"]}).rules == ["category"]
    methods = plan(**merged(config, overlay))
    assert methods.states == ["category"]
    assert methods.rules == ["category", "parser"]
    assert methods.trained_models()["parser"] == "results/states/parser/model"


def test_a_refit_is_a_model_more(plan):
    asked = {"methods": {"states": ["category", "skeleton"]}, "submission": {"refit": ["skeleton"]}}
    trained = plan(**asked).trained_models()
    assert trained["skeleton"] == "results/states/skeleton/model"
    assert trained["skeleton, refit"] == "results/states/skeleton/refit"


def test_what_is_not_used_is_not_refitted(plan):
    methods = plan(
        methods={"states": ["category", "skeleton"], "actions": ["csn"]},
        parts={"variants": ["dots"]},
        submission={"refit": ["parser", "skeleton"]},
    )
    assert methods.refitted == ["skeleton"]


def test_what_methods_start_from_is_trained_as_well(plan):
    methods = plan(
        methods={"states": ["instance_context", "video"], "actions": ["csn"]},
        parts={"variants": ["dots"]},
    )
    assert methods.trained_states == ["instance_context", "video", "instance_roi"]
    assert methods.rules == ["instance", "clip_labels"]
    assert methods.initial_model("instance_context") == ["results/states/instance_roi/model"]
    assert methods.initial_model("video") == ["results/actions/csn/model"]
    assert methods.initial_model("instance_roi") == []


def test_the_baseline_needs_a_tsn_and_objects(plan):
    methods = plan(methods={"states": ["baseline"], "actions": ["csn", "baseline"]})
    assert methods.trained_actions == ["csn", "tsn"]
    assert list(methods.trained_models())[-1] == "objects"


def test_a_fusion_trains_its_members(plan):
    actions = {"actions": ["csn", "two_stream"]}
    methods = plan(methods=actions)
    assert methods.trained_actions == ["csn", "csn_flow"]
    assert methods.uses_flow
    weights = {"both": {"group": {"head": 1.0}, "video": {"head": 1.0}}}
    methods = plan(
        methods={"states": ["group", "video", "both"], "actions": ["csn"]},
        fusions={"states": weights},
        parts={"variants": ["dots"]},
    )
    assert methods.trained_states == ["group", "video"]
    assert methods.boxes_of("both") == methods.boxes_of("group")


def test_own_boxes_are_used(plan):
    methods = plan(
        methods={"states": ["category", "onestage"], "actions": ["csn"]},
        parts={"variants": ["plain"]},
    )
    assert methods.boxes_of("onestage") == {
        "persons": "results/onestage/persons/{shard}.parquet",
        "parts": "results/onestage/parts/{shard}.parquet",
    }
    assert methods.boxes_of("category") == {
        "persons": "results/persons/detected/{shard}.parquet",
        "parts": "results/parts/plain/{shard}.parquet",
    }
    assert plan().boxes_of("category")["persons"] == "results/persons/grown/{shard}.parquet"


def test_val_chooses_persons_boxes_where_the_parser_looks_at_them(plan):
    parsed, detected, found = (
        f"results/{name}/{{shard}}.parquet"
        for name in ("parser/persons", "persons/detected", "persons/found")
    )
    assert plan().found == found
    assert plan().boxes_given == {"parser": parsed, "detected": detected}
    without = plan(
        methods={"states": ["category"], "actions": ["csn"]}, parts={"variants": ["dots"]}
    )
    assert (without.found, without.boxes_given) == (detected, {})
    once = plan(states={"parser": {"predict": {"looks": 1}}})
    assert (once.found, once.boxes_given) == (detected, {})
    no_pose = plan(parts={"variants": ["parser"]})
    assert no_pose.persons == found
    assert decided_tables(no_pose)["detected"] == detected
    assert plan(pose={"source": "parser"}).tracked_persons == (
        "results/parser/tracked/persons/{shard}.parquet"
    )


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        (
            {"states": {"grop": {}}},
            r"states.grop: there is no such method \(is 'group' meant\?\)",
        ),
        (
            {"methods": {"states": ["categry"]}},
            r"methods.states: 'categry' \(is 'category' meant\?\) is none of category, group,",
        ),
        (
            {"methods": {"actions": ["csn", "skelton"]}},
            r"methods.actions: 'skelton' \(is 'skeleton' meant\?\) is none of csn, csn_persons,",
        ),
        (
            {"fusions": {"actions": {"baseline": {"csn": 1, "tsn": 1}}}},
            "fusions.actions.baseline: there is an action model of this name",
        ),
        (
            {"fusions": {"states": {"video": {}}}},
            "fusions.states.video: there is a state method of this name",
        ),
        (
            {
                "methods": {"actions": ["csn", "mine"]},
                "fusions": {"actions": {"mine": {"csn": 1, "swim": 1}}},
            },
            r"fusions.actions.mine: 'swim' \(is 'swin' meant\?\) is none of csn,",
        ),
        (
            {
                "methods": {"states": ["group", "mine"]},
                "fusions": {"states": {"mine": {"group": {}, "video": {}}}},
            },
            "fusions.states.mine: 'video' is none of group",
        ),
        (
            {"states": {"baseline": {"tsn": "tns"}}},
            "states.baseline.tsn: 'tns' is none of csn, csn_persons, tsn",
        ),
        (
            {"submission": {"action_model": "swin"}},
            "submission.action_model: 'swin' is none of csn",
        ),
        (
            {"fusions": {"actions": {"best": {"csn": 1, "swin": 1}}}},
            "actions: 'best' is the model that is chosen on val; call it otherwise",
        ),
        (
            {"submission": {"part_detector": "single"}},
            "submission.part_detector: 'single' is none of parser, dots, best",
        ),
        (
            {"submission": {"parses": "votes"}},
            r"submission.parses: 'votes' \(is 'vote' meant\?\) is none of category, group, parser,",
        ),
        (
            {"submission": {"refit": ["group"]}},
            "submission.refit: 'group' is none of skeleton, parser",
        ),
        (
            {"methods": {"states": ["skeleton"]}, "parts": {"variants": ["plain"]}},
            r"methods.states: skeleton needs keypoints, which parts.variants: \[dots\] or pose",
        ),
        (
            {"methods": {"actions": ["skeleton"]}, "parts": {"variants": ["parser"]}},
            r"methods.actions: skeleton needs keypoints, which parts.variants: \[dots\] or pose",
        ),
        (
            {"methods": {"states": ["instance_skeleton"]}, "parts": {"variants": ["plain"]}},
            "methods.states: instance_skeleton needs keypoints",
        ),
    ],
)
def test_wrong_names_are_refused(plan, overlay, message):
    with pytest.raises(InputError, match=message):
        plan(**overlay)


def test_a_pose_net_is_trained_on_keypoints(tmp_path):
    config = {
        "dataset": {"test_only": False},
        "parts": {"variants": ["dots"]},
        "pose": {"source": "net", "train": {"weights": None}},
    }
    data = DataSet(tmp_path, is_demo=False, shards={})
    with pytest.raises(InputError, match=r"keypoints: no such folder, and pose.train.weights is"):
        check_keypoints(config, data)
    check_keypoints(config, DataSet(tmp_path, is_demo=True, shards={}))
    without = config | {"parts": {"variants": ["plain"]}}
    check_keypoints(without, data)
    with pytest.raises(InputError, match=r"keypoints: no such folder"):
        check_keypoints(without | {"pose": {"source": "parser"}}, data)
    (tmp_path / "keypoints").mkdir()
    check_keypoints(config, data)


MADE_UP = """
from partparse.running.settings import Settings
from partparse.states.methods import Method


class GuessSettings(Settings):
    seen: str


METHOD = Method(
    names="guess|guess_[a-z]+", rules="guessing", settings=GuessSettings, gives_actions=True,
    own_boxes=True, action_model="seen", needs_objects=True, needs_keypoints=True,
)
"""


def test_nothing_else_names_a_method(repository, plan, tmp_path, monkeypatch):
    """A folder that says what it is, is all it takes."""
    (tmp_path / "guess").mkdir()
    (tmp_path / "guess/__init__.py").touch()
    (tmp_path / "guess/settings.py").write_text(MADE_UP)
    monkeypatch.setattr(states, "__path__", [*states.__path__, str(tmp_path)])
    known_methods.cache_clear()
    try:
        assert method_of("guess_well").rules == "guessing"
        named = {"states": ["guess_well"], "actions": ["csn", "guess_well"]}
        own = {"guess_well": {"seen": "swin"}}
        methods = plan(methods=named, states=own, parts={"variants": ["dots"]})
        config = yaml.safe_load((repository / "config.yaml").read_text())
        check_config(merged(config, {"states": own}))
        with pytest.raises(InputError, match=r"states.guess_well.seen: expected text, got 3"):
            check_config(merged(config, {"states": {"guess_well": {"seen": 3}}}))
        with pytest.raises(InputError, match="guess_well needs keypoints"):
            plan(methods=named, states=own, parts={"variants": ["plain"]})
        with pytest.raises(InputError, match=r"states.guess_well.seen: 'swan'"):
            plan(states={"guess_well": {"seen": "swan"}})
    finally:
        known_methods.cache_clear()
        for name in [name for name in sys.modules if name.startswith("partparse.states.guess")]:
            del sys.modules[name]
    assert methods.rules == ["guessing"]
    assert methods.trained_actions == ["csn", "swin"]
    assert methods.trained_models()["guess_well"] == "results/states/guess_well/model"
    assert "objects" in methods.trained_models()
    assert methods.boxes_of("guess_well")["parts"].startswith("results/guess_well/parts/")


@pytest.mark.parametrize("name", ["vote", "decide", "decide_mean"])
def test_a_fusion_is_not_called_as_an_ensemble_is(plan, name):
    with pytest.raises(InputError, match=f"fusions.states.{name}: there is an ensemble of this"):
        plan(fusions={"states": {name: {"category": {}, "group": {}}}})


@pytest.mark.parametrize(
    ("text", "best"),
    [
        (None, "parser"),
        ("fold,variant,rank\n", "parser"),
        ("fold,variant,rank\nall,dots,1\nall,parser,2\n0,parser,1\n", "dots"),
    ],
)
def test_the_first_of_a_ranking_is_best(tmp_path: Path, text: str | None, best: str) -> None:
    path = tmp_path / "ranking.csv"
    if text is not None:
        path.write_text(text)
    assert best_of(path, ["parser", "dots"]) == best
