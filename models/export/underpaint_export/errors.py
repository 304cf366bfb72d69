"""The error that ends an export with one line instead of a traceback."""


class ExportError(Exception):
    """Something that the user can fix: one line, exit code 2."""
