"""Parts and their states in one step, by a detector of whole frames."""
