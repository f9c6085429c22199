"""What `partparse parse` makes of a video: its record and its drawn frames."""

from dataclasses import replace

import av
import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.files.csv_tables import read_csv
from partparse.frames.decoding import Faults, decode_timed
from partparse.inference.annotated_video import write_video
from partparse.inference.moments import moments, shown_times
from partparse.inference.parse import fill_tracks, parses_of
from partparse.inference.records import Shown, list_frames, make_head, read_head, write_record
from partparse.inference.timeline import COLUMNS
from partparse.inference.writing import SUFFIXES, above, write_parse
from partparse.report.annotated_frame import draw_frame, plan_layout
from partparse.vocabulary import PERSON
from tests.samples.tiny import write_video as write_plain_video


def row(number, person, part, box, score, state=None):
    return ("v", number, person, part, *box, score, state, 0.7 if state else None)


@pytest.fixture
def tables_of_a_video():
    """The arguments of `parses_of`: two frames parsed, whose persons are numbered anew."""
    person, arm = (10, 10, 50, 90), (10, 20, 20, 40)
    rows = [
        row(1, 1, PERSON, person, 0.9),
        row(1, 1, "left_arm", arm, 0.8, "bend_over"),
        row(1, 2, PERSON, (60, 10, 95, 90), 0.2),
        row(3, 2, PERSON, (14, 10, 54, 90), 0.9),
        row(3, 2, "left_arm", (14, 20, 24, 40), 0.8, "straight"),
    ]
    parses = pd.DataFrame(rows, columns=list(tables.PARSES.columns))
    persons = pd.DataFrame(
        [("v", 1, 4, 11.0, 10.0, 50.0, 90.0, 0.5, -1)], columns=list(tables.PERSONS.columns)
    )
    tracked = [
        ("v", 1, 1, 11.0, 10.0, 50.0, 90.0, 0.5, 7),
        ("v", 3, 1, 15.0, 10.0, 54.0, 90.0, 0.4, 7),
        ("v", 3, 2, 60.0, 10.0, 95.0, 90.0, 0.3, -1),
    ]
    keys = persons[["video", "frame", "person"]]
    points = np.tile([30.0, 50.0, 0.9], (1, 17, 1))
    frames = [("v", 4, 4, 100, 100, 10.0, None, "x"), ("w", 0, 4, 0, 0, None, "none", "y")]
    videos = [(name, "test", None, f"{name}.mp4", "x", 4, 100, 100, 10.0) for name in "vw"]
    times = pd.DataFrame({"video": "v", "frame": [1, 2, 3, 4], "time": [0, 0.25, 0.3, 0.4]})
    chances = pd.DataFrame({"video": ["v", "w"], "p_run": [0.3, 0.5], "p_sit": [0.7, 0.5]})
    submitted = pd.DataFrame({"video": ["v", "w"], "p_run": [0.6, 0.5], "p_sit": [0.4, 0.5]})
    tracks = pd.DataFrame(tracked, columns=list(tables.PERSONS.columns))
    return {
        "videos": tables.VIDEOS.validate(pd.DataFrame(videos, columns=list(tables.VIDEOS.columns))),
        "frames": tables.FRAMES.validate(pd.DataFrame(frames, columns=list(tables.FRAMES.columns))),
        "times": tables.TIMES.validate(times),
        "actions": tables.ACTIONS.validate(submitted),
        "probabilities": tables.ACTIONS.validate(chances),
        "parses": tables.PARSES.validate(parses),
        "tracks": tables.PERSONS.validate(tracks),
        "persons": tables.PERSONS.validate(persons),
        "keypoints": tables.unpack_keypoints(keys, points),
        "method": "vote",
        "stride": 2,
    }


@pytest.fixture
def parse(tables_of_a_video):
    (found,) = parses_of(**tables_of_a_video)  # of the other nothing decodes
    return found


def test_a_document_of_a_video(parse, tmp_path):
    path = tmp_path / "v.json"
    write_record(path, make_head(parse, Shown(0.0, 3, 0.0), None), list_frames(parse))
    head, record = read_head(path), read_json(path)
    assert head == {name: value for name, value in record.items() if name != "frames"}
    # what is submitted, though another action is likelier
    assert record["action"]["name"] == "run"
    assert record["action"]["probability"] == 0.3
    assert [entry["name"] for entry in record["action"]["top"]] == ["sit", "run"]
    assert record["actions"] == [
        {"first_frame": 1, "last_frame": 4, "name": "run", "probability": 0.3}
    ]
    first, second = record["frames"]
    assert (second["frame"], second["seconds"]) == (3, 0.3)
    assert [person["person"] for person in first["persons"]] == [1, 2]
    assert [person["track"] for person in first["persons"]] == [7, None]
    assert [person["track"] for person in second["persons"]] == [7]
    assert first["persons"][0]["keypoints"]["nose"] == [30.0, 50.0, 0.9]
    assert first["persons"][1]["keypoints"] is None
    arm = {"box": [10.0, 20.0, 20.0, 40.0], "score": 0.8, "state": "bend_over"}
    arm["state_probability"] = 0.7
    assert first["persons"][0]["parts"] == {"left_arm": arm}
    assert len(path.read_text().splitlines()) < 60  # a line a frame


