"""One file a version: its number, an underscore, what it is for."""
