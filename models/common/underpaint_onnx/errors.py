"""The error for a graph that differs from its module."""


class GraphError(Exception):
    """Says in one line which graph is wrong, by how much, and what to do."""
