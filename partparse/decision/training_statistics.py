"""What the decision takes from training annotations: states' statistics, and where parts are."""

from collections.abc import Sequence

from partparse import tables
from partparse.decision.geometry import fit_geometry
from partparse.decision.inputs import DecisionInputs, read_shards
from partparse.decision.model import TrainingStatistics
from partparse.decision.priors import count_priors
from partparse.decision.settings import DecisionSettings
from partparse.decision.state_space import StateSpace
from partparse.detection.tracking import annotated_as_persons
from partparse.vocabulary import Vocabulary


def count_statistics(
    inputs: DecisionInputs,
    shards: Sequence[str],
    *,
    videos: str,
    annotations: str,
    vocabulary: Vocabulary,
    stride: int,
    settings: DecisionSettings,
) -> TrainingStatistics:
    """Read the training tables and count.

    Args:
        inputs: where tracks and keypoints are.
        shards: names of the training shards.
        videos: VIDEOS tables, with `{shard}`.
        annotations: ANNOTATIONS tables, likewise.
        vocabulary: all names.
        stride: frames from one scored frame to the next.
        settings: pseudo-counts.
    """
    rows = read_shards(annotations, shards, tables.ANNOTATIONS)
    named = read_shards(videos, shards, tables.VIDEOS).dropna(subset="action")
    tracked = annotated_as_persons(rows)
    if inputs.tracks is not None:
        tracked = read_shards(inputs.tracks, shards, tables.PERSONS)
    space = StateSpace.of(rows, vocabulary.states)
    geometry = None
    if inputs.keypoints is not None:
        # held by nobody else, as they are large
        geometry = fit_geometry(rows, read_shards(inputs.keypoints, shards, tables.KEYPOINT_TABLE))
    return TrainingStatistics(
        actions=vocabulary.actions,
        methods=inputs.methods(),
        action_models=tuple(inputs.actions),
        box_sources=inputs.box_sources(),
        space=space,
        priors=count_priors(
            rows,
            tracked,
            named.set_index("video")["action"],
            vocabulary.actions,
            space,
            stride=stride,
            pseudo_videos=settings.pseudo_videos,
            pseudo_pairs=settings.pseudo_pairs,
        ),
        geometry=geometry,
        stride=stride,
    )
