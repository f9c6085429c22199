"""The decision: the submission with the highest expected score, from what all methods say."""
