"""The embedded data set: rigged bodies, moved, drawn and labelled in the official layout."""
