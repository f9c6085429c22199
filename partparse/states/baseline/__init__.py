"""The official baseline: states and actions from features of parts, humans, objects and frames."""
