"""The files of issues in the output: from released bytes, or from a draft, never both."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.core.issue import UNSUBSCRIBE, Lock, LockedItem
from pipeline.core.item import Picture
from pipeline.core.newsroom import NewsletterVersion, Subscribing
from pipeline.core.plan import PlanVersion
from pipeline.mail.composer import MimeComposer
from pipeline.mail.message import compose
from pipeline.render.email import mail_of
from pipeline.render.feeds import feed_pages
from pipeline.render.issue_page import issue_pages
from tests.feed_site import make, make_site
from tests.issue_desk import LETTER, ROOM, TEMPLATES, issue_site, plan
from tests.letter_desk import long_issue

if TYPE_CHECKING:
    import pytest

    from pipeline.core.item import Item
    from pipeline.core.plan import Plan
    from pipeline.render.page import Page
    from pipeline.render.site import Site

ITEMS = (
    make("one", "2017-06-20", image=Picture(src="media/seoul.png", alt="")),
    make("two", "2017-06-19"),
    make("other", "2017-06-18"),
)
PLAN = plan(("News", ("two",)), lead="one", message="Hello [two](two)")
RAW = compose(mail_of(PLAN, LETTER, issue_site(ITEMS), lang="en"))
LOCK = Lock(
    id=PLAN.id,
    newsletter="enewsupdate",
    number=5,
    date=PLAN.date,
    at=datetime.fromisoformat("2017-06-30T09:00:00+02:00"),
    title=PLAN.title,
    subject=PLAN.title,
    preheader="",
    summary="In short",
    items=(),
    digest=hashlib.sha256(RAW).hexdigest(),
    html_digest="",
    text_digest="",
)


def pages(site: Site, *plans: Plan) -> dict[str, Page]:
    found = issue_pages(
        site, plans=plans, composer=MimeComposer(), message_of=lambda _lock, _lang: RAW
    )
    return {page.path.rpartition("/")[2]: page for page in found}


def keys(site: Site, given: Plan = PLAN) -> dict[str, str]:
    return {name: page.key for name, page in pages(site, given).items()}


def released(site: Site | None = None) -> dict[str, Page]:
    return pages(replace(site or issue_site(ITEMS), issues=(LOCK,)))


def test_four_files_a_draft() -> None:
    found = {
        page.path
        for page in issue_pages(
            issue_site(ITEMS),
            plans=[PLAN],
            composer=MimeComposer(),
            message_of=lambda _lock, _lang: b"",
        )
    }
    assert found == {
        f"issues/enewsupdate/2017-05/{name}"
        for name in ("index.html", "email.html", "email.txt", "email.eml")
    }


def test_a_released_issue_comes_from_its_bytes_alone() -> None:
    before = {name: page.render() for name, page in released().items()}
    other = [replace(item, title="Changed", summary="x") for item in ITEMS]
    after = {name: page.render() for name, page in released(issue_site(other)).items()}
    assert after == before
    assert before["email.eml"] == RAW
    assert b"Changed" not in before["index.html"]


def test_keys_of_a_released_mail_do_not_know_the_templates() -> None:
    first, second = released(), released(replace(issue_site(ITEMS), environment="other"))
    moved = {name for name in first if first[name].key != second[name].key}
    assert moved == {"index.html"}


def test_the_web_version_has_the_sites_bar_and_nothing_of_a_subscribers() -> None:
    html = released()["index.html"].render().decode()
    for gone in (UNSUBSCRIBE, "subscriber.invalid", "because you asked", "Read online", "noindex"):
        assert gone not in html
    for there in (
        '<link rel="canonical" href="https://news.example.org/issues/enewsupdate/2017-05/">',
        'type="application/atom+xml"',
        '<meta name="generator" content="enewsupdate">',
        '<meta name="description" content="In short">',
        '<a href="../../../issues/enewsupdate/">All issues</a>',
        '<main id="site-content" tabindex="-1">',
    ):
        assert there in html
    assert html.count("<main") == html.count("</main>") == html.count("<body") == 1
    assert html.rstrip().endswith("</main>\n</body>\n</html>")


def test_where_one_can_sign_up_the_bar_leads_to_the_form() -> None:
    site = issue_site(ITEMS)
    room = replace(site.catalogue.newsroom, subscribing=Subscribing(open=True))
    open_site = replace(site, catalogue=replace(site.catalogue, newsroom=room))
    link = '<li><a href="../../../subscribe">Subscribe by email</a></li>'
    before, after = released(), released(open_site)
    assert "subscribe" not in before["index.html"].render().decode().lower().replace("unsub", "")
    assert link in after["index.html"].render().decode()
    assert link in pages(open_site, PLAN)["index.html"].render().decode()
    for name in ("email.html", "email.txt", "email.eml"):
        assert after[name].render() == before[name].render()


def test_the_form_is_in_the_language_of_the_version() -> None:
    newsroom = replace(ROOM, language="ar", subscribing=Subscribing(open=True))
    site = issue_site(ITEMS)
    there = replace(site, catalogue=replace(site.catalogue, newsroom=newsroom))
    lock = replace(LOCK, lang="en")
    html = pages(replace(there, issues=(lock,)))["index.html"].render().decode()
    assert '<a href="../../../subscribe?lang=en">Subscribe by email</a>' in html


def test_the_web_version_works_wherever_the_site_lies() -> None:
    html = released()["index.html"].render().decode()
    assert 'href="../../../items/2017/two/"' in html
    assert 'src="../../../media/seoul' in html
    assert 'href="https://news.example.org/items' not in html


def test_an_old_issue_finds_its_way_after_the_site_has_moved() -> None:
    site = issue_site(ITEMS)
    moved = replace(site.catalogue.newsroom, base_url="https://moved.example")
    html = (
        released(replace(site, catalogue=replace(site.catalogue, newsroom=moved)))["index.html"]
        .render()
        .decode()
    )
    assert 'href="../../../items/2017/two/"' in html
    assert '<link rel="canonical" href="https://moved.example/issues/' in html


def test_a_draft_says_so_and_is_not_for_search_engines() -> None:
    html = pages(issue_site(ITEMS), PLAN)["index.html"].render().decode()
    assert '<meta name="robots" content="noindex, nofollow">' in html
    assert "draft" in html


def test_a_draft_is_rendered_once_and_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*arguments: object, lang: str) -> object:
        calls.append(arguments)
        return mail_of(*arguments, lang=lang)  # type: ignore[arg-type]

    monkeypatch.setattr("pipeline.render.email.mail_of", counted)
    found = pages(issue_site(ITEMS), PLAN)
    assert calls == []
    for page in found.values():
        page.render()
    assert len(calls) == 1


def test_a_drafts_key_moves_with_what_it_shows_and_with_nothing_else() -> None:
    site = issue_site(ITEMS)
    before = keys(site)
    one, two, other = ITEMS
    assert keys(issue_site((one, two, replace(other, digest="new")))) == before
    media = site.catalogue.media
    redrawn = {**media, "media/seoul.png": replace(media["media/seoul.png"], digest="new")}
    for moved in (
        issue_site((one, replace(two, digest="new"), other)),
        issue_site((one, replace(two, path="items/2017/zwei/"), other)),
        replace(site, environment="other"),
        replace(site, link_keys={PLAN.id: "elsewhere"}),
        replace(site, catalogue=replace(site.catalogue, media=redrawn)),
    ):
        assert not set(keys(moved).values()) & set(before.values())
    assert not set(keys(site, replace(PLAN, digest="new")).values()) & set(before.values())


def test_a_draft_of_a_newsletter_that_is_gone_has_no_pages() -> None:
    site = issue_site(ITEMS)
    newsroom = replace(site.catalogue.newsroom, newsletters=())
    assert pages(replace(site, catalogue=replace(site.catalogue, newsroom=newsroom)), PLAN) == {}


def test_what_a_shortened_mail_had_no_room_for_is_linked_on_the_web() -> None:
    given, site = long_issue(150, 80)
    raw = compose(mail_of(given, LETTER, site))
    items = tuple(
        LockedItem(
            id=name, title=f"{name}, frozen", section="S", path=f"items/2017/{name}/", digest=""
        )
        for name in given.carried
    )
    lock = replace(LOCK, items=items, digest=hashlib.sha256(raw).hexdigest())
    draft = issue_pages(site, plans=[given], composer=MimeComposer(), message_of=lambda *_: b"")
    after = replace(site, issues=(lock,))
    released = issue_pages(after, plans=[], composer=MimeComposer(), message_of=lambda *_: raw)
    for found, heading in ((draft, "Section 1"), (released, "S")):
        html = next(page for page in found if page.path.endswith("index.html")).render().decode()
        assert "more on the web" not in html
        assert "only-mail" not in html
        assert f"<h2>Also in this issue</h2>\n<h3>{heading}</h3>" in html or heading == "Section 1"
        for name in given.carried:
            assert f'href="../../../items/2017/{name}/"' in html


def test_a_mail_that_fits_has_no_such_list() -> None:
    assert "Also in this issue" not in released()["index.html"].render().decode()


SEVERAL = replace(
    LETTER,
    languages=("en", "fr"),
    versions=(NewsletterVersion(lang="fr", title="Bulletin"),),
)
FRENCH = make("deux", "2017-06-19", lang="fr", translations=("two",))
BOTH = replace(PLAN, versions=(PlanVersion(lang="fr", title="Numéro 5", summary="En bref"),))


def several(*items: Item, plans: tuple[Plan, ...] = (BOTH,), locks: tuple[Lock, ...] = ()) -> Site:
    site = make_site(items or (*ITEMS, FRENCH), newsroom=replace(ROOM, newsletters=(SEVERAL,)))
    return replace(site, templates=TEMPLATES, issues=locks, drafts=plans)


def files(site: Site) -> dict[str, Page]:
    found = issue_pages(
        site, plans=site.drafts, composer=MimeComposer(), message_of=lambda _, lang: MAILS[lang]
    )
    return {page.path.removeprefix("issues/enewsupdate/2017-05/"): page for page in found}


MAILS = {lang: compose(mail_of(BOTH, SEVERAL, several(), lang=lang)) for lang in ("en", "fr")}
TWO_LOCKED = replace(
    LOCK,
    lang="en",
    versions=tuple(
        replace(
            LOCK.all_versions[0], lang=lang, title=title, digest=hashlib.sha256(raw).hexdigest()
        )
        for (lang, raw), title in zip(MAILS.items(), (PLAN.title, "Numéro 5"), strict=True)
    ),
)


def test_a_further_language_has_a_folder_with_the_same_files() -> None:
    names = ("index.html", "email.html", "email.txt", "email.eml")
    for site in (several(), several(plans=(), locks=(TWO_LOCKED,))):
        found = files(site)
        assert set(found) == {f"{folder}{name}" for folder in ("", "fr/") for name in names}
        assert found["email.eml"].render() == MAILS["en"]
        assert found["fr/email.eml"].render() == MAILS["fr"]
        html = found["fr/index.html"].render().decode()
        assert '<html lang="fr" dir="ltr"' in html
        assert 'href="../../../../items/2017/deux/"' in html
        assert 'href="../../../../issues/enewsupdate/fr/feed.xml"' in html
        assert '<a href="../../../../issues/enewsupdate/2017-05/" hreflang="en">English</a>' in html
        assert '<span aria-current="true">français</span>' in html
        assert (
            'hreflang="x-default" href="https://news.example.org/issues/enewsupdate/2017-05/"'
            in html
        )


def test_an_issue_in_one_language_names_no_other() -> None:
    html = released()["index.html"].render().decode()
    assert "hreflang" not in html
    assert "aria-current" not in html


def test_what_was_released_in_a_language_that_was_given_up_stays_with_its_feed() -> None:
    site = replace(issue_site(ITEMS), issues=(TWO_LOCKED,))
    html = files(site)["fr/index.html"].render().decode()
    assert 'href="../../../../issues/enewsupdate/fr/feed.xml"' in html
    assert "issues/enewsupdate/fr/feed.xml" in {page.path for page in feed_pages(site)}


def test_a_translation_moves_the_key_of_its_own_language_only() -> None:
    before = {name: page.key for name, page in files(several()).items()}
    for changed in (
        several(*ITEMS),
        several(*ITEMS, replace(FRENCH, digest="new")),
        several(*ITEMS, replace(FRENCH, draft=True)),
    ):
        after = {name: page.key for name, page in files(changed).items()}
        moved = {name for name in before if before[name] != after[name]}
        assert moved == {name for name in before if name.startswith("fr/")}
