"""The metric in plain Python, box by box, as its description reads: the fast one must equal it."""

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.submission.plain_boxes import plain_iou


def plain_matches(true: list[Any], predicted: list[Any]) -> dict[int, int]:
    """True human to predicted one, by their places in a frame."""
    size = max(len(true), len(predicted))
    weights = np.zeros((size, size))
    for i, a in enumerate(true):
        for j, b in enumerate(predicted):
            weights[i, j] = plain_iou(np.float32(a["box"]), np.float32(b["box"]))
    pairs = zip(*linear_sum_assignment(weights, maximize=True), strict=True)
    return {int(i): int(j) for i, j in pairs if weights[i, j] > 0.5}


def plain_frame(true: list[Any], predicted: list[Any]) -> tuple[float, int]:
    """Sum of the parts' worth, and the number of parts."""
    matches = plain_matches(true, predicted)
    total, parts = 0.0, 0
    for i, human in enumerate(true):
        for name, part in human["parts"].items():
            parts += 1
            answer = predicted[matches[i]]["parts"].get(name) if i in matches else None
            if answer is None or not answer["verb"]:
                continue
            right = any(
                plain_iou(part["box"], box) >= 0.3 and state == part["verb"]
                for box, state in zip(answer["box"], answer["verb"], strict=True)
            )
            total += right / len(answer["verb"])
    return total, parts


def plain_psc(true: dict[str, Any], predicted: dict[str, Any]) -> float:
    """Of one video."""
    scores = []
    for name, entry in true.items():
        if not entry["humans"]:
            continue
        if name not in predicted:
            scores.append(0.0)
            continue
        total, parts = plain_frame(entry["humans"], predicted[name]["humans"])
        if parts:
            scores.append(total / parts)
    return sum(scores) / len(scores) if scores else 1.0


def plain_score(psc: list[float], correct: list[bool]) -> float:
    """The area, threshold by threshold."""
    steps = [
        sum(p >= t / 10_000 and c for p, c in zip(psc, correct, strict=True)) / len(psc)
        for t in range(1, 10_000)
    ]
    return sum(steps) / 10_000
