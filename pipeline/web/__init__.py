"""What speaks HTTP: for now the preview."""
