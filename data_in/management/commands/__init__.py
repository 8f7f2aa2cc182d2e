"""The doors of the command line."""
