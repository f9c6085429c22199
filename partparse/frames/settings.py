"""How frames and their optical flow are written."""

from dataclasses import dataclass

from partparse.errors import InputError

PRESETS = ("ultrafast", "fast", "medium")
"""Of DIS (Kroeger et al., ECCV 2016), from fast to exact."""


@dataclass(frozen=True)
class FrameSettings:
    """How frames are written."""

    jpeg_quality: int = 95  # 0 to 100, OpenCV's scale

    def __post_init__(self) -> None:
        """Raise InputError for a quality that is none."""
        if not 0 <= self.jpeg_quality <= 100:
            raise InputError(f"jpeg_quality is {self.jpeg_quality}; expected 0 to 100")


@dataclass(frozen=True)
class FlowSettings:
    """How optical flow is measured and kept."""

    preset: str
    """Of DIS (Kroeger et al., ECCV 2016): "ultrafast", "fast" or "medium"."""
    side: int
    """Pixels: the shorter side that frames are resized to, and that the flow has."""
    bound: float
    """Pixels of the resized frame: components beyond ± it are clipped."""
    jpeg_quality: int
    """0 to 100, OpenCV's scale."""

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        if self.preset not in PRESETS:
            raise InputError(f"setting preset: {self.preset!r} is none of {', '.join(PRESETS)}")
        if self.side < 16:
            raise InputError(f"setting side: {self.side} pixels; DIS needs 16 at least")
        if self.bound <= 0:
            raise InputError(f"setting bound: {self.bound}; expected more than 0 pixels")
        if not 0 <= self.jpeg_quality <= 100:
            raise InputError(f"jpeg_quality is {self.jpeg_quality}; expected 0 to 100")
