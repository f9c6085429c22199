"""The embedded data set: rigged humanoids, moved, drawn and labelled."""
