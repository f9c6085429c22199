"""Public weights by name: found, fetched once and whole, held to their checksum."""

import hashlib
import logging
from pathlib import Path

import pytest
from pydantic import ValidationError

from partparse.errors import InputError
from partparse.files import download, weights
from partparse.files.atomic import write_json
from partparse.files.catalogue import Entry, catalogue
from partparse.files.weights import fetch, find_source, starting_weights
from tests.samples.web import Web, serving

CONTENT = bytes(range(256)) * 20_000  # five blocks of a download
ADDRESS = "https://weights.example/zoo/net-c161b7de.pth"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(**changes: object) -> Entry:
    values = {
        "what": "a net",
        "address": ADDRESS,
        "sha256": sha256(CONTENT)[:8],
        "size": None,
        "trained_on": ["COCO"],
        "licence": "MIT",
        "layout": "torchvision",
        "normalisation": None,
    }
    return Entry.model_validate(values | changes)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTPARSE_WEIGHTS", str(tmp_path / "kept"))
    monkeypatch.setattr(weights, "catalogue", lambda: {"net": entry()})
    monkeypatch.setattr(download, "_PAUSE", 0.0)
    return tmp_path / "kept"


@pytest.fixture
def web(folder, monkeypatch):
    with serving(monkeypatch) as web:
        web.files[ADDRESS] = CONTENT
        yield web


ACAR = "slowfast_r101_ava22"


@pytest.mark.parametrize(
    ("before", "now", "fits"),
    [
        (ACAR, ACAR, True),
        (None, "ir_csn_152_ig65m", True),  # ImageNet's, both
        ("my.pth", ACAR, False),
        ("ir_csn_152_ig65m", "ip_csn_152_ig65m", True),
        (ACAR, None, False),
        (ACAR, "ir_csn_152_ig65m", False),
    ],
)
def test_a_model_goes_on_with_pictures_normalised_as_it_has_seen_them(
    tmp_path: Path, before: str | None, now: str | None, fits: bool
) -> None:
    write_json(tmp_path / "model.json", {"settings": {"weights": before}})
    if fits:
        assert starting_weights(tmp_path, now, None) == tmp_path / "weights.pt"
    else:
        with pytest.raises(InputError, match=f"from the weights {before}, whose pictures are"):
            starting_weights(tmp_path, now, None)


def test_weights_without_a_name_are_said_to_be_normalised_as_imagenets(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "my.pth").write_bytes(CONTENT)
    starting_weights(None, str(tmp_path / "my.pth"), None)
    assert "my.pth: none by name; pictures are normalised as ImageNet's" in caplog.text


def test_a_name_is_all_that_is_needed_and_a_file_is_fetched_once(web: Web, folder: Path) -> None:
    path = fetch("net", None)
    assert path == folder / "net-c161b7de.pth"
    assert path.read_bytes() == CONTENT
    assert fetch("net", None) == path
    assert len(web.asked) == 1
    assert [left.name for left in folder.glob("[!.]*")] == [path.name]


def test_a_download_that_breaks_goes_on_where_it_was(web: Web) -> None:
    web.breaks_after = [2_000_000, 1_000_000]
    assert fetch("net", None).read_bytes() == CONTENT
    assert [asked for _, asked in web.asked] == [None, "bytes=2000000-", "bytes=3000000-"]


def test_a_process_that_was_killed_leaves_what_the_next_goes_on_with(
    web: Web, folder: Path
) -> None:
    folder.mkdir()
    (folder / "net-c161b7de.pth.part").write_bytes(CONTENT[:70_000])
    assert fetch("net", None).read_bytes() == CONTENT
    assert [asked for _, asked in web.asked] == ["bytes=70000-"]
    fetch("net", None).rename(folder / "net-c161b7de.pth.part")  # whole, but not renamed
    assert fetch("net", None).read_bytes() == CONTENT


