"""What the decision takes from training annotations: states' statistics, and where parts are."""

from partparse import tables
from partparse.decision.geometry import fit_geometry
from partparse.decision.inputs import FittedTables
from partparse.decision.model import TrainingStatistics
from partparse.decision.priors import count_priors
from partparse.decision.settings import DecisionSettings
from partparse.decision.state_space import StateSpace
from partparse.detection.tracking import annotated_as_persons
from partparse.vocabulary import Vocabulary


def count_statistics(
    given: FittedTables, *, vocabulary: Vocabulary, stride: int, settings: DecisionSettings
) -> TrainingStatistics:
    """Read the training tables and count.

    Args:
        given: where they are, and what evidence of val there is.
        vocabulary: all names.
        stride: frames from one scored frame to the next.
        settings: pseudo-counts.
    """
    train, of_shard = given.train, given.val[0]
    rows = tables.read_all(train.annotations, tables.ANNOTATIONS)
    named = tables.read_all(train.videos, tables.VIDEOS).dropna(subset="action")
    tracked = annotated_as_persons(rows)
    if train.tracks:
        tracked = tables.read_all(train.tracks, tables.PERSONS)
    space = StateSpace.of(rows, vocabulary.states)
    geometry = None
    if train.keypoints:
        # held by nobody else, as they are large
        geometry = fit_geometry(rows, tables.read_all(train.keypoints, tables.KEYPOINT_TABLE))
    return TrainingStatistics(
        actions=vocabulary.actions,
        methods=of_shard.methods(),
        action_models=tuple(of_shard.actions),
        box_sources=of_shard.box_sources(),
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
