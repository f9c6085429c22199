from pathlib import Path

from partparse import tables
from partparse.challenge.submission import submitted_lengths
from partparse.decision.cross_fit import cross_fit
from partparse.decision.evidence import join
from partparse.decision.fit import Truth
from partparse.decision.inputs import FittedTables
from partparse.decision.settings import DecisionSettings
from partparse.files.array_files import write_arrays
from partparse.files.atomic import atomic_folder
from partparse.metric.rows import require_judged
from partparse.running.arguments import Names
from partparse.running.command_line import program
from partparse.running.program import progress, write_model_card
from partparse.sampling import scored_rows


@program
def fit_decision(
    *,
    manifest: FittedTables,
    vocabulary: Names,
    stride: int,
    folds: int,
    settings: DecisionSettings,
    out: Path,
) -> None:
    """Fit the decision on val, once for each fold without it and once on all.

    Args:
        manifest: The tables of train and val.
    """
    statistics = manifest.count_statistics(vocabulary, stride, settings)
    shards = progress(manifest.val, "shards of val joined")
    evidence = join([shard.gather(statistics, shard.videos()) for shard in shards])
    annotations = scored_rows(tables.read_all(manifest.annotations, tables.ANNOTATIONS), stride)
    truth = Truth(
        require_judged(tables.read_all(manifest.truth, tables.TRUTH), annotations, "val"),
        annotations,
        submitted_lengths(tables.read_all(manifest.frames, tables.FRAMES)),
    )
    simple = manifest.read_scores() if settings.fallback and manifest.scores else None
    models, evidence_for = cross_fit(evidence, truth, statistics, settings, folds, simple=simple)
    with atomic_folder(out) as folder:
        write_arrays(statistics, folder / "background.npz")
        for fold, model in models.items():
            write_arrays(model, folder / f"{fold}.npz")
        for name, table in evidence_for.items():
            table.to_csv(folder / f"{name}.csv", index=False)
        write_model_card(
            folder / "model.json",
            stage="decide",
            settings=settings.model_dump(),
            trained_on={"videos": len(truth.truth), "folds": list(models)},
            seed=settings.seed,
            packages=("scikit-learn", "scipy"),
            methods=statistics.methods,
            box_sources=statistics.box_sources,
        )
