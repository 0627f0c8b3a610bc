"""Mail as bytes: what is written once, released once, and sent to many."""
