"""The pages of the front door: signing up, confirming, leaving, and choosing what one gets.

::

    request ─▶ endpoint ─▶ Asked ─▶ a page's function ─▶ flows ─▶ House ─▶ Answer ─▶ response

A page's function knows no framework: it takes what was asked and gives an answer, in a thread of
its own. GET and HEAD only ever look.
"""
