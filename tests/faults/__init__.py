"""The fault campaign (`make faults`): what happens to long runs on shared machines, done to a
small one. It counts what the workflow survives without loss."""
