"""A data set on disk: layout, lists, annotations, keypoints; its tables, check and statistics."""
