"""The person parser: one network for keypoints, parts, states and the action of a person."""
