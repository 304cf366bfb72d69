"""Measures the quality of the trained networks on scenes that they were not trained on."""
