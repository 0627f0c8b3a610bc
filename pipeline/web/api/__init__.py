"""The HTTP API: asking for builds and issues, following runs, and hearing of pushes.

::

    request ─▶ Guard (token, scope, rate, media type) ─▶ shapes ─▶ endpoint ─▶ Run ─▶ store

An endpoint adds a row and wakes the service; what the run does is the runner's. docs/api.md says it
for those who call.
"""
