"""What is submitted against the simplest things on hand, with fewer and fewer videos to choose by.

    python -m benchmarks.ensemble.few_videos --run runs/demo_full
    python -m benchmarks.ensemble.few_videos --run runs/demo_full --videos 3 10 --draws 2

Of the val videos of a finished run some are drawn, again and again. By these alone everything is
chosen that val chooses: the best action model, the best method, the order of the vote, the choice
by category, and all that the decision fits. What comes of it is scored on the run's test videos,
which choose nothing. The networks stay as they are, so that no training is needed, and so does
the part detector, whose parts the networks have judged.

Columns: videos to choose by; score of `decide` on test, mean over the draws; its mean difference to
each single method, and to the method that is best on the drawn videos, the vote, and the choice by
category, with 95 % bootstrap intervals over test videos; the share of draws in which what was
decided was submitted; the steps that were taken, a draw.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.checkout import settings
from benchmarks.printing import command_line, print_head, print_row
from partparse import tables
from partparse.challenge.submission import submitted_lengths
from partparse.decision.cross_fit import cross_fit, decide_by_fold
from partparse.decision.evidence import Evidence, join, of_videos, read_actions
from partparse.decision.fit import Truth
from partparse.decision.inputs import FittedTables, ShardTables
from partparse.decision.model import TrainingStatistics
from partparse.decision.settings import DecisionSettings
from partparse.ensemble.action_choice import rank_models, take_best
from partparse.ensemble.choice import choose_methods, method_order, rank_methods
from partparse.ensemble.folds import ALL, deciding_fold
from partparse.ensemble.voting import vote
from partparse.files.atomic import read_json
from partparse.metric.psc import video_values
from partparse.metric.rows import evaluate_tables, require_judged
from partparse.planning.dataset import DataSet
from partparse.planning.decision import decided_tables, fitted_tables
from partparse.planning.methods import BEST, Methods
from partparse.planning.programs import filled, manifest_files
from partparse.report.comparison import paired_differences
from partparse.sampling import scored_rows
from partparse.vocabulary import Vocabulary

SPLITS = ("val", "test")
SIMPLE = ("best_method", "vote", "by_category")


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run, whose folder is the working directory."""

    methods: Methods
    data: DataSet
    stride: int
    folds: int
    iou: float
    settings: DecisionSettings

    @classmethod
    def here(cls) -> "Run":
        """The one in the working directory."""
        config = read_json(Path("results/run.json"))["config"]
        names = sorted(path.stem for path in Path("results/shards").glob("*-*.csv"))
        return cls(
            Methods(config),
            DataSet(Path(), is_demo=True, shards={name: [] for name in names}),
            config["frames"]["scored_stride"],
            config["ensemble"]["folds"],
            config["ensemble"]["iou"],
            DecisionSettings.model_validate(settings("decision")),
        )

    def read(self, pattern: str, schema: Any, *splits: str) -> pd.DataFrame:
        """The tables of some splits as one."""
        return tables.read_all(map(Path, self.data.tables(pattern, *splits)), schema)

    @cached_property
    def truth(self) -> dict[str, Truth]:
        """Of val and of test."""
        found = {}
        for split in SPLITS:
            annotations = self.read(
                "results/dataset/annotations/{shard}.parquet", tables.ANNOTATIONS, split
            )
            rows = scored_rows(annotations, self.stride)
            truth = self.read("results/dataset/truth/{shard}.parquet", tables.TRUTH, split)
            frames = self.read("results/frames/{shard}.parquet", tables.FRAMES, split)
            judged = require_judged(truth, rows, split)
            found[split] = Truth(judged, rows, submitted_lengths(frames))
        return found

    @cached_property
    def statistics(self) -> TrainingStatistics:
        """Of train."""
        manifest = FittedTables.model_validate(fitted_tables(self.methods, self.data))
        vocabulary = Vocabulary.read(Path("results/vocabulary.json"))
        return manifest.count_statistics(vocabulary, self.stride, self.settings)

    @cached_property
    def evidence(self) -> dict[str, Evidence]:
        """Of val and of test, by the videos that are judged."""
        decided = decided_tables(self.methods)
        found = {}
        for split in SPLITS:
            shards = [
                filled(decided, (file.format(shard=shard) for file in manifest_files(decided)))
                for shard in self.data.names(split)
            ]
            manifests = [ShardTables.model_validate(of) for of in shards]
            pieces = [of.gather(self.statistics, of.videos()) for of in manifests]
            videos = self.truth[split].truth["video"].tolist()
            found[split] = of_videos(join(pieces), videos)
        return found

    @cached_property
    def actions(self) -> dict[str, dict[str, pd.DataFrame]]:
        """ACTIONS of val and test by each model."""
        return {
            split: {
                name: self.read(f"results/actions/{name}/{{shard}}.parquet", tables.ACTIONS, split)
                for name in self.methods.actions
            }
            for split in SPLITS
        }

    @cached_property
    def parses(self) -> dict[str, dict[str, pd.DataFrame]]:
        """PARSES of val and test by each method."""
        return {
            split: {
                name: self.read(f"results/parses/{name}/{{shard}}.parquet", tables.PARSES, split)
                for name in self.methods.states
            }
            for split in SPLITS
        }

    def psc(self, split: str, parses: pd.DataFrame) -> pd.Series:
        """PSC by video."""
        of = self.truth[split]
        right = of.truth[["video", "action"]]
        judged = evaluate_tables(
            of.truth, of.annotations, right, parses, of.lengths, stride=self.stride
        )
        return judged.videos.set_index("video")["psc"]

    @cached_property
    def alone(self) -> dict[str, pd.DataFrame]:
        """PSC of each method (columns) by video of val and of test."""
        return {
            split: pd.DataFrame({n: self.psc(split, t) for n, t in self.parses[split].items()})
            for split in SPLITS
        }

    @cache  # noqa: B019 - a run lives as long as the program
    def voted(self, split: str, order: tuple[str, ...]) -> pd.Series:
        """PSC by video of the vote of all methods, the best one first."""
        return self.psc(split, vote(self.parses[split], order, self.iou).parses)


