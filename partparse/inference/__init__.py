"""A finished run applied to any video: its workflow without what fits, and what comes of it."""
