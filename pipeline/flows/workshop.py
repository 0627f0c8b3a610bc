"""Everything that the flows work with, in one hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.ports.building import (
        Bounded,
        Cache,
        Composer,
        Content,
        IssueFiles,
        Jobs,
        Output,
        PictureMaker,
        Published,
    )
    from pipeline.render.templates import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The adapters that `app` chose.

    `code` stands for the program's own code; `began` is the file system's time at the start, in
    nanoseconds: a file changed as late as that may change again without a new stamp.
    """

    content: Content
    pictures: PictureMaker
    cache: Cache
    output: Output
    jobs: Jobs
    bounded: Bounded
    published: Published
    templates: Templates
    issues: IssueFiles
    composer: Composer
    code: str
    began: int
