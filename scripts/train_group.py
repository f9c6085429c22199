"""Train the classifier of one part group, over labels "action group state"."""

import argparse
import logging
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, parse_settings, run
from partparse.states.clips.group import group_labels, list_labels
from partparse.vocabulary import Vocabulary

log = logging.getLogger("partparse")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", required=True)
    parser.add_argument("--videos", type=Path, nargs="+", required=True)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames, or of flow")
    parser.add_argument("--init", type=Path, help="model folder whose weights it starts from")
    parser.add_argument("--settings", required=True, help="TrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.recognition.clips import LabelledClips, label_videos
    from partparse.recognition.modality import MODALITIES
    from partparse.recognition.settings import TrainSettings
    from partparse.recognition.training import train
    from partparse.states.clips.group_models import STAGE, write_unlearned

    vocabulary = Vocabulary.read(args.vocabulary)
    labels = group_labels(
        tables.read_all(args.videos, tables.VIDEOS),
        tables.read_all(args.annotations, tables.ANNOTATIONS),
        args.group,
        vocabulary,
    )
    pairs = list_labels(labels, vocabulary)
    classes = [f"{action} {args.group} {state}" for action, state in pairs]
    named = labels["action"] + f" {args.group} " + labels["state"]
    named.index = labels["video"]
    settings = parse_settings(TrainSettings, args.settings)
    schema = MODALITIES[settings.modality].table
    training = label_videos(tables.read_all(args.frames, schema), named, classes)
    if not training.videos:
        log.warning("%s: no training video has a label; its states stay unknown", args.group)
        write_unlearned(args.out, args.group, settings)
        return
    train(
        training,
        LabelledClips([], []),
        classes,
        settings,
        cache=args.cache,
        out=args.out,
        gpus=args.gpus,
        stage=STAGE,
        version=args.version,
        initial=args.init,
        facts={"group": args.group, "labels": [list(pair) for pair in pairs]},
    )


if __name__ == "__main__":
    run(main)
