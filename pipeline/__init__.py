"""From a folder of Markdown news to feeds, an archive and a numbered newsletter.

The flow, one package a step (each may import only what is below it)::

    content/ ─▶ content ─▶ core ─▶ render ─▶ output ─▶ output/
                             └─▶ mail ─▶ <year>-<nn>.eml

`flows` puts the steps in order, `app` chooses the adapters, `cli` is the command `enews`.
"""

__version__ = "0.1.0"
