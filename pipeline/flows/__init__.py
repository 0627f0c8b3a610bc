"""The verbs, one user story a file: core, render and ports put in order. No adapter, no clock."""
