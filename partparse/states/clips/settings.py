"""What the methods are that give a clip's classes to what is in it."""

from partparse.states.methods import Method

LABELS = Method(names="video|segment", rules="clip_labels")
GROUP = Method(names="group(_[A-Za-z0-9_]+)?", rules="group", by_group=True)
