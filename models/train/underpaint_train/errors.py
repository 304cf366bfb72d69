"""The error that ends a stage with one line instead of a traceback."""


class TrainingError(Exception):
    """Says what is wrong, where, and what to do about it."""
