"""Fit the decision on val, once for each fold without it and once on all."""

import argparse
from dataclasses import asdict
from pathlib import Path

from partparse import tables
from partparse.challenge.submission import submitted_lengths
from partparse.decision.cross_fit import cross_fit
from partparse.decision.evidence import join
from partparse.decision.fit import Truth
from partparse.decision.inputs import add_inputs, parse_inputs, read_shards
from partparse.decision.settings import DecisionSettings
from partparse.decision.training_statistics import count_statistics
from partparse.files.array_files import write_arrays
from partparse.files.atomic import atomic_folder
from partparse.metric import require_judged
from partparse.running.program import limit_threads, parse_settings, progress, run, write_model_card
from partparse.sampling import scored_rows
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_inputs(parser)
    parser.add_argument("--shards", nargs="+", required=True, help="names of val's shards")
    parser.add_argument("--train-shards", nargs="+", required=True, help="names of train's")
    parser.add_argument("--videos", required=True, help="videos tables, with {shard}")
    parser.add_argument("--annotations", required=True, help="annotations tables, with {shard}")
    parser.add_argument("--truth", required=True, help="truth tables, with {shard}")
    parser.add_argument("--frames", required=True, help="frames tables, with {shard}")
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--stride", type=int, required=True, help="step between scored frames")
    parser.add_argument("--folds", type=int, required=True, help="cross-fitting folds")
    parser.add_argument("--settings", required=True, help="DecisionSettings as JSON")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()
    limit_threads(args.threads)

    settings = parse_settings(DecisionSettings, args.settings)
    inputs = parse_inputs(args)
    statistics = count_statistics(
        inputs,
        args.train_shards,
        videos=args.videos,
        annotations=args.annotations,
        vocabulary=Vocabulary.read(args.vocabulary),
        stride=args.stride,
        settings=settings,
    )
    shards = progress(args.shards, "shards of val joined")
    evidence = join([inputs.gather(shard, statistics) for shard in shards])
    annotations = read_shards(args.annotations, args.shards, tables.ANNOTATIONS)
    annotations = scored_rows(annotations, args.stride)
    truth = Truth(
        require_judged(read_shards(args.truth, args.shards, tables.TRUTH), annotations, "val"),
        annotations,
        submitted_lengths(read_shards(args.frames, args.shards, tables.FRAMES)),
    )
    fitted = cross_fit(evidence, truth, statistics, settings, args.folds)
    with atomic_folder(args.out) as folder:
        write_arrays(statistics, folder / "background.npz")
        for fold, model in fitted.models.items():
            write_arrays(model, folder / f"{fold}.npz")
        for name, table in fitted.evidence.items():
            table.to_csv(folder / f"{name}.csv", index=False)
        write_model_card(
            folder / "model.json",
            stage="decide",
            settings=asdict(settings),
            trained_on={"videos": len(truth.truth), "folds": list(fitted.models)},
            seed=settings.seed,
            packages=("scikit-learn", "scipy"),
            methods=statistics.methods,
            box_sources=statistics.box_sources,
        )


if __name__ == "__main__":
    run(main)
