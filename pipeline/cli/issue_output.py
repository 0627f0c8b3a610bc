"""How the command tells of issues: for people, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.console import counted, faint, good, say, strong
from pipeline.cli.issue_check import finding_json, say_findings, verdict
from pipeline.core.assembly import Why
from pipeline.core.issue import issue_path
from pipeline.flows.assemble import Made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.config import Folders
    from pipeline.core.assembly import LeftOut
    from pipeline.core.issue import Lock
    from pipeline.flows.assemble import Built, Listed
    from pipeline.flows.gate import GateReport
    from pipeline.flows.issue_report import IssueReport, VersionReport

CARRIED_SHOWN = 5
SAID = {
    Made.CREATED: "A new plan",
    Made.KEPT: "The plan stays as you left it",
    Made.REFRESHED: "The plan has more",
    Made.RELEASED: "Released already; --new makes another one in the same period",
}


def report_json(report: IssueReport) -> dict[str, object]:
    """An issue for scripts: the main language's words at the top, all of them in `versions`."""
    main = _version_json(report.main)
    main.pop("lang")
    return {
        "id": report.id,
        "newsletter": report.newsletter,
        "number": report.number,
        "date": report.date.isoformat(),
        "released": report.released,
        "path": report.path,
        **main,
        "digest": report.digest,
        "languages": [version.lang for version in report.versions],
        "versions": [_version_json(version) for version in report.versions],
        "left_out": [_left_out_json(out) for out in report.left_out],
    }


def _version_json(version: VersionReport) -> dict[str, object]:
    """An issue in one language; an item's `lang` is null where it is in that language."""
    lead = [
        entry.id for chapter in version.chapters if not chapter.title for entry in chapter.entries
    ]
    return {
        "lang": version.lang,
        "title": version.title,
        "subject": version.subject,
        "preheader": version.preheader,
        "summary": version.summary,
        "digest": version.digest,
        "sizes": dict(version.sizes),
        "lead": lead[0] if lead else None,
        "sections": [
            {"title": chapter.title, "items": [entry.id for entry in chapter.entries]}
            for chapter in version.chapters
            if chapter.title
        ],
        "items": [
            {"id": entry.id, "title": entry.title, "note": entry.note, "lang": entry.lang or None}
            for chapter in version.chapters
            for entry in chapter.entries
        ],
    }


def built_json(built: Built) -> dict[str, object]:
    """What `build` did, for scripts; `id` and `digest` are null where nothing was new."""
    told: dict[str, object] = {"made": built.made, "added": built.added}
    if built.gate is not None:
        told["findings"] = [finding_json(finding) for finding in built.gate.findings]
    if built.issue is not None:
        return {**told, **report_json(built.issue)}
    left_out = [_left_out_json(out) for out in built.left_out]
    nothing = {"id": None, "newsletter": built.newsletter, "digest": None}
    return {**told, **nothing, "left_out": left_out}


def listed_json(listed: Listed) -> dict[str, object]:
    """A line of the list, for scripts."""
    return {
        "id": listed.id,
        "number": listed.number,
        "date": listed.date.isoformat(),
        "title": listed.title,
        "released": listed.released,
        "digest": listed.digest,
        "items": listed.items,
        "differ": listed.moved,
        "languages": listed.languages,
    }


def released_json(lock: Lock, *, fresh: bool) -> dict[str, object]:
    """A release for scripts; `already` is true where it was released before."""
    return {
        "id": lock.id,
        "newsletter": lock.newsletter,
        "number": lock.number,
        "date": lock.date.isoformat(),
        "title": lock.title,
        "subject": lock.subject,
        "digest": lock.digest,
        "path": lock.source,
        "items": [item.id for item in lock.items],
        "already": not fresh,
        "languages": [version.lang or None for version in lock.all_versions],
        "messages": [lock.message_file(version) for version in lock.all_versions],
    }


