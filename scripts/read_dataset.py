from pathlib import Path

from partparse import tables
from partparse.dataset.splits import read_shard_list
from partparse.dataset.tables import read_dataset as read_shard
from partparse.running.arguments import Job, Names
from partparse.running.command_line import program


@program
def read_dataset(
    *,
    root: Path,
    shard_list: Path,
    vocabulary: Names,
    job: Job,
    videos_out: Path,
    annotations_out: Path,
    objects_out: Path,
    truth_out: Path,
) -> None:
    """Read the videos and annotations of one shard into tables.

    Args:
        shard_list: The shard's videos, CSV.
    """
    files = read_shard_list(shard_list)
    found = read_shard(root, files, vocabulary, stop_on_fault=job.stop_on_fault)
    tables.write(found.videos, videos_out, tables.VIDEOS)
    tables.write(found.annotations, annotations_out, tables.ANNOTATIONS)
    tables.write(found.objects, objects_out, tables.OBJECTS)
    tables.write(found.truth, truth_out, tables.TRUTH)
