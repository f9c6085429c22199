"""`partparse weights`: what there is, what a run starts from, and fetching it."""

from pathlib import Path

import pytest

from partparse.cli import main
from partparse.files import weights
from partparse.files.catalogue import Entry
from tests.samples.web import serving

ADDRESS = "https://weights.example/net.pth"
ENTRY = Entry(
    what="a net",
    address=ADDRESS,
    sha256=None,
    size=None,
    trained_on=("Kinetics-400",),
    licence="MIT",
    layout="torchvision",
    normalisation=None,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PARTPARSE_WEIGHTS", str(tmp_path))
    return tmp_path


def test_all_that_have_a_name_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights"]) == 0
    told = capsys.readouterr().out
    assert "\nhrnet_w48_coco: HRNet-w48" in told
    assert "trained on Sports-1M; Apache-2.0" in told
    assert "in the challenge: may not be allowed: Kinetics-400" in told


def test_what_a_run_starts_from_is_listed_and_what_is_missing_is_a_fault(
    repository: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configs = [str(repository / "configs" / f"{n}.yaml") for n in ("kinetics_tps", "winner_2022")]
    assert main(["weights", "--configfile", *configs]) == 1
    told = capsys.readouterr()
    assert "for persons.train, parts.train, parts.single.train, states.onestage.train" in told.out
    assert f"{folder / 'yolo11x.pt'}: no such file; expected the weights yolo11x" in told.out
    assert told.err == "5 faults\n"


def test_missing_ones_are_fetched_on_request(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weights, "catalogue", lambda: {"net": ENTRY})
    with serving(monkeypatch) as web:
        web.files[ADDRESS] = b"weights"
        assert main(["weights", "net"]) == 1
        assert not web.asked
        assert main(["weights", "net", "--fetch"]) == 0
    assert (folder / "net.pth").read_bytes() == b"weights"
    assert f"is at {folder / 'net.pth'}" in capsys.readouterr().out
    assert main(["weights", "nett"]) == 1
    assert "is 'net' meant" in capsys.readouterr().err