def say_built(built: Built, folders: Folders) -> None:
    """What `build` did."""
    if built.issue is None:
        say(f"Nothing new for {built.newsletter}: no issue.")
        _say_left_out(built.left_out)
        return
    what = SAID[built.made]
    if built.made is Made.REFRESHED:
        what += f": {', '.join(built.added)}"
    say(f"{what}: {folders.content / built.issue.path}" if built.made is Made.CREATED else what)
    say()
    say_report(built.issue, built.gate, folders)
    if built.gate is not None and built.gate.findings:
        say()
        say_findings(built.gate.findings)
        say(verdict(built.gate))


def say_report(report: IssueReport, gate: GateReport | None, folders: Folders) -> None:
    """An issue as an editor reads it before it goes out; `gate` is None where it is out."""
    state = good("released") if report.released else "draft"
    say(f"{strong(report.main.title)}  ({report.id}, {report.date}, {state})")
    _say_chapters(report.main)
    for version in report.versions[1:]:
        say()
        say(strong(f"{version.lang}: {version.title}"))
        _say_chapters(version)
    _say_left_out(report.left_out)
    for version in report.versions:
        sizes = version.sizes
        say()
        if len(report.versions) > 1:
            say(strong(version.lang))
        say(f"Subject    {version.subject}")
        say(f"Preheader  {version.preheader}")
        whole = f"message {_kilo(sizes['eml'])}"
        say(f"Sizes      HTML {_kilo(sizes['html'])}, text {_kilo(sizes['text'])}, {whole}")
    if len(report.versions) > 1:
        say()
    say(f"Digest     {report.digest}")
    for number, version in enumerate(report.versions):
        path = issue_path(report.id, version.lang if number else "")
        say(f"Look at    {folders.output / path / 'index.html'}")
    if gate is not None:
        say()
        say(_next_step(report, gate))


def _next_step(report: IssueReport, gate: GateReport) -> str:
    """What an editor types now: the release, or what says why there is none yet."""
    if gate.refuses:
        count = counted(len(gate.refuses), "finding")
        return f"Mend {count} first: enews issue check {report.id}"
    return f"To release: enews issue release {report.id} --digest {report.digest[:16]}"


def _say_chapters(version: VersionReport) -> None:
    """What stands in a version; an item in another language with that language."""
    for chapter in version.chapters:
        say()
        say(strong(chapter.title or "Lead"))
        for entry in chapter.entries:
            notes = ", ".join(filter(None, (entry.lang, entry.note)))
            say(f"  {entry.title}{f'  ({notes})' if notes else ''}")
            say(faint(f"    {entry.id}"))


def say_listed(issues: Sequence[Listed]) -> None:
    """Every issue, a line each; below it what has moved since."""
    if not issues:
        say("No issue yet: enews issue build")
    for listed in issues:
        state = good("released") if listed.released else "draft   "
        items = counted(listed.items, "item")
        langs = f", {' '.join(listed.languages)}" if len(listed.languages) > 1 else ""
        about = f"{listed.title} ({items}{langs})"
        say(f"{listed.id}  {listed.date}  {state}  {listed.digest[:12]}  {about}")
        if listed.moved:
            say(f"    today these differ from what was released: {', '.join(listed.moved)}")


def _left_out_json(out: LeftOut) -> dict[str, object]:
    return {"id": out.item.id, "reason": out.reason, "why": out.why, "title": out.item.title}


def _say_left_out(left_out: Sequence[LeftOut]) -> None:
    """What was left out; the long tail of what is too old or long since carried as a count."""
    carried = [out for out in left_out if out.why is Why.CARRIED]
    tail = {out.item.id for out in left_out if out.why is Why.OLD}
    tail.update(out.item.id for out in carried[CARRIED_SHOWN:])
    shown = [out for out in left_out if out.item.id not in tail]
    if not left_out:
        return
    say()
    say(strong("Left out"))
    for out in shown:
        say(f"  {out.item.title}: {out.reason}")
        say(faint(f"    {out.item.id}"))
    if tail:
        say(faint(f"  and {len(tail)} too old or carried long ago (--json lists them)"))


def _kilo(size: int) -> str:
    return f"{size / 1000:.1f} kB"
