from pathlib import Path

from partparse.dataset.splits import Fold, plan_shards, write_shard_list
from partparse.errors import InputError
from partparse.running.command_line import program


@program
def list_shard(
    *,
    root: Path,
    shard: str,
    val_share: float,
    fold: int | None = None,
    folds: int | None = None,
    seed: int,
    shards: int,
    out: Path,
) -> None:
    """List the videos of one shard.

    Args:
        shard: Its name, such as train-000.
        val_share: Share of the training videos that are for validation.
        fold: Instead, the number of the fold that is, from 0.
        folds: Of the training videos.
        seed: Which training videos these are.
        shards: How many shards its split has.
        out: CSV to write: video, split, action, path.
    """
    counts = {"train": 1, "val": 1, "test": 1, shard.partition("-")[0]: shards}
    held_out = None if fold is None or folds is None else Fold(fold, folds)
    planned = plan_shards(root, val_share, seed, counts, held_out)
    if shard not in planned:
        raise InputError(f"--shard {shard}: expected one of {', '.join(planned)}")
    write_shard_list(out, planned[shard])