def test_what_is_no_document_is_refused(tmp_path):
    for text in ("", "{}", "[]\n", '  "frames": [\n', "x" * (3 << 20)):
        path = tmp_path / "v.json"
        path.write_text(text)
        with pytest.raises(InputError, match="not a parse of a video"):
            read_head(path)


def test_tracks_have_a_box_in_every_frame(tables_of_a_video, parse):
    walked = fill_tracks(tables_of_a_video["tracks"])
    assert walked["frame"].tolist() == [1, 2, 3]
    assert walked["x1"].tolist() == [11, 13, 15]
    assert walked["detected"].tolist() == [True, False, True]
    assert walked["score"].tolist() == pytest.approx([0.5, 0.4, 0.4])
    assert parse.tracks["seconds"].tolist() == [0, 0.25, 0.3]
    assert fill_tracks(walked.iloc[:0]).empty


def test_between_parsed_frames_boxes_move_and_states_are_the_nearest(parse):
    shown = list(moments(parse))
    assert len(shown) == parse.length == 4
    left = [moment.rows.set_index("part").loc["left_arm"] for moment in shown]
    assert [row["x1"] for row in left] == [10, 12, 14, 14]
    assert [row["state"] for row in left] == ["bend_over", "bend_over", "straight", "straight"]
    alone = [moment.rows.loc[moment.rows["track"] < 0, "x1"].tolist() for moment in shown]
    assert alone == [[60], [60], [], []]


def test_a_person_that_the_detector_lost_stays_on_its_track(tables_of_a_video):
    """The decision puts persons where a track has a gap."""
    between = row(2, 1, PERSON, (13, 10, 52, 90), 0.4), row(2, 2, PERSON, (60, 10, 95, 90), 0.9)
    filled = pd.DataFrame(between, columns=list(tables.PARSES.columns))
    given = tables_of_a_video | {"stride": 1}
    given["parses"] = tables.PARSES.validate(pd.concat([given["parses"], filled]))
    (found,) = parses_of(**given)
    assert found.persons.query("frame == 2")["track"].tolist() == [7, -1]


def test_persons_below_a_score_are_in_no_table(parse):
    kept = above(parse, 0.5)
    assert kept.persons["track"].tolist() == [7, 7]
    assert set(kept.tracks["track"]) == {7}
    nobody = above(parse, 0.95)
    assert nobody.parses.empty
    assert nobody.tracks.empty
    assert nobody.keypoints.empty


def test_a_parse_has_its_files_and_the_video_all_frames_in_their_time(parse, tmp_path):
    pictures = [np.full((100, 100, 3), 60, np.uint8)] * 4
    out = tmp_path / "out"
    out.mkdir()
    video = write_plain_video(tmp_path / "in/v.avi")
    write_parse(parse, out, Shown(0.1, 3, 0.0), pictures, video=video, notes=["drawn"])
    assert {path.name for path in out.iterdir()} == {f"v{suffix}" for suffix in SUFFIXES}
    head = read_head(out / "v.json")
    assert (head["file"], head["notes"]) == ("../in/v.avi", ["drawn"])
    assert '<p class="note" role="note">drawn</p>' in (out / "v.html").read_text()
    table = tables.read(out / "v.parquet", tables.PARSED)
    assert table["track"].tolist() == [7, 7, -1, 7, 7]
    assert table["seconds"].tolist() == [0, 0, 0, 0.3, 0.3]
    tables.read(out / "v.tracks.parquet", tables.TRACKS)
    posed = tables.read(out / "v.keypoints.parquet", tables.POSED)
    assert posed[["track", "seconds"]].to_numpy().tolist() == [[7, 0.0]]
    line = (out / "v.timeline.csv").read_text().splitlines()
    assert line == [
        ",".join(COLUMNS),
        "v,7,person,,0.0,0.533333,1,4,",
        "v,7,left_arm,bend_over,0.0,0.3,1,2,0.7",
        "v,7,left_arm,straight,0.3,0.533333,3,4,0.7",
    ]
    seconds = read_csv(out / "v.exposure.csv").set_index(["part", "state"])["seconds"]
    assert seconds["left_arm", "bend_over"] == 0.3
    shown = decode_timed(out / "v.mp4", Faults())
    assert [time for _, time in shown] == pytest.approx([0, 0.25, 0.3, 0.4], abs=1e-4)


