"""Moving pictures of a data set, as videos or as extracted frames.

    python -m benchmarks.made_up.pictures FOLDER --videos 4 --frames 250
    python -m benchmarks.made_up.pictures FOLDER --videos 4 --frames 250 --extracted

A view of a blurred random landscape wanders, a disc moves in it, and a little noise keeps encoders
busy: h264 takes some 2.3 kB a frame of 340 x 256 pixels, JPEG at quality 95 some 40 kB.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.printing import command_line
from partparse.augment import Picture

FPS = 25
QUALITY = 95
_CELL = 8  # pixels of the landscape from one random colour to the next
_NOISE = 6  # levels, ±


def draw(seed: int, frames: int, size: tuple[int, int]) -> Iterator[Picture]:
    """Frames (H, W, 3) BGR of one video; `size`: width and height."""
    width, height = size
    rng = np.random.default_rng(seed)
    colours = rng.integers(0, 256, (2 * height // _CELL, 2 * width // _CELL, 3), np.uint8)
    land = cv2.resize(colours, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC)
    for frame in range(frames):
        x = int(width / 2 * (1 + np.sin(seed + frame / 20)))
        y = int(height / 2 * (1 + np.cos(seed + frame / 20)))
        view = land[y : y + height, x : x + width].astype(np.int16)
        middle = int(width * (0.5 + 0.3 * np.sin(frame / 7))), height // 2
        cv2.circle(view, middle, height // 5, (60, 200, 90), -1)
        noise = rng.integers(-_NOISE, _NOISE + 1, view.shape, np.int16)
        yield np.clip(view + noise, 0, 255).astype(np.uint8)


def write_videos(folder: Path, names: Sequence[str], frames: int, size: tuple[int, int]) -> None:
    """NAME.mp4, h264 with one thread, for each name."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(names):
        with av.open(str(folder / f"{name}.mp4"), "w") as container:
            stream = container.add_stream("h264", rate=FPS)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            stream.thread_count = 1
            for picture in draw(seed, frames, size):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
            container.mux(stream.encode())


def write_frames(folder: Path, names: Sequence[str], frames: int, size: tuple[int, int]) -> None:
    """NAME/img_00001.jpg, … for each name, as the cache of frames has them."""
    for seed, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number, picture in enumerate(draw(seed, frames, size), start=1):
            path = folder / name / f"img_{number:05d}.jpg"
            cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def main() -> None:
    """Write them."""
    parser = command_line(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--videos", type=int, required=True)
    parser.add_argument("--frames", type=int, required=True, help="of each video")
    parser.add_argument("--width", type=int, default=340)
    parser.add_argument("--height", type=int, default=256)
    parser.add_argument("--extracted", action="store_true", help="frames instead of videos")
    args = parser.parse_args()
    names = [f"v{number:03d}" for number in range(args.videos)]
    write = write_frames if args.extracted else write_videos
    write(args.folder, names, args.frames, (args.width, args.height))


if __name__ == "__main__":
    main()
