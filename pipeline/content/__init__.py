"""Reads `content/`: files become core objects, or problems that name file, line and field."""
