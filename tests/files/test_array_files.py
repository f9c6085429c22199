"""Fitted models as files: what is read is what was written, and nothing else is taken."""

from dataclasses import dataclass, fields, is_dataclass

import numpy as np
import pytest

from partparse.errors import InputError
from partparse.files.array_files import read_arrays, write_arrays


@dataclass(frozen=True)
class Inner:
    values: np.ndarray
    factor: float | None


@dataclass(frozen=True)
class Outer:
    names: tuple[tuple[str, ...], ...]
    inner: Inner | None
    some: list[Inner] | None
    count: int
    sure: bool


def assert_same(one, other):
    """The same dataclass, arrays and all, types included."""
    assert type(one) is type(other)
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_same(*pair)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other


INNER = Inner(np.arange(6, dtype=np.int16).reshape(2, 3), 0.1)
FULL = Outer((("a", "absent"), ()), INNER, [INNER, Inner(np.array([np.nan]), None)], 3, True)


@pytest.mark.parametrize(
    "model", [FULL, Outer((), None, None, 0, False), Outer((), None, [], 0, False)]
)
def test_what_is_read_is_what_was_written(model, tmp_path):
    path = tmp_path / "model.npz"
    write_arrays(model, path)
    assert_same(read_arrays(Outer, path), model)
    first = path.read_bytes()
    write_arrays(model, path)
    assert path.read_bytes() == first


def written(folder, **arrays):
    path = folder / "model.npz"
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return path


def test_a_pickle_is_not_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened",))

    path = written(tmp_path, **{"/values": np.array([Trap()], object), "/factor": np.array(1.0)})
    with pytest.raises(InputError, match=r"model\.npz: not a Inner"):
        read_arrays(Inner, path)


def test_another_model_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    write_arrays(INNER, path)
    with pytest.raises(InputError, match=r"not a Outer.*names"):
        read_arrays(Outer, path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.npz: no such file"):
        read_arrays(Inner, tmp_path / "gone.npz")


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_refused(share, tmp_path):
    path = tmp_path / "model.npz"
    write_arrays(FULL, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match="not a Outer"):
        read_arrays(Outer, path)


def test_a_file_that_was_damaged_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    write_arrays(Inner(np.random.default_rng(0).random(500), 1.0), path)
    whole = bytearray(path.read_bytes())
    for place in range(500, 3000, 100):
        damaged = whole.copy()
        damaged[place : place + 20] = bytes(20)
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="not a Inner"):
            read_arrays(Inner, path)


def test_a_single_array_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="not a Inner"):
        read_arrays(Inner, path)
