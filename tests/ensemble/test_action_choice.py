import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

from partparse import tables
from partparse.ensemble.action_choice import rank_models, take_best
from partparse.ensemble.folds import ALL, fold_of

FOLDS = 3
VIDEOS = [f"v{number:02}" for number in range(12)]
TRUTH = pd.DataFrame({"video": VIDEOS, "action": ["jump", "run"] * 6})


def says(right: ArrayLike, names: tuple[str, str] = ("jump", "run")) -> pd.DataFrame:
    """ACTIONS of a model with this probability of each video's true action."""
    columns: dict[str, object] = {"video": VIDEOS}
    for name in names:
        given = np.where(TRUTH["action"] == name, right, 1 - np.asarray(right))
        columns |= dict(zip(tables.probability_columns([name]), [given], strict=True))
    return tables.ACTIONS.validate(pd.DataFrame(columns))


def test_the_model_with_the_least_loss_is_best() -> None:
    models = {"weak": says([0.6] * 12), "good": says([0.8] * 12), "sure": says([0.99] * 11 + [0.0])}
    ranking = rank_models(models, TRUTH, FOLDS)
    overall = ranking[ranking["fold"] == ALL].set_index("rank")
    assert overall["model"].tolist() == ["good", "weak", "sure"]
    assert overall["log_loss"][1] == pytest.approx(-np.log(0.8))
    assert overall["top1"][3] == pytest.approx(11 / 12)
    assert (overall["videos"] == 12).all()


def test_a_video_of_val_has_no_part_in_the_choice_that_serves_it() -> None:
    inside = np.array([fold_of(video, FOLDS) == "0" for video in VIDEOS])
    assert 0 < inside.sum() < len(VIDEOS)
    # `there` knows the videos of fold 0 alone, `else` those of all other folds
    models = {"there": says(np.where(inside, 0.99, 0.4)), "else": says(np.where(inside, 0.01, 0.6))}
    ranking = rank_models(models, TRUTH, FOLDS)
    taken = take_best(models, ranking, "val", FOLDS)
    chosen = taken.set_index("video").loc[np.array(VIDEOS)[inside].tolist()]
    pd.testing.assert_frame_equal(
        chosen, models["else"].set_index("video").loc[chosen.index], check_like=True
    )


def test_on_test_the_choice_of_all_folds_serves_every_video() -> None:
    models = {"weak": says([0.6] * 12), "good": says([0.8] * 12)}
    taken = take_best(models, rank_models(models, TRUTH, FOLDS), "test", FOLDS)
    pd.testing.assert_frame_equal(taken, models["good"])


def test_an_action_that_only_another_model_knows_has_no_probability() -> None:
    models = {"good": says([0.8] * 12), "odd": says([0.5] * 12, ("jump", "sit"))}
    taken = take_best(models, rank_models(models, TRUTH, FOLDS), "test", FOLDS)
    assert (taken[tables.probability_columns(["sit"])] == 0).all(axis=None)
    tables.ACTIONS.validate(taken)
