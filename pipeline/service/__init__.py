"""`enews run`: the whole newsroom in one process.

::

    ticker (APScheduler) ──looks──▶ rows of runs ──▶ main thread: one run at a time
    watch of content/    ──rows──▶       ▲                │ rows of mailings
    web (uvicorn)        ──rows──────────┘                ▼
         └── rows of notices ─────────────────────▶ delivery thread ──▶ mail server

Threads tell each other nothing but that there is something to do: what there is stands in the
database, so that a process that is killed forgets nothing, and two services do nothing twice.
"""
