"""The bench: what the engine costs beside the raw floor and beside django-import-export."""
