"""Every network judges videos by clips x crops, sampled uniformly and densely."""

import cv2
import numpy as np
import pytest
import torch

from partparse.recognition.clips import FrameReader, PredictionClips, Video, normalise
from partparse.recognition.prediction import ACTIVATIONS, Classifier, predict_clips
from partparse.recognition.registry import BUILDERS, create
from tests.samples.networks import TINY
from tests.samples.recognition import PREDICT, SETTINGS

VIDEOS = [Video("long", 9, 48, 36, "1"), Video("short", 2, 36, 48, "1")]
CLASSES = ("rising", "falling", "still")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> FrameReader:
    folder = tmp_path_factory.mktemp("frames")
    rng = np.random.default_rng(0)
    for video in VIDEOS:
        (folder / video.name).mkdir()
        for number in range(1, video.frames + 1):
            picture = rng.integers(0, 256, (video.height, video.width, 3), dtype=np.uint8)
            cv2.imwrite(str(folder / video.name / f"img_{number:05d}.jpg"), picture)
    return FrameReader(folder, SETTINGS.frame_side, 2**20, "rgb")


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("sampling", ["uniform", "dense"])
def test_a_video_is_judged_by_the_mean_over_clips_and_crops(
    reader: FrameReader, name: str, sampling: str
) -> None:
    torch.manual_seed(0)
    network = create(name, classes=3, **TINY[name]).eval()
    settings = SETTINGS.replace(sampling=sampling, stride=2)
    classifier = Classifier(network, CLASSES, settings, {}, ACTIVATIONS["class"])
    found = predict_clips(classifier, VIDEOS, reader, PREDICT, "cpu")
    assert found.shape == (2, 3)
    clips = PredictionClips(VIDEOS, reader, settings, PREDICT)
    for row, video in enumerate(found):
        views = torch.as_tensor(clips[row])
        assert views.shape == (PREDICT.clips * PREDICT.crops, 4, 32, 32, 3)
        with torch.inference_mode():
            each = [network(normalise(view[None], None)).softmax(1) for view in views]
        expected = torch.cat(each).mean(0)
        np.testing.assert_allclose(video, expected, rtol=1e-3, atol=1e-5)
