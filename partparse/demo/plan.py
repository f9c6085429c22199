"""Which videos the embedded data set consists of: names only, nothing is drawn.

The workflow asks at parse time, so this module imports nothing heavy.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from partparse.running.settings import Count, Settings

DEMO_ACTIONS: tuple[str, ...] = (
    "crawling_baby",
    "deadlifting",
    "front_raises",
    "juggling_balls",
    "lunge",
    "pull_ups",
    "punching_bag",
    "push_up",
)
"""Eight of the 24 official actions."""


_Videos = Annotated[int, Field(ge=0, le=10_000)]
_Side = Annotated[int, Field(ge=32, multiple_of=2)]  # H.264 stores colour at half the size


class DemoSettings(Settings):
    """Size of the embedded data set."""

    train_videos: _Videos
    """Training videos an action (a validation share is taken from them later)."""
    test_videos: _Videos
    """Test videos an action."""
    frames: Count
    """Frames a video."""
    width: _Side
    """Pixels; even."""
    height: _Side
    """Pixels; even."""
    fps: Count
    """Frames a second."""
    seed: int
    """Of everything that is drawn by chance."""


@dataclass(frozen=True)
class PlannedVideo:
    """A video of the data set, before or after it is drawn."""

    video: str  # id: the file's name without its suffix
    split: str  # `train` or `test`
    action: str
    path: str  # of the mp4, relative to the data set's root
    number: int  # of the video among those of its action and split, from 0


def plan_videos(settings: DemoSettings) -> list[PlannedVideo]:
    """Every video of the data set that `settings` describe, in a fixed order."""
    counts = {"train": settings.train_videos, "test": settings.test_videos}
    return [
        PlannedVideo(
            video=(video := f"{action}_{split}_{number:03d}"),
            split=split,
            action=action,
            path=f"{split}_videos/{action}/{video}.mp4",
            number=number,
        )
        for split, count in counts.items()
        for action in DEMO_ACTIONS
        for number in range(count)
    ]
