"""How work is done: here, in several processes, and never for longer than it may take."""
