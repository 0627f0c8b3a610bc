"""What speaks HTTP: the preview for an editor, and the front door of the service.

`server` runs `door`, which lets `site_files` answer with the built site and `application` with the
rest: `pages` for people, `api` for programs.
"""
