"""Where the data set is found, and what its shards are."""

import shutil

import pytest

from partparse.dataset.layout import list_videos
from partparse.dataset.splits import write_shard_list
from partparse.errors import InputError
from partparse.frames.names import source_of
from partparse.planning.dataset import DataSet
from tests.samples.tiny import write_data_set

DEMO = {"train_videos": 2, "test_videos": 1, "frames": 11, "width": 64, "height": 64, "fps": 25}


def config_of(root, test_only=False, **demo):
    shards = {"train": 2, "val": 1, "test": 9}
    data = {"root": root, "val_share": 0.5, "seed": 0, "shards": shards, "test_only": test_only}
    data |= {"val_folds": None, "val_fold": 0, "other_folds": []}
    return {"dataset": data, "demo": DEMO | {"seed": 0} | demo}


def test_the_demo_is_planned_before_it_is_made(tmp_path):
    data = DataSet.of(config_of(None), tmp_path)
    assert (data.root.as_posix(), data.is_demo) == ("results/demo", True)
    assert data.scored_splits == ["val", "test"]
    assert data.vocabulary_source() is None
    other = DataSet.of(config_of(None, seed=1), tmp_path)
    assert data.shards.keys() == other.shards.keys()
    assert data.shards["val-000"] != other.shards["val-000"]  # its pictures are others


def test_shards_are_those_that_hold_videos(tmp_path):
    write_data_set(tmp_path / "data")
    data = DataSet.of(config_of("data"), tmp_path)
    assert sum(map(len, data.shards.values())) == 5
    assert all(data.shards.values())
    assert data.names("val") == ["val-000"]
    tables = data.tables("results/frames/{shard}.parquet", "val", "test")
    assert tables[0] == "results/frames/val-000.parquet"
    assert len(tables) == 1 + len(data.names("test"))


def test_a_relative_root_is_looked_for_in_the_working_directory_first(tmp_path, monkeypatch):
    for folder in ("run", "checkout"):
        write_data_set(tmp_path / folder / "data")
    monkeypatch.chdir(tmp_path / "run")
    assert DataSet.of(config_of("data"), tmp_path / "checkout").root.resolve() == (
        tmp_path / "run/data"
    )
    with pytest.raises(InputError, match=r"root: there is no folder 'other', neither in .*run nor"):
        DataSet.of(config_of("other"), tmp_path / "checkout")


def test_the_truth_of_test_may_arrive_later(tmp_path):
    root = write_data_set(tmp_path / "data")
    known = (root / "test_annotations").is_dir()
    data = DataSet.of(config_of(str(root)), tmp_path)
    assert data.has_test_truth is known
    (root / "test_annotations").mkdir(exist_ok=True)
    assert data.scored_splits == ["val", "test"]


def test_the_vocabulary_is_read_again_when_a_list_changes(tmp_path):
    root = write_data_set(tmp_path / "data")
    data = DataSet.of(config_of(str(root)), tmp_path)
    before = data.vocabulary_source()
    assert before is not None
    assert "jump" in before
    with (root / "list/part_stat.txt").open("a") as file:
        file.write("\n")
    assert data.vocabulary_source() != before


def test_splits_without_videos_are_refused(tmp_path):
    root = write_data_set(tmp_path / "data")
    config = config_of(str(root))
    config["dataset"]["val_share"] = 0
    with pytest.raises(InputError, match="no val videos; every split needs at least one"):
        DataSet.of(config, tmp_path)
    with pytest.raises(InputError, match=r"has train videos; dataset.test_only expects none"):
        DataSet.of(config_of(str(root), test_only=True), tmp_path)


def in_folds(root, number, *others):
    config = config_of(str(root))
    config["dataset"] |= {"val_folds": 2, "val_fold": number, "other_folds": list(map(str, others))}
    return config


def write_lists(folder, data, root):
    """The lists of shards that the run of a plan has."""
    videos = {source_of(root / video.path): video for video in list_videos(root)}
    (folder / "shards").mkdir(parents=True)
    for shard in data.shards:
        own = [videos[line.split(" ", 1)[1]] for line in data.shards[shard]]
        write_shard_list(folder / "shards" / f"{shard}.csv", own)


def test_what_chooses_is_val_of_this_fold_and_of_the_others(tmp_path):
    root = write_data_set(tmp_path / "data")
    other = DataSet.of(in_folds(root, 1), tmp_path)
    assert other.judges == [("results", "val-000")]
    folder = tmp_path / "runs 1/results"
    write_lists(folder, other, root)
    data = DataSet.of(in_folds(root, 0, folder), tmp_path)
    assert data.judges == [("results", "val-000"), (str(folder), "val-000")]
    assert not set(data.shards["val-000"]) & set(other.shards["val-000"])
    tables = ["results/pose/val-000.parquet", f"{folder}/pose/val-000.parquet"]
    assert data.judging("results/pose/{shard}.parquet") == tables
    assert data.given_judges("truth")["truth"][1] == f"{folder}/dataset/truth/val-000.parquet"
    assert data.judging_runs == ["results", str(folder)]
    assert data.tables("{shard}", "val") == ["val-000"]


def test_a_fold_is_refused_whose_videos_this_run_has_not_for_training(tmp_path):
    root = write_data_set(tmp_path / "data")
    with pytest.raises(InputError, match=r"other_folds: .*none: no shards/val-000.csv; expected"):
        DataSet.of(in_folds(root, 0, tmp_path / "none"), tmp_path)
    with pytest.raises(InputError, match=r"\{1\}: expected a name without \{ and \}"):
        DataSet.of(in_folds(root, 0, tmp_path / "{1}"), tmp_path)
    same, other = tmp_path / "same", tmp_path / "other"
    write_lists(same, DataSet.of(in_folds(root, 0), tmp_path), root)
    with pytest.raises(InputError, match=r"same: '\w+' is in val there; expected training videos"):
        DataSet.of(in_folds(root, 0, same), tmp_path)
    write_lists(other, DataSet.of(in_folds(root, 1), tmp_path), root)
    with pytest.raises(InputError, match=r"again: '\w+' is in val there; expected .* in one fold"):
        DataSet.of(in_folds(root, 0, other, shutil.copytree(other, tmp_path / "again")), tmp_path)
    (other / "shards/val-001.csv").write_bytes((other / "shards/val-000.csv").read_bytes())
    with pytest.raises(InputError, match=r"other: '\w+' is in two lists of shards/; expected"):
        DataSet.of(in_folds(root, 0, other), tmp_path)


def test_val_of_another_run_may_be_in_several_shards(tmp_path):
    root = write_data_set(tmp_path / "data")
    config = in_folds(root, 1)
    config["dataset"]["shards"] |= {"val": 9}
    cut = DataSet.of(config, tmp_path)
    assert len(cut.names("val")) > 1
    write_lists(tmp_path / "other", cut, root)
    data = DataSet.of(in_folds(root, 0, tmp_path / "other"), tmp_path)
    others = [(str(tmp_path / "other"), shard) for shard in sorted(cut.names("val"))]
    assert data.judges == [("results", "val-000"), *others]
