"""States as statistics of the action: the category level."""
