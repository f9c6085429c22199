from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from partparse.errors import InputError
from partparse.frames.decoding import Faults, count_decoded, decode, decode_timed, probe
from tests.samples.odd_videos import (
    cut,
    grey,
    write_frames,
    write_hidden,
    write_matrix,
    write_noise,
    write_pictures,
    write_sound,
    write_stamped,
    write_title,
    write_unknown,
)
from tests.samples.tiny import FRAMES, HEIGHT, WIDTH, level, write_video

SUFFIXES = [".mp4", ".mov", ".m4v", ".avi", ".webm", ".mkv", ".gif"]


def levels(path: Path, faults: Faults | None = None) -> list[int]:
    """The frames' indices, as their grey levels tell."""
    return [
        round((float(p.mean()) - level(0)) / (level(1) - level(0)))
        for p in decode(path, faults or Faults())
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_frame_of_every_container_in_order(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"a{suffix}")
    faults = Faults()
    assert levels(path, faults) == list(range(FRAMES))
    assert faults.describe() is None
    info = probe(path)
    assert (info.width, info.height, info.fps) == (WIDTH, HEIGHT, 10)
    assert info.frames in {FRAMES, None}


def test_frames_that_were_encoded_out_of_order(tmp_path: Path) -> None:
    path = write_frames(tmp_path / "a.mp4", grey(range(FRAMES)), encoding="bframes=3:b-adapt=0")
    with av.open(str(path)) as container:
        times = [p.pts for p in container.demux(video=0) if p.size]
    assert times != sorted(times)
    assert levels(path) == list(range(FRAMES))


def test_a_video_with_a_changing_rate(tmp_path: Path) -> None:
    path = write_stamped(tmp_path / "a.mp4", [0, 10, 500, 510, 2000])
    assert levels(path) == [0, 1, 2, 3, 4]


def test_a_video_that_is_turned_is_read_upright(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.set_display_rotation(90)
        picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        picture[:, WIDTH // 2 :] = 255
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    first = next(iter(decode(path, Faults())))
    assert first.shape == (WIDTH, HEIGHT, 3)
    assert first[: WIDTH // 4].mean() > 200  # counterclockwise: the right side is now on top
    assert (probe(path).width, probe(path).height) == (HEIGHT, WIDTH)


def test_a_truncated_video_gives_what_decodes(tmp_path: Path) -> None:
    path = write_noise(tmp_path / "a.mp4", movflags="faststart")
    whole = list(decode(path, Faults()))
    cut(path, 0.6)
    faults = Faults()
    left = list(decode(path, faults))
    assert 3 < len(left) < len(whole) == 10
    sound = len(left) - faults.damaged
    assert all(np.array_equal(a, b) for a, b in zip(left[:sound], whole, strict=False))
    assert faults.describe()


def test_a_video_whose_index_is_cut_off_gives_nothing(tmp_path: Path) -> None:
    path = write_noise(tmp_path / "a.mp4")
    cut(path, 0.6)
    faults = Faults()
    assert list(decode(path, faults)) == []
    assert faults.describe() == "Invalid data found when processing input"


def test_a_frame_that_does_not_decode_keeps_its_place(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.webm")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    start = data.index(packets[3])
    data[start : start + len(packets[3])] = b"\xff" * len(packets[3])
    path.write_bytes(data)
    faults = Faults()
    found = levels(path, faults)
    assert len(found) == FRAMES
    assert found[:4] == [0, 1, 2, 2]
    assert (faults.undecoded, faults.replaced) == (1, 1)
    assert str(faults.describe()).startswith("1 frames do not decode; 1 of them show the frame")


@pytest.mark.parametrize("content", [b"", b"this is no video\n" * 100, b"\0" * 5000])
def test_what_is_no_video_gives_nothing_and_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    faults = Faults()
    assert levels(path, faults) == []
    assert faults.describe()
    with pytest.raises(InputError, match=r"a.mp4: not a readable video: Invalid data"):
        probe(path)


def test_a_missing_file_gives_nothing_and_says_so(tmp_path: Path) -> None:
    faults = Faults()
    assert levels(tmp_path / "a.mp4", faults) == []
    assert faults.describe() == "No such file or directory"


def test_a_file_without_a_video_stream(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mkv")
    faults = Faults()
    assert levels(path, faults) == []
    assert faults.describe() == "no video stream in it"
    with pytest.raises(InputError, match=r"a.mkv: no video stream in it"):
        probe(path)


def test_a_codec_that_nobody_knows(tmp_path: Path) -> None:
    path = write_unknown(tmp_path / "v.mp4")
    faults = Faults()
    assert list(decode(path, faults)) == []
    assert faults.describe() == "of a codec that is not known here"
    with pytest.raises(InputError, match=r"v\.mp4: of a codec that is not known here"):
        probe(path)


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "v", range(1, 6))
    (folder / "notes.txt").touch()
    assert levels(folder) == [0, 1, 2, 3, 4]
    info = probe(folder)
    assert (info.frames, info.width, info.height, info.fps) == (5, WIDTH, HEIGHT, None)


def test_a_folder_with_a_gap_and_a_broken_picture(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "v", [2, 3, 6])
    (folder / "img_00004.jpg").write_bytes(b"no picture")
    (folder / "img_00005.jpg").touch()
    faults = Faults()
    assert levels(folder, faults) == [1, 1, 2, 2, 2, 5]
    assert (faults.undecoded, faults.replaced) == (3, 3)
    with pytest.raises(InputError, match="empty: no picture in it decodes"):
        probe(write_pictures(tmp_path / "empty", []))


def test_pictures_of_another_size_are_resized(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "v", [1, 2])
    cv2.imwrite(str(folder / "img_00003.jpg"), np.zeros((10, 10, 3), np.uint8))
    faults = Faults()
    assert {picture.shape for picture in decode(folder, faults)} == {(HEIGHT, WIDTH, 3)}
    assert faults.describe() == "1 frames were resized to the first one's size"


def test_a_playlist_that_poses_as_a_video_reaches_no_network(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n")
    faults = Faults()
    assert levels(path, faults) == []
    assert faults.describe()


def times(path: Path) -> list[float | None]:
    return [time for _, time in decode_timed(path, Faults())]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_times_of_a_constant_rate(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"a{suffix}")
    assert times(path) == pytest.approx(np.arange(FRAMES) / 10)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("start", [0, 700])
def test_times_are_those_that_a_player_shows_frames_at(
    tmp_path: Path, suffix: str, start: int
) -> None:
    stamps = [start + offset for offset in (0, 33, 67, 100, 600, 1100)]
    path = write_stamped(tmp_path / f"a{suffix}", stamps)
    assert times(path) == pytest.approx([0, 0.033, 0.067, 0.1, 0.6, 1.1], abs=0.001)


def test_times_count_from_the_first_frame_that_an_edit_list_shows(tmp_path: Path) -> None:
    path = write_hidden(tmp_path / "a.mp4", grey(range(10)))
    assert times(path) == pytest.approx(np.arange(10) / 10)


def test_a_frame_that_does_not_decode_keeps_its_time(tmp_path: Path) -> None:
    path = write_stamped(tmp_path / "a.mkv", [0, 100, 900, 1000])
    with av.open(str(path)) as container:
        broken = [bytes(packet) for packet in container.demux(video=0) if packet.size][2]
    data = path.read_bytes()
    path.write_bytes(data.replace(broken, b"\x00" * len(broken)))
    assert levels(path) == [0, 1, 1, 3]
    assert times(path) == pytest.approx([0, 0.1, 0.9, 1.0])


def test_a_stream_without_time_stamps_is_shown_at_its_rate(tmp_path: Path) -> None:
    path = write_frames(tmp_path / "a.h264", grey(range(FRAMES)))
    assert times(path) == pytest.approx(np.arange(FRAMES) / (probe(path).fps or np.nan))


def test_a_folder_of_pictures_knows_no_times(tmp_path: Path) -> None:
    assert times(write_pictures(tmp_path / "v", range(1, 4))) == [None] * 3


def test_a_video_is_looked_at_as_it_is_decoded(tmp_path: Path) -> None:
    """What decodes after a start that does not is a video for both, of one size."""
    folder = write_pictures(tmp_path / "v", [2, 3])
    assert levels(folder) == [1, 1, 2]
    assert probe(folder).frames == 3
    path = write_stamped(tmp_path / "a.mkv", [0, 100, 200])
    with av.open(str(path)) as container:
        first = next(bytes(packet) for packet in container.demux(video=0))
    path.write_bytes(path.read_bytes().replace(first, b"\x00" * len(first)))
    assert levels(path) == [1, 1, 2]
    assert (probe(path).width, probe(path).height) == (WIDTH, HEIGHT)


def test_the_real_clips(real_clips: Path) -> None:
    for split in ("train", "test"):
        lines = (real_clips / f"list/video_{split}_flist.csv").read_text().split()[1:]
        counts = dict(line.split(",") for line in lines)
        for path in (real_clips / f"{split}_videos").glob("*/*"):
            faults = Faults()
            assert sum(1 for _ in decode(path, faults)) == int(counts[path.stem])
            assert faults.describe() is None


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ([1, 0, 0, 0, 1, 0, 0, 0, 1], lambda p: p),
        ([0, 1, 0, -1, 0, 0, 48, 0, 1], lambda p: np.rot90(p, -1)),
        ([-1, 0, 0, 0, -1, 0, 64, 48, 1], lambda p: np.rot90(p, 2)),
        ([0, -1, 0, 1, 0, 0, 0, 64, 1], lambda p: np.rot90(p, 1)),
        ([-1, 0, 0, 0, 1, 0, 64, 0, 1], lambda p: p[:, ::-1]),
        ([1, 0, 0, 0, -1, 0, 0, 48, 1], lambda p: p[::-1]),
        ([0, 1, 0, 1, 0, 0, 0, 0, 1], lambda p: p.swapaxes(0, 1)),
        ([0, -1, 0, -1, 0, 0, 48, 64, 1], lambda p: np.rot90(p, 2).swapaxes(0, 1)),
    ],
)
def test_turned_and_mirrored_as_a_player_shows_it(
    tmp_path: Path, matrix: list[int], shown: Callable[[np.ndarray], np.ndarray]
) -> None:
    path = tmp_path / "a.mp4"
    corner = np.zeros((48, 64, 3), np.uint8)
    corner[:24, :32] = 200
    corner[:12, :8] = 100  # no turn or mirror leaves it as it is
    write_matrix(write_frames(path, [corner] * 3), matrix)
    (picture, *_) = decode(path, Faults())
    expected = shown(corner)
    assert picture.shape == expected.shape
    assert np.abs(picture.astype(int) - expected).mean() < 8
    info = probe(path)
    assert (info.height, info.width) == picture.shape[:2]


@pytest.mark.parametrize(("ratio", "size"), [("2/1", (128, 48)), ("1/2", (64, 96))])
def test_pixels_that_are_not_square_are_stretched(
    tmp_path: Path, ratio: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "a.mp4"
    write_frames(path, [np.zeros((48, 64, 3), np.uint8)], ratio=Fraction(ratio))
    info = probe(path)
    assert (info.width, info.height) == size
    (picture,) = decode(path, Faults())
    assert picture.shape[1::-1] == size


def test_frames_that_an_edit_list_hides_are_not_counted(tmp_path: Path) -> None:
    path = write_hidden(tmp_path / "a.mp4", grey(range(10)))
    assert levels(path) == list(range(10))
    assert probe(path).frames == count_decoded(path) == 10


def test_a_title_in_any_encoding(tmp_path: Path) -> None:
    titled = write_title(tmp_path / "a.mkv")
    assert levels(titled) == list(range(FRAMES))
    assert probe(titled).width == WIDTH


def test_pictures_from_zero_are_refused(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "a", range(1, 4))
    (folder / "img_00003.jpg").rename(folder / "img_00000.jpg")
    with pytest.raises(InputError, match=r"img_00000.jpg: frames are numbered from 0; .* rename"):
        probe(folder)
    faults = Faults()
    assert list(decode(folder, faults)) == []
    assert "numbered from 0" in (faults.describe() or "")
