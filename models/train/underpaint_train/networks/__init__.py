"""The networks, their noise schedules and how they are sampled. Nothing here depends on data or training."""
