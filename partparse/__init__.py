"""Part-level action parsing: persons, body parts, part states and actions from videos."""

__version__ = "0.1.0"
