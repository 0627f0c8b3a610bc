"""Subscribers and the ledger, in a database."""
