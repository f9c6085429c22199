"""Tests, a folder a room of the library, and of whole workflows."""
