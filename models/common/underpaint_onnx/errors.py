"""The error of a graph that does not do what its module does."""


class GraphError(Exception):
    """Says in one line which graph is wrong, by how much, and what to do."""
