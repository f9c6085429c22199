"""The actions table of a shard, by a clip classifier whose classes are the actions."""

from pathlib import Path

import numpy as np
import pandas as pd

from partparse import tables
from partparse.recognition.clips import list_videos
from partparse.recognition.prediction import Classifier, open_reader, predict
from partparse.recognition.settings import PredictSettings


def predict_actions(
    classifier: Classifier,
    frames: pd.DataFrame,
    cache: Path,
    settings: PredictSettings,
    device: str,
) -> pd.DataFrame:
    """The ACTIONS table of FRAMES or FLOW: a row a video, uniform for one without a frame."""
    videos = list_videos(frames)
    known = predict(classifier, videos, open_reader(classifier, cache, settings), settings, device)
    names = pd.Index(frames["video"])
    values = np.full((len(names), known.shape[1]), 1 / known.shape[1], np.float32)
    values[names.get_indexer(pd.Index([video.name for video in videos], dtype=str))] = known
    columns = tables.probability_columns(classifier.classes)
    return tables.ACTIONS.validate(
        pd.concat([pd.DataFrame({"video": names}), pd.DataFrame(values, columns=columns)], axis=1)
    )
