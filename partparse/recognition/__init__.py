"""Networks that classify clips, their data sets and their training."""
