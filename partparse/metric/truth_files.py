"""From a data set's annotations to the ground truth that the evaluator reads."""

from pathlib import Path

import numpy as np
import pandas as pd

from partparse.challenge import format as challenge
from partparse.challenge.writer import write_results
from partparse.dataset.layout import list_videos
from partparse.dataset.lists import read_vocabulary
from partparse.dataset.tables import read_dataset
from partparse.errors import InputError
from partparse.metric.rows import judged


def write_truth(root: Path, folder: Path, *, split: str, stride: int = challenge.STRIDE) -> int:
    """Write gt_vid_result.json and gt_part_result.json into `folder`; return the videos' number.

    Args:
        root: data set in the official layout.
        folder: created where it does not exist.
        split: "train" or "test". Videos without annotations or a known action are left out.
        stride: frames 1, 1 + stride, … are written, up to the video's last or last annotated one.

    Raises:
        InputError: where the data set is not as it should be, or no video is left.
    """
    files = [video for video in list_videos(root) if video.split == split]
    found = read_dataset(root, files, read_vocabulary(root))
    truth = judged(found.truth, found.annotations)
    if truth.empty:
        raise InputError(
            f"{root}: no {split} video with a known action and annotated persons; "
            f"expected {split}_annotations/ACTION/VIDEO/img_00001.json, …"
        )
    annotated = found.annotations.groupby("video")["frame"].max()
    listed = found.videos.set_index("video")["frames"].fillna(0)
    frames = np.maximum(annotated[truth["video"]], listed[truth["video"]]).to_numpy(np.int64)
    lengths = pd.DataFrame({"video": truth["video"].to_numpy(), "frames": frames})
    write_results(folder, challenge.TRUTH, truth, found.annotations, lengths, stride=stride)
    return len(truth)
