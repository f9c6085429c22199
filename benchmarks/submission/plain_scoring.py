"""A submission scored as one would write it first: json.load of the files, then box by box."""

import json
from pathlib import Path

from benchmarks.submission.plain_metric import plain_psc


def score_files(folder: str) -> float:
    """Mean over videos of PSC where the action is right; the area's steps are left out."""
    gt_actions, gt_frames, actions, frames = (
        json.loads((Path(folder) / f"{kind}_{what}_result.json").read_text("utf-8"))
        for kind in ("gt", "pred")
        for what in ("vid", "part")
    )
    values = [
        plain_psc(gt_frames[video], frames[video]) * (actions[video] == action)
        for video, action in gt_actions.items()
    ]
    return sum(values) / len(values)
