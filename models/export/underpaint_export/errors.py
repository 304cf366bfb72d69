class ExportError(Exception):
    """Something that the person at the keyboard can mend: one line, exit code 2."""
