"""Train the video-level or the segment-level method: labels (part, state) of clips."""

import argparse
import logging
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, parse_settings, run
from partparse.vocabulary import Vocabulary

log = logging.getLogger("partparse")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", choices=["video", "segment"], required=True)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames, or of flow")
    parser.add_argument("--frame-stride", type=int, required=True, help="of the segment level")
    parser.add_argument("--init", type=Path, help="model folder whose weights it starts from")
    parser.add_argument("--settings", required=True, help="TrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.recognition.clips import LabelledClips
    from partparse.recognition.modality import MODALITIES
    from partparse.recognition.settings import TrainSettings
    from partparse.recognition.training import train
    from partparse.states.clips.labels import label_clips, measure_reach

    annotations = tables.read_all(args.annotations, tables.ANNOTATIONS)
    settings = parse_settings(TrainSettings, args.settings)
    frames = tables.read_all(args.frames, MODALITIES[settings.modality].table)
    vocabulary = Vocabulary.read(args.vocabulary)
    clips, pairs = label_clips(args.level, annotations, frames, vocabulary, args.frame_stride)
    reach = measure_reach(annotations, pairs)
    log.info("labels: %s", ", ".join(f"{name} {value:g}" for name, value in reach.items()))
    train(
        clips,
        LabelledClips([], []),
        [f"{part} {state}" for part, state in pairs.pairs],
        settings,
        cache=args.cache,
        out=args.out,
        gpus=args.gpus,
        stage=f"train_{args.level}",
        version=args.version,
        outputs="labels",
        initial=args.init,
        facts={"level": args.level, **pairs.facts(), "reach": reach},
    )


if __name__ == "__main__":
    run(main)