def test_a_server_that_is_busy_is_asked_again_and_one_that_has_it_not_is_believed(web: Web) -> None:
    web.fails = [503, 500]
    assert fetch("net", None).read_bytes() == CONTENT
    web.files.clear()
    fetch("net", None).unlink()
    with pytest.raises(InputError, match=r"https://weights\.example/.*404"):
        fetch("net", None)


def test_a_file_that_is_another_is_never_put_into_its_place(web: Web, folder: Path) -> None:
    web.files[ADDRESS] = b"another file"
    with pytest.raises(InputError, match=f"SHA-256 is {sha256(b'another file')}, expected"):
        fetch("net", None)
    assert not list(folder.glob("[!.]*"))
    (folder / "net-c161b7de.pth").write_bytes(b"put there by hand")
    with pytest.raises(InputError, match=r"net: .*net-c161b7de\.pth: SHA-256 is"):
        fetch("net", None)


def test_without_a_network_the_error_says_which_file_to_put_where(web: Web, folder: Path) -> None:
    web.files.clear()
    with pytest.raises(InputError) as caught:
        fetch("net", None)
    assert ADDRESS in str(caught.value)
    assert str(folder / "net-c161b7de.pth") in str(caught.value)


def test_a_file_without_an_address_is_put_there_by_hand(
    web: Web, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand = entry(address=None, file="net.pth.tar", sha256=None, what="a net of a shared folder")
    monkeypatch.setattr(weights, "catalogue", lambda: {"net": by_hand})
    with pytest.raises(InputError, match=r"net\.pth\.tar: no such file; .*a shared folder"):
        fetch("net", None)
    folder.mkdir()
    (folder / "net.pth.tar").write_bytes(CONTENT)
    assert fetch("net", None).read_bytes() == CONTENT
    assert not web.asked


def test_where_no_checksum_is_published_the_files_own_is_reported(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(weights, "catalogue", lambda: {"net": entry(sha256=None)})
    with caplog.at_level(logging.WARNING, "partparse"):
        fetch("net", None)
    assert sha256(CONTENT) in caplog.text
    with pytest.raises(InputError, match="SHA-256 is"):
        fetch("net", "0" * 64)  # one of the user's is held to


def test_an_address_and_a_path_are_taken_too(web: Web, folder: Path, tmp_path: Path) -> None:
    path = fetch(ADDRESS, sha256(CONTENT).upper())
    assert path == folder / f"{sha256(CONTENT)}.pth"
    assert fetch(ADDRESS, sha256(CONTENT)) == path
    assert len(web.asked) == 1
    (tmp_path / "own.pth").write_bytes(CONTENT)
    assert fetch(str(tmp_path / "own.pth"), None) == tmp_path / "own.pth"
    with pytest.raises(InputError, match="expected its checksum too"):
        fetch(ADDRESS, None)


def test_a_wrong_name_is_told_with_the_right_one(folder: Path) -> None:
    with pytest.raises(InputError, match=r"nett: no public weights.*is 'net' meant.*no such file"):
        find_source("nett", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"address": None},
        {"address": "ftp://x/y"},
        {"sha256": "c161b7dz"},
        {"trained_on": []},
        {"size": 0},
        {"licences": "MIT"},
    ],
)
def test_an_entry_that_says_too_little_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        entry(**changes)


def test_entries_say_what_their_files_names_say() -> None:
    names = [own.file_name for own in catalogue().values()]
    assert len(set(names)) == len(names)
    for name, own in catalogue().items():
        if own.sha256 and len(own.sha256) == 8:
            assert own.sha256 in own.file_name, name
        assert (own.layout == "ultralytics") == own.file_name.endswith(".pt"), name


def test_weights_that_have_seen_kinetics_are_marked() -> None:
    marked = {name for name, own in catalogue().items() if "Kinetics" in own.in_challenge}
    assert marked == {
        "swin_b_ssv2",
        "slowfast_r101_ava22",
        "videomae_b_finetuned_kinetics",
        "vjepa2_l",
        "vjepa2_l_ssv2",
        "vjepa2_h",
        "vjepa2_g",
    }
