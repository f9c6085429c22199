"""The part-state net of the winner of 2021: one frame's person to the state of each part."""
