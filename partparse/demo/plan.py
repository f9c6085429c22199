"""Which videos the embedded data set consists of: names only, nothing is drawn.

The workflow asks at parse time, so this module imports nothing heavy.
"""

from dataclasses import dataclass

from partparse.errors import InputError

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


@dataclass(frozen=True)
class DemoSettings:
    """Size of the embedded data set."""

    train_videos: int
    """Training videos an action (a validation share is taken from them later)."""
    test_videos: int
    """Test videos an action."""
    frames: int
    """Frames a video."""
    width: int
    """Pixels; even, because H.264 stores colour at half the size."""
    height: int
    """Pixels; even."""
    fps: int
    """Frames a second."""
    seed: int
    """Of everything that is drawn by chance."""

    def __post_init__(self) -> None:
        """Raise InputError where a value cannot be drawn or encoded."""
        if self.width % 2 or self.height % 2 or min(self.width, self.height) < 32:
            raise InputError(
                f"DemoSettings: width and height must be even and at least 32, "
                f"got {self.width} x {self.height}"
            )
        videos = self.train_videos, self.test_videos
        if not all(0 <= count <= 10_000 for count in videos) or min(self.frames, self.fps) < 1:
            raise InputError(
                "DemoSettings: train_videos and test_videos must be 0 to 10000, "
                "frames and fps 1 or more"
            )


@dataclass(frozen=True)
class PlannedVideo:
    """A video of the data set, before or after it is drawn."""

    video: str
    """Id: the file's name without its suffix."""
    split: str
    """`train` or `test`."""
    action: str
    path: str
    """Of the mp4, relative to the data set's root."""
    number: int
    """Of the video among those of its action and split, from 0."""


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
