"""How frames and their optical flow are written."""

from typing import Annotated, Literal

from pydantic import Field

from partparse.running.settings import Positive, Settings

JpegQuality = Annotated[int, Field(ge=0, le=100, description="0 to 100, OpenCV's scale.")]


class FrameSettings(Settings):
    """How frames are written."""

    jpeg_quality: JpegQuality = 95


class FlowSettings(Settings):
    """How optical flow is measured and kept."""

    preset: Literal["ultrafast", "fast", "medium"]
    """Of DIS (Kroeger et al., ECCV 2016): ultrafast, fast or medium."""
    frame_side: Annotated[int, Field(ge=16)]  # which DIS needs
    """Pixels: the shorter side that frames are resized to, and that the flow has."""
    bound: Positive
    """Pixels of the resized frame: components beyond ± it are clipped, then kept in 8 bits."""
    jpeg_quality: JpegQuality
