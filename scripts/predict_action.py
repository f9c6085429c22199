"""Predict the action of a shard's videos: a distribution for each, 0 frames or not."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames, or of flow")
    parser.add_argument("--settings", required=True, help="PredictSettings as JSON")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.recognition.actions import predict_actions
    from partparse.recognition.prediction import load_classifier, read_pictures
    from partparse.recognition.settings import PredictSettings

    where = device(args.gpus)
    classifier = load_classifier(args.model, where)
    table = predict_actions(
        classifier,
        read_pictures(classifier, args.frames),
        args.cache,
        parse_settings(PredictSettings, args.settings),
        where,
    )
    tables.write(table, args.out, tables.ACTIONS)


if __name__ == "__main__":
    run(main)
