"""The challenge's two result files: format, writing, and the check that they can be scored."""
