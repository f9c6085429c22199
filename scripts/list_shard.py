from pathlib import Path

from partparse.dataset.splits import Fold, plan_shards, write_shard_list
from partparse.errors import InputError
from partparse.running.command_line import program


@program
def list_shard(
    *,
    root: Path,
    shard: str,
    val_share: float | None = None,
    val_folds: int | None = None,
    val_fold: int | None = None,
    seed: int,
    shards: int,
    out: Path,
) -> None:
    """List the videos of one shard.

    Args:
        shard: Its name, such as train-000.
        val_share: Share of the training videos that are for validation.
        val_folds: Instead, how many folds the training videos are cut into.
        val_fold: Which of them is for validation, from 0.
        seed: Which training videos these are.
        shards: How many shards its split has.
        out: CSV to write: video, split, action, path.
    """
    counts = {"train": 1, "val": 1, "test": 1, shard.partition("-")[0]: shards}
    if val_folds is None or val_fold is None:
        if val_share is None:
            raise InputError("expected --val-share, or --val-folds and --val-fold")
        planned = plan_shards(root, val_share, seed, counts)
    else:
        planned = plan_shards(root, Fold(val_fold, val_folds), seed, counts)
    if shard not in planned:
        raise InputError(f"--shard {shard}: expected one of {', '.join(planned)}")
    write_shard_list(out, planned[shard])
