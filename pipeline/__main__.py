"""`python -m pipeline` is the command `enews`."""

from __future__ import annotations

from pipeline.cli import run


def main() -> None:
    """Run the command and exit with its code."""
    run()


if __name__ == "__main__":
    main()
