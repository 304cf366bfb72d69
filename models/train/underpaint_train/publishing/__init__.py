"""Writes trained networks as folders that the server loads, with their model cards."""
