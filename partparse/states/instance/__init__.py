"""States of persons from clips about key frames: the instance level of the winner of 2022."""
