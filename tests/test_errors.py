"""Errors that processes hand on say what they said where they were raised."""

import pickle

import pytest
from torch._utils import ExceptionWrapper

from partparse.errors import InputError, ManyFaultsError, SetupError

LINES = ["a.yaml: no such file", "b\nc: unknown"]
ERRORS = [InputError("a: wrong"), SetupError("a: gone"), ManyFaultsError(LINES)]


def fail(error: Exception) -> None:
    raise error


def test_several_faults_are_told_together() -> None:
    several = ManyFaultsError(LINES)
    assert str(several) == "a.yaml: no such file; b\\nc: unknown"
    assert several.lines == ["a.yaml: no such file", "b\\nc: unknown"]


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_the_same_after_pickling(error: InputError) -> None:
    same = pickle.loads(pickle.dumps(error))
    assert (type(same), str(same), same.__dict__) == (type(error), str(error), error.__dict__)


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_a_process_that_loads_data_says_the_same(error: InputError) -> None:
    try:
        fail(error)
    except InputError:
        wrapped = ExceptionWrapper(where="in DataLoader worker process 0")
    with pytest.raises(type(error)) as met:
        wrapped.reraise()
    assert str(met.value) == str(error)
