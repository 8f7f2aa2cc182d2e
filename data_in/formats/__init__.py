"""File formats: each module reads the rows of one, lazily."""
