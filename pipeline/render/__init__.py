"""From core objects to bytes; pure once the templates are given."""
