"""Management commands of the write path."""
