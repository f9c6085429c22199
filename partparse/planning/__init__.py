"""What the Snakefile needs to know before any job runs. Importing it loads nothing heavy."""