class Drawn:
    """What some val videos choose, but for the decision."""

    def __init__(self, run: Run, videos: Sequence[str]) -> None:
        """Rank action models and methods by them."""
        self.run, self.truth = run, run.truth["val"].take(videos)
        known, names = self.truth.truth, list(run.methods.states)
        ranking = pd.DataFrame(columns=["fold", "model", "rank"])
        if len(known):
            ranking = rank_models(run.actions["val"], known, run.folds)
        asked = run.methods.action_model
        self.actions = {
            split: take_best(of, ranking, split, run.folds) if asked == BEST else of[asked]
            for split, of in run.actions.items()
        }
        methods = rank_methods(self._rows(run.alone["val"]), run.folds)
        self.psc = {split: self._vote(split, methods) for split in SPLITS}
        voting = [*names, "vote"]
        choice = rank_methods(self._rows(self.psc["val"][voting]), run.folds)
        for split, psc in self.psc.items():
            predicted = tables.predicted_action(self.actions[split]).set_index("video")["action"]
            chosen = choose_methods(choice, predicted[psc.index], split, run.folds, voting)
            psc["by_category"] = [
                psc.at[row.video, row.method] for row in chosen.itertuples(index=False)
            ]

    def _rows(self, psc: pd.DataFrame) -> pd.DataFrame:
        """method, video, action, psc of the drawn videos, from PSC by video and method."""
        own = psc.loc[self.truth.truth["video"]].rename_axis("video")
        rows = own.melt(var_name="method", value_name="psc", ignore_index=False)
        return rows.reset_index().merge(self.truth.truth, on="video")

    def _vote(self, split: str, ranking: pd.DataFrame) -> pd.DataFrame:
        """PSC by video of the methods, the best of them, and their vote."""
        run, names = self.run, list(self.run.methods.states)
        psc = run.alone[split].copy()
        fold = deciding_fold(pd.Series(psc.index, index=psc.index), split, run.folds)
        order = {video: tuple(method_order(ranking, of, names)) for video, of in fold.items()}
        psc["best_method"] = [psc.at[video, order[video][0]] for video in psc.index]
        psc["vote"] = [run.voted(split, order[video])[video] for video in psc.index]
        return psc

    def values(self, split: str) -> pd.DataFrame:
        """What each video (rows) adds to the score with each method and ensemble."""
        psc = self.psc[split]
        predicted = tables.predicted_action(self.actions[split]).set_index("video")["action"]
        truth = self.run.truth[split].truth.set_index("video")["action"]
        right = (predicted.reindex(psc.index) == truth.reindex(psc.index)).to_numpy()
        values = {name: video_values(own.to_numpy(float), right) for name, own in psc.items()}
        return pd.DataFrame(values, index=psc.index)

    def evidence(self, split: str) -> Evidence:
        """The run's, with the action that is submitted without a decision."""
        whole = self.run.evidence[split]
        given = read_actions(
            {"best": self.actions[split]}, whole.videos, self.run.statistics.actions
        )
        return replace(whole, actions=np.concatenate([given, whole.actions[1:]]))

    def simple(self) -> pd.DataFrame:
        """Scores on the drawn videos, as the decision falls back by."""
        names = [*self.run.methods.states, "vote", "by_category"]
        rows = self._rows(self.psc["val"][names])
        values = self.values("val")[names]
        return rows.assign(value=[values.at[r.video, r.method] for r in rows.itertuples()])


