"""Whatever editors type, the feeds are sound, agree, and tell what was typed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.item import Picture
from pipeline.core.text import legal, one_line
from tests.feed_readers import findings, parse, read
from tests.feed_site import make, make_site, rendered

NASTY = (
    "]]>", "<![CDATA[", "</script>", "<script>alert(1)</script>", "<b onclick='x()'>", "&#1;",
    "&#2;", "&#xD800;", "&amp;", "&", "<", '"', "'", "\u202e", "\u200f", "\u2028", "\x85", "\r",
    "\x00", "\x02", "\ufffe", "\U0001fffe", "<!--", "-->", "<?xml", "%", "\\", "`", "\n\n", "  \n",
    "[a](javascript:x)", "[b](#c)", "[d](2017-06-01-one.md)", "![](media/seoul.png)", "[^1]",
    "\n\n[^1]: n", "# h", "<p class='x'>", 'href="#x"', 'id="y"', "<svg/onload=x>", "| a |\n|--|",
)  # fmt: skip
TEXT = st.lists(
    st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    max_size=8,
).map("".join)
FORMATS = ("feed.xml", "atom.xml", "feed.json")
ZONES = [ZoneInfo(name) for name in ("Europe/Zurich", "Asia/Kathmandu", "America/St_Johns", "UTC")]


@settings(max_examples=150, deadline=None)
@given(title=TEXT, summary=TEXT, body=TEXT, lang=st.sampled_from(["en", "ar", "fr-CH"]))
def test_any_text_gives_sound_feeds_that_agree(
    title: str, summary: str, body: str, lang: str
) -> None:
    picture = Picture(src="media/seoul.png", alt=title, caption=summary, credit=title)
    one = make("one", "2017-06-01", title=title, summary=summary, lang=lang, image=picture)
    site = make_site([one, make("two", "2017-05-01", authors=(title,))], {"one": body})
    files = rendered(site)
    for name in FORMATS:
        assert findings(name, files[name]) == []
    rss, atom, json = (read(name, files[name]) for name in FORMATS)
    assert rss == atom == json
    # What is typed comes back without what XML cannot carry, in one line.
    assert json[0].title == (one_line(legal(title)) or "one")
    assert json[0].summary == one_line(legal(summary))
    assert parse(files["atom.xml"]).entries[0].title in {json[0].title, mended(json[0].title)}


def mended(text: str) -> str:
    """feedparser takes what could be UTF-8 read as Latin-1 for just that, as in `Ã©`."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


@settings(max_examples=60, deadline=None)
@given(
    dates=st.lists(
        st.tuples(
            st.datetimes(min_value=datetime(1850, 1, 1), max_value=datetime(2017, 7, 1)),  # noqa: DTZ001
            st.sampled_from(ZONES),
            st.integers(min_value=0, max_value=1),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_dates_come_back_newest_first(dates: list[tuple[datetime, ZoneInfo, int]]) -> None:
    moments = [moment.replace(tzinfo=zone, fold=fold) for moment, zone, fold in dates]
    items = [
        make(f"item-{number}", "2017-01-01", date=moment) for number, moment in enumerate(moments)
    ]
    files = rendered(make_site(items, {}))
    for name in FORMATS:
        assert findings(name, files[name]) == []
        found = [item.published.timestamp() for item in read(name, files[name])]
        assert found == sorted((int(moment.timestamp() // 1) for moment in moments), reverse=True)
