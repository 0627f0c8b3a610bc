"""What the flows ask of the world: for building a site, and for the people who get its mail."""
