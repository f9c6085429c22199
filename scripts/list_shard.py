from pathlib import Path

from partparse.dataset.splits import plan_shards, write_shard_list
from partparse.errors import InputError
from partparse.running.command_line import program


@program
def list_shard(
    *, root: Path, shard: str, val_share: float, seed: int, shards: int, out: Path
) -> None:
    """List the videos of one shard.

    Args:
        shard: Its name, such as train-000.
        val_share: Share of the training videos that are for validation.
        seed: Which training videos these are.
        shards: How many shards its split has.
        out: CSV to write: video, split, action, path.
    """
    counts = {"train": 1, "val": 1, "test": 1, shard.partition("-")[0]: shards}
    planned = plan_shards(root, val_share, seed, counts)
    if shard not in planned:
        raise InputError(f"--shard {shard}: expected one of {', '.join(planned)}")
    write_shard_list(out, planned[shard])
