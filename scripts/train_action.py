"""Train an action model: frames and actions of the training videos to a model folder."""

import argparse
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.running.program import claim, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--val-videos", type=Path, nargs="+", required=True)
    parser.add_argument("--val-frames", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames, or of flow")
    parser.add_argument("--settings", required=True, help="TrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.recognition.clips import label_videos
    from partparse.recognition.modality import MODALITIES
    from partparse.recognition.settings import TrainSettings
    from partparse.recognition.training import train

    actions = Vocabulary.read(args.vocabulary).actions
    settings = parse_settings(TrainSettings, args.settings)
    schema = MODALITIES[settings.modality].table
    frames = tables.read_all(args.frames, schema)
    val_frames = tables.read_all(args.val_frames, schema)
    train(
        label_videos(frames, read_actions(args.videos), actions),
        label_videos(val_frames, read_actions(args.val_videos), actions),
        actions,
        settings,
        cache=args.cache,
        out=args.out,
        gpus=args.gpus,
        stage="train_action",
        version=args.version,
    )


def read_actions(paths: list[Path]) -> pd.Series:
    """The action of each video, by its name."""
    return tables.read_all(paths, tables.VIDEOS).set_index("video")["action"]


if __name__ == "__main__":
    run(main)
