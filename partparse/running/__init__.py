"""What a stage's program needs to run: settings, GPUs, processes, progress, resuming."""