def score_draw(run: Run, videos: Sequence[str]) -> tuple[pd.DataFrame, bool, int]:
    """Values on test: method, video, value; whether it is what was decided; steps taken."""
    drawn = Drawn(run, videos)
    models, told = cross_fit(
        of_videos(drawn.evidence("val"), videos),
        drawn.truth,
        run.statistics,
        run.settings,
        run.folds,
        simple=drawn.simple(),
    )
    values, name = drawn.values("test"), models[ALL].submitted
    found = values[name] if name is not None else score_decided(run, drawn, models)
    rows = values.assign(decide=found).melt(
        var_name="method", value_name="value", ignore_index=False
    )
    choices = told["choices"]
    own = choices[(choices["fold"] == ALL) & (choices["step"] != "submitted")]
    steps = int(own["better"].sum() - own["step"].nunique())
    return rows.rename_axis("video").reset_index(), name is None, steps


def score_decided(run: Run, drawn: Drawn, models: Mapping[str, Any]) -> pd.Series:
    """What each test video adds to the score with what was decided."""
    decided = decide_by_fold(
        drawn.evidence("test"), models.__getitem__, run.statistics, split="test", folds=run.folds
    )
    own = run.truth["test"]
    chosen = tables.predicted_action(decided.actions)
    judged = evaluate_tables(
        own.truth, own.annotations, chosen, decided.parses, own.lengths, stride=run.stride
    )
    return pd.Series(judged.values, index=judged.videos["video"].to_numpy())


def main() -> None:
    """Draw, choose, score, and print a row for each number of videos."""
    parser = command_line(__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of a finished run")
    parser.add_argument("--videos", type=int, nargs="+", default=[0, 1, 3, 5, 8, 12, 18, 25])
    parser.add_argument("--draws", type=int, default=5, help="of each number of videos")
    parser.add_argument("--out", type=Path, help="CSV of all values on test to write")
    args = parser.parse_args()
    out = args.out and args.out.resolve()
    os.chdir(args.run)
    run = Run.here()
    names = [*run.methods.states, *SIMPLE]
    print_head("videos", "decide", *names, "decided", "steps")
    everything = []
    for count in sorted({min(count, len(run.truth["val"].truth)) for count in args.videos}):
        scored = list(draws(run, count, args.draws))
        rows = pd.concat([rows.assign(run=str(n)) for n, (rows, _, _) in enumerate(scored)])
        everything.append(rows.assign(videos=count))
        compared = paired_differences(rows, [("decide", name) for name in names])
        cells = [
            f"{c.difference:+.3f} [{c.low:+.3f}, {c.high:+.3f}]" for c in compared.itertuples()
        ]
        decided = np.mean([own for _, own, _ in scored])
        steps = np.mean([steps for _, _, steps in scored])
        print_row(count, f"{compared['score'][0]:.3f}", *cells, f"{decided:.0%}", f"{steps:.1f}")
        if out:
            pd.concat(everything).to_csv(out, index=False)


def draws(run: Run, count: int, times: int) -> Iterable[tuple[pd.DataFrame, bool, int]]:
    """`score_draw` of so many val videos; all of them, or none, are drawn once."""
    videos = run.truth["val"].truth["video"].to_numpy()
    rng = np.random.default_rng(count)
    for _ in range(times if 0 < count < len(videos) else 1):
        yield score_draw(run, sorted(rng.choice(videos, count, replace=False)))


if __name__ == "__main__":
    main()
