"""What reads training clips in `compare.py`: ours, one plain process, decoding alone."""

import multiprocessing
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.checkout import settings
from benchmarks.clips.plain import read_clip
from benchmarks.side import Work
from partparse.learning.batches import Batches, Epochs, ResumableLoader, divide
from partparse.recognition.clips import FrameReader, LabelledClips, TrainingClips, Video
from partparse.recognition.settings import TrainSettings

CLASSES = 24
_WARM = 16  # clips


def read_ours(cache: str, clips: str, frames: str, cores: str) -> Work:
    """Batches for a training, by as many processes; no frame is kept in memory."""
    settings = _settings().replace(workers=int(cores), memory_mb=0)
    some, all_ = (loader(cache, count, int(frames), settings) for count in (_WARM, int(clips)))
    drain(some)
    return partial(drain, all_)


def read_plainly(cache: str, clips: str, frames: str, cores: str) -> Work:
    """The reference: one process, with the threads that OpenCV makes."""
    del cores
    settings, rng = _settings(), np.random.default_rng(0)

    def work(count: int) -> None:
        for video in _videos(cache, count, int(frames)):
            read_clip(
                Path(cache) / video.name,
                video.frames,
                rng,
                length=settings.length,
                side=settings.frame_side,
                crop=settings.crop_side,
                degrees=settings.rotate,
                jitter=settings.colour,
            )

    work(_WARM)
    return partial(work, int(clips))


def decode_alone(cache: str, clips: str, frames: str, cores: str) -> Work:
    """Read, decode and resize as many frames, in as many processes, and hand nothing over."""
    videos = _videos(cache, int(clips), int(frames))
    decode = partial(_decode_clip, cache, _settings())

    def work() -> None:
        fork = multiprocessing.get_context("fork")
        with fork.Pool(int(cores), cv2.setNumThreads, (1,)) as pool:
            pool.map(decode, videos)

    return work


def _decode_clip(cache: str, settings: TrainSettings, video: Video) -> None:
    reader = FrameReader(Path(cache), settings.frame_side, 0)
    reader.read(video, np.linspace(0, video.frames - 1, settings.length).astype(np.int64))


def examples(cache: str, clips: int, frames: int, settings: TrainSettings) -> TrainingClips:
    """As many clips, from the videos of the cache in turn."""
    reader = FrameReader(Path(cache), settings.frame_side, settings.memory_mb * 2**20)
    targets = [number % CLASSES for number in range(clips)]
    return TrainingClips(LabelledClips(_videos(cache, clips, frames), targets), reader, settings)


def loader(cache: str, clips: int, frames: int, settings: TrainSettings) -> ResumableLoader:
    """Their batches, as a training gets them."""
    division = divide(settings.batch, settings.device_batch, 1)
    batches = Batches(Epochs(clips, settings.seed), division)
    given = examples(cache, clips, frames, settings)
    return ResumableLoader(given, batches, num_workers=settings.workers)


def drain(batches: ResumableLoader) -> None:
    """Read all of them."""
    for _ in batches:
        pass


def _settings() -> TrainSettings:
    return TrainSettings.of(settings("actions", "csn", "train"))


def _videos(cache: str, clips: int, frames: int) -> list[Video]:
    """A video for each clip, those of the cache in turn."""
    names = sorted(path.name for path in Path(cache).iterdir())
    return [Video(names[n % len(names)], frames, 340, 256, "1") for n in range(clips)]
