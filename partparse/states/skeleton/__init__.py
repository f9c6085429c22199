"""States and actions from keypoint sequences of tracked persons, through CTR-GCN."""
