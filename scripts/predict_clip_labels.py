"""Predict part states with the video-level or the segment-level method."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames, or of flow")
    parser.add_argument("--settings", required=True, help="PredictSettings as JSON")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.recognition.prediction import load_classifier, read_pictures
    from partparse.recognition.settings import PredictSettings
    from partparse.states.clips.labels import predict_clip_labels

    where = device(args.gpus)
    classifier = load_classifier(args.model, where)
    states = predict_clip_labels(
        classifier,
        tables.read(args.parts, tables.PARTS_TABLE),
        read_pictures(classifier, args.frames),
        Vocabulary.read(args.vocabulary),
        cache=args.cache,
        settings=parse_settings(PredictSettings, args.settings),
        device=where,
    )
    tables.write(states, args.out, tables.STATES)


if __name__ == "__main__":
    run(main)
