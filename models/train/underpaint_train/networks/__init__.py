"""The networks, their noise schedules and how they are sampled. Nothing here knows of data or of training."""
