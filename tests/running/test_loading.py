"""A model is loaded once in a block that keeps models, and each time elsewhere."""

from pathlib import Path

from partparse.running.loading import keeping_models, loaded_once

LOADED: list[object] = []


@loaded_once
def load(folder, device="cpu"):
    LOADED.append((folder, device))
    return object()


class Net:
    @classmethod
    @loaded_once
    def load(cls, folder):
        LOADED.append(folder)
        return cls()


def test_models_are_kept_in_the_block_alone(tmp_path, monkeypatch):
    LOADED.clear()
    kept: dict[object, object] = {}
    monkeypatch.chdir(tmp_path)
    with keeping_models(kept):
        first = load(tmp_path / "a")
        assert load(Path("a")) is first
        assert load(tmp_path / "a", device="cuda:0") is not first
        assert load(tmp_path / "b") is not first
        assert Net.load(tmp_path / "a") is Net.load(tmp_path / "a")
    assert len(LOADED) == 4
    with keeping_models(kept):
        assert load(tmp_path / "a") is first
    assert load(tmp_path / "a") is not first
    assert len(LOADED) == 5
