"""Predict part states with the six classifiers of the part groups."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.errors import InputError
from partparse.running.program import claim, device, parse_settings, run
from partparse.states.clips.group import predict_group
from partparse.vocabulary import PART_GROUPS, Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--models", nargs="+", required=True, metavar="GROUP=DIR", help="a model folder a group"
    )
    parser.add_argument("--actions", type=Path, required=True)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames, or of flow")
    parser.add_argument("--settings", required=True, help="PredictSettings as JSON")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    entries = (model.partition("=") for model in args.models)
    folders = {group: Path(path) for group, _, path in entries}
    if folders.keys() != PART_GROUPS.keys():
        raise InputError(f"--models: expected one for each of {', '.join(PART_GROUPS)}")

    claim(args.threads, args.gpus)
    from partparse.recognition.clips import list_videos
    from partparse.recognition.modality import MODALITIES
    from partparse.recognition.settings import PredictSettings
    from partparse.states.clips.group_models import modality_of, predict_groups

    settings = parse_settings(PredictSettings, args.settings)
    parts = tables.read(args.parts, tables.PARTS_TABLE)
    frames = tables.read(args.frames, MODALITIES[modality_of(folders)].table)
    videos = list_videos(frames[frames["video"].isin(parts["video"].unique())])
    states = predict_group(
        predict_groups(folders, videos, args.cache, settings, device(args.gpus)),
        [video.name for video in videos],
        tables.read(args.actions, tables.ACTIONS),
        parts,
        Vocabulary.read(args.vocabulary),
    )
    tables.write(states, args.out, tables.STATES)


if __name__ == "__main__":
    run(main)
