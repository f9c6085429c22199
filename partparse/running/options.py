"""What the options are that mean the same in every program: their functions need not say it."""

MEANINGS = {
    "actions": "Tables of the videos' actions: a probability of each.",
    "annotations": "Tables of the videos' annotated persons and parts.",
    "choice": "Ranking of the methods by action.",
    "final": "The method that is submitted.",
    "folds": "Of val, for cross-fitting.",
    "frames": "Tables of the videos' frames, or flow; the pictures lie beside them.",
    "init": "Folder of a model whose weights a training starts from.",
    "keypoints": "Tables of the persons' keypoints.",
    "method": "Whose parses they are.",
    "model": "Folder of the model.",
    "objects": "Tables of the videos' objects.",
    "oracles": "Oracle ladders.",
    "out": "File or folder to write.",
    "parses": "Tables of the persons' and parts' boxes and chosen states.",
    "parts": "Tables of the persons' parts.",
    "persons": "Tables of the videos' persons.",
    "references": "What all methods are compared to.",
    "root": "Folder of the data set.",
    "run": "Folder that a finished run was made in.",
    "score": "Persons are drawn from this score on.",
    "scores": "Scores of all methods.",
    "settings": "Those of the config for this stage.",
    "split": "Of the videos.",
    "stride": "Every how many frames is scored.",
    "tracked": "Tables of persons over time, with tracks; --keypoints are theirs.",
    "truth": "Tables of the videos' true actions.",
    "videos": "Tables of the videos.",
    "vocabulary": "All names.",
}


def meaning_of(name: str) -> str | None:
    """What an option is, if it is one of these, or what is written besides."""
    return MEANINGS["out"] if name.endswith("_out") else MEANINGS.get(name)
