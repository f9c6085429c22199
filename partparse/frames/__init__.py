"""Frames of videos: decoded, extracted to caches of pictures, and the flow between them."""
