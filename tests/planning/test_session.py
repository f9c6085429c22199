"""What snakemake says when it is interrupted, and which pictures go with their tables."""

import logging

import pytest

from partparse.planning.session import QuietEnd, delete_pictures


@pytest.fixture
def log(caplog):
    """Snakemake's log, as it were, and what is shown of it."""
    logger = logging.getLogger("test of a run's end")
    logger.setLevel(logging.INFO)
    logger.addFilter(QuietEnd())
    return logger


def test_an_interrupted_run_does_not_tell_of_failures(log, caplog):
    log.error("RuleException: a fault before")
    log.info("Terminating processes on user request, this might take some time.")
    log.error("RuleException:\nCalledProcessError in file rules/stages.smk, line 16")
    log.error(None)  # an event without a message
    log.info("Complete log(s): a.log")
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "RuleException: a fault before"
    assert said[1].startswith("Interrupted; ")
    assert said[2:] == ["Complete log(s): a.log"]


def test_pictures_go_when_the_last_of_their_tables_is_gone(tmp_path):
    for folder in ("frames/a", "flow/a", "demo/list", "persons/model"):
        (tmp_path / folder).mkdir(parents=True)
    for table in ("frames/test-000.parquet", "flow/test-000.parquet", "demo.json"):
        (tmp_path / table).touch()
    assert delete_pictures(tmp_path) == []
    (tmp_path / "frames/test-000.parquet").unlink()
    assert delete_pictures(tmp_path) == [tmp_path / "frames"]
    assert {path.name for path in tmp_path.iterdir()} == {"flow", "demo", "demo.json", "persons"}
    (tmp_path / "demo.json").unlink()
    assert delete_pictures(tmp_path) == [tmp_path / "demo"]
