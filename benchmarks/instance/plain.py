"""States of persons as one would judge them first: a clip and a forward pass for each person."""

import numpy as np
import torch
from numpy.typing import NDArray

from partparse.recognition.clips import FrameReader, Video, normalise
from partparse.states.instance.clips import KeyFrames, collate
from partparse.states.instance.prediction import InstanceModel
from partparse.states.persons import PersonParts


def judge_one_by_one(
    model: InstanceModel, persons: PersonParts, video: Video, reader: FrameReader, device: str
) -> NDArray[np.floating]:
    """Distributions (N, 10, states) of N persons of a video.

    A pass gets all boxes of the key frame, since heads relate persons; one of them is kept.
    """
    frames = KeyFrames(persons, [video], reader, model.settings)
    found = []
    for item in range(len(frames)):
        for person in range(len(frames[item].edges)):
            batch = collate([frames[item]])
            clips, edges, owners = (
                part.to(device) for part in (batch.clips, batch.edges, batch.owners)
            )
            with torch.no_grad():
                scores = model.network(
                    normalise(clips, model.settings.weights), edges, owners, batch.sizes
                )
            found.append(model.pairs.spread(scores)[person].softmax(-1).cpu().numpy())
    return np.stack(found)
