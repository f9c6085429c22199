"""The pose net: an HRNet of mmpose, its training, predictions and measures."""
