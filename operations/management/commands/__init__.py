"""The commands themselves; Django finds them by their file names."""
