"""What brings data in besides the admin: import pages, file formats, Track and Pipelines doors."""
