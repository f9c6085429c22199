"""States as labels of clips: the group, video and segment levels."""
