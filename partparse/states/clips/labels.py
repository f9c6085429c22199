"""States as labels of clips: the video level and the segment level of the winner of 2022.

Dong, Chen, Wang, "Technical Report of Challenge on Kinetics-TPS Track", 2022, section 3.3. Both
train a video network on several labels at once, which are pairs of a part and a state:

    video    a clip from the whole video has each part's most frequent state in it (108 labels
             there: `modal_pairs`); at test every person has these states in every frame
    segment  a dense clip about a frame has those of the same labels that are states of any
             person in that frame; at test the persons of the frame have them

Which labels there are follows from the training data and stands in the model card, together with
how much of the data they reach. The report takes the labels as they are; here the labels of a part
are weighed against each other, which gives each part a distribution.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import tables
from partparse.recognition.clips import LabelledClips, Video, decoded_videos
from partparse.recognition.prediction import (
    VIDEOS_AT_ONCE,
    load_classifier,
    open_reader,
    predict_clips,
)
from partparse.recognition.settings import PredictSettings
from partparse.row_keys import codes, positions
from partparse.running.prediction import Output, Predictor, Rows
from partparse.sampling import scored_rows
from partparse.states.pairs import Pairs, decode_labels, modal_pairs, read_pairs, video_pairs
from partparse.states.rows import part_rows, states_table
from partparse.tables import FRAME_KEY
from partparse.vocabulary import PARTS, Vocabulary

LEVELS = ("video", "segment")


def label_clips(
    level: str,
    annotations: pd.DataFrame,
    frames: pd.DataFrame,
    vocabulary: Vocabulary,
    frame_stride: int,
) -> tuple[LabelledClips, Pairs]:
    """The training clips of a level, with targets (N, P), and the pairs that these stand for.

    What is not in `frames`, FRAMES or FLOW, is left out. At the level "segment" the clips are about
    the annotated frames 1, 1 + `frame_stride`, …; there is "video" as well.
    """
    pairs = modal_pairs(annotations, vocabulary)
    if level == "video":
        rows = video_pairs(annotations, vocabulary).assign(frame=1)
    else:
        rows = annotations[annotations["part"].isin(PARTS)].dropna(subset="state")
        rows = scored_rows(rows, frame_stride)
    videos = {video.name: video for video in decoded_videos(frames)}
    extracted = rows["video"].map({name: video.frames for name, video in videos.items()})
    rows = rows[rows["frame"] <= extracted.fillna(0)]
    keys = rows[FRAME_KEY].drop_duplicates().sort_values(FRAME_KEY)
    targets = _targets(rows, keys, pairs)
    clips = LabelledClips(
        [videos[name] for name in keys["video"]],
        targets,
        pairs.mirror(targets),
        None if level == "video" else (keys["frame"] - 1).tolist(),
    )
    return clips, pairs


def _targets(rows: pd.DataFrame, keys: pd.DataFrame, pairs: Pairs) -> NDArray[np.float32]:
    """(keys, P): 1 where one of the rows of a key has the pair; other pairs are left out."""
    item = positions(rows, keys, FRAME_KEY)
    label = pd.MultiIndex.from_tuples(pairs.pairs, names=["part", "state"]).get_indexer(
        pd.MultiIndex.from_frame(rows[["part", "state"]])
    )
    targets = np.zeros((len(keys), len(pairs)), np.float32)
    targets[item[label >= 0], label[label >= 0]] = 1
    return targets


def measure_reach(annotations: pd.DataFrame, pairs: Pairs) -> dict[str, float]:
    """What a set of labels can say of ANNOTATIONS.

    Returns:
        labels: their number; parts_reached: share of the annotated parts whose state is a label
        of theirs; pairs_out_of_reach: share of the pairs that occur which are no label, so that
        the method never gives them.
    """
    rows = annotations.loc[annotations["part"].isin(PARTS), ["part", "state"]].dropna()
    counts = rows.value_counts()
    reached = counts.index.isin(pairs.pairs)
    return {
        "labels": len(pairs),
        "parts_reached": float(counts[reached].sum() / max(counts.sum(), 1)),
        "pairs_out_of_reach": float(np.mean(~reached)) if len(counts) else 0.0,
    }


def load_clip_labels(
    model: Path, vocabulary: Vocabulary, settings: PredictSettings, *, cache: Path, device: str
) -> Predictor:
    """What makes the STATES of `parts` in videos of `frames` (FRAMES or FLOW).

    `model` is the folder of a classifier that was trained on `label_clips`, `cache` that of the
    pictures. Where a clip is about a frame, of `settings` only its crops count.
    """
    classifier = load_classifier(model, device)
    pairs = read_pairs(classifier.card["pairs"], vocabulary)

    def judge(rows: Rows) -> list[pd.DataFrame]:
        parts = part_rows(rows["parts"])
        videos = {video.name: video for video in decoded_videos(rows["frames"])}
        keys, centres = _judged(parts, classifier.card["level"], videos)
        asked = [videos[name] for name in keys["video"]]
        reader = open_reader(classifier, cache, settings)
        found = predict_clips(classifier, asked, reader, settings, device, centres=centres)
        item = positions(parts, keys, list(keys))
        part = codes(parts["part"], PARTS)
        return [states_table(parts, decode_labels(found, pairs)[item, part], vocabulary)]

    states = Output(tables.STATES, vocabulary.states)
    return Predictor(judge, [states], [model], {"settings": settings}, at_once=VIDEOS_AT_ONCE)


def _judged(
    rows: pd.DataFrame, level: str, videos: Mapping[str, Video]
) -> tuple[pd.DataFrame, list[int] | None]:
    """What a clip is judged for: videos, or frames and their places from 0."""
    columns = ["video"] if level == "video" else FRAME_KEY
    keys = rows[columns].drop_duplicates().sort_values(columns)
    keys = keys[keys["video"].isin(list(videos))]
    return keys, None if level == "video" else (keys["frame"] - 1).tolist()
