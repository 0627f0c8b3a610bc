"""Edge, asks other sites: whether a link in an issue leads somewhere."""
