"""What is told of the page outside of it."""

from __future__ import annotations

import re

from PIL import Image

from zslviz.ui.presenting import CARD, CARD_SIZE, DESCRIPTION, TITLE, fetched, presented


def test_a_shared_link_has_title_description_and_a_small_picture_by_a_whole_address_where_one_is_known() -> None:
    here, space = presented({}), presented({"SPACE_HOST": "someone-zslviz.hf.space"})
    told = dict(re.findall(r'<meta property="(.*?)" content="(.*?)">', space))
    assert (told["og:title"], told["og:description"]) == (TITLE, DESCRIPTION)
    assert told["og:image"] == "https://someone-zslviz.hf.space/card.jpg" and 'content="card.jpg"' in here
    assert f'<meta name="description" content="{DESCRIPTION}">' in here
    with Image.open(CARD) as picture:
        assert picture.size == CARD_SIZE and CARD.stat().st_size < 150_000


def test_icon_and_picture_are_served_as_what_they_are() -> None:
    for name, media_type, begins in (("icon.svg", "image/svg+xml", b"<svg"), ("card.jpg", "image/jpeg", b"\xff\xd8")):
        file = fetched()[name]("")
        assert file and file.media_type == media_type and file.body(zipped=False).startswith(begins)
        assert fetched()[name]("more") is None
