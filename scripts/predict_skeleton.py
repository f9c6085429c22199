"""Predict part states and actions from keypoint sequences."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--persons", type=Path, required=True, help="table of scored frames")
    parser.add_argument("--parts", type=Path, required=True, help="table of --persons")
    parser.add_argument("--own-keypoints", type=Path, required=True, help="table of --persons")
    parser.add_argument("--tracked", type=Path, required=True, help="persons table")
    parser.add_argument("--keypoints", type=Path, required=True, help="table of --tracked")
    parser.add_argument("--frames", type=Path, required=True, help="table")
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--settings", required=True, help="SkeletonPredictSettings as JSON")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--states-out", type=Path, required=True, help="table to write")
    parser.add_argument("--actions-out", type=Path, required=True, help="table to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.states.skeleton.prediction import load_model, predict_skeleton
    from partparse.states.skeleton.settings import SkeletonPredictSettings
    from partparse.states.skeleton.tracklets import Tracklets

    vocabulary = Vocabulary.read(args.vocabulary)
    states, actions = predict_skeleton(
        load_model(args.model, vocabulary, device(args.gpus)),
        tables.read(args.persons, tables.PERSONS),
        tables.read(args.parts, tables.PARTS_TABLE),
        tracklets=Tracklets(
            tables.read(args.tracked, tables.PERSONS),
            tables.read(args.keypoints, tables.KEYPOINT_TABLE),
        ),
        own=tables.read(args.own_keypoints, tables.KEYPOINT_TABLE),
        videos=tables.read(args.frames, tables.FRAMES)["video"],
        vocabulary=vocabulary,
        settings=parse_settings(SkeletonPredictSettings, args.settings),
        device=device(args.gpus),
    )
    tables.write(states, args.states_out, tables.STATES)
    tables.write(actions, args.actions_out, tables.ACTIONS)


if __name__ == "__main__":
    run(main)
