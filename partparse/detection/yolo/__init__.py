"""Detectors of ultralytics: their settings, training pictures, training and predictions."""

from partparse.detection.yolo import environment as environment  # before ultralytics, always