def test_a_video_keeps_its_sound(tmp_path):
    source = write_tone(tmp_path / "tone.mp4", seconds=1)
    black = np.zeros((64, 64, 3), np.uint8)
    write_video(tmp_path / "v.mp4", [black] * 10, np.arange(10) / 10, source)
    with av.open(str(tmp_path / "v.mp4")) as container:
        (voice,) = container.streams.audio
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(voice)])
    assert voice.codec_context.name == "aac"
    assert len(heard) / voice.rate == pytest.approx(1, abs=0.15)
    assert np.abs(heard).max() > 0.1
    silent = write_plain_video(tmp_path / "silent.mp4")
    write_video(tmp_path / "w.mp4", [black], np.zeros(1), silent)
    with av.open(str(tmp_path / "w.mp4")) as container:
        assert not container.streams.audio


def write_tone(path, seconds):
    """A video of ten frames a second with a tone of 440 Hz."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        voice = container.add_stream("aac", rate=44100)
        for _ in range(10 * seconds):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(picture.encode(frame))
        wave = np.sin(np.arange(44100 * seconds) * 440 * 2 * np.pi / 44100) / 2
        tone = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), "fltp", "mono")
        tone.sample_rate = 44100
        container.mux(voice.encode(tone))
        container.mux(picture.encode(None))
        container.mux(voice.encode(None))
    return path


@pytest.mark.parametrize("pose", [True, False])
def test_a_frame_is_drawn_with_its_words_beside_it(tables_of_a_video, pose):
    without = {"persons": None, "keypoints": None}
    given = tables_of_a_video if pose else tables_of_a_video | without
    (found,) = parses_of(**given)
    first = next(moments(found))
    layout = plan_layout(100, 100, ["bend_over"], 2)
    black = np.zeros((100, 100, 3), np.uint8)
    drawn = draw_frame(black, first.rows, first.keypoints, layout, ("run 0.30", "frame 1"))
    assert drawn.shape == (layout.size[1], layout.size[0], 3)
    assert layout.picture == (480, 480)
    left, right = drawn[30:510, :480], drawn[:, 480:]
    green = (left == (0, 0x9E, 0x73)).all(axis=2)
    assert green.any() == pose
    assert (left == (0x56, 0xB4, 0xE9)).all(axis=2).any()  # the arm's box
    assert (right < 100).any()
    nobody = draw_frame(black, first.rows.iloc[:0], {}, layout, ("run 0.30", "frame 2"))
    assert not nobody[30:510, :480].any()


def test_persons_are_called_by_their_tracks(parse):
    rows = next(moments(parse)).rows
    layout = plan_layout(100, 100, ["bend_over"], 2)
    black = np.zeros((100, 100, 3), np.uint8)

    def draw(table):
        return draw_frame(black, table, {}, layout, ("", ""))

    renumbered = rows.assign(person=rows["person"] + 3)
    np.testing.assert_array_equal(draw(renumbered), draw(rows))
    other = rows.assign(track=rows["track"].replace(7, 8))
    assert (draw(other) != draw(rows)).any()
    plain = rows.drop(columns="track")  # of a data set: there they have a number
    assert (draw(plain.assign(person=plain["person"] + 3)) != draw(plain)).any()


@pytest.mark.parametrize("size", [(1920, 1080), (1081, 1921), (33, 57), (640, 480)])
@pytest.mark.parametrize("persons", [0, 1, 5])
def test_every_video_has_a_layout_that_can_be_encoded(size, persons):
    width, height = size
    layout = plan_layout(width, height, ["none", "x" * 30], persons)
    assert 480 <= min(layout.picture) <= 720
    assert layout.size[0] % 2 == layout.size[1] % 2 == 0
    assert layout.size[0] >= layout.picture[0]
    columns = -(-persons // layout.persons)
    assert layout.size[0] >= layout.picture[0] + columns * layout.column
    assert layout.column > layout.names


def test_times_that_are_not_known_are_counted(parse):
    assert shown_times(parse).tolist() == [0, 0.25, 0.3, 0.4]
    unknown = replace(parse, times=np.full(4, np.nan))
    assert shown_times(unknown).tolist() == pytest.approx([0, 0.04, 0.08, 0.12])
