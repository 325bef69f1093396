"""What is told of the page outside of it."""

from __future__ import annotations

import re
from urllib.parse import unquote
from xml.etree import ElementTree

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


def test_the_icon_is_in_the_document_so_that_browsers_have_it_without_network() -> None:
    (icon,) = re.findall(r'<link rel="icon" href="data:image/svg\+xml,([^"]*)"', presented({}))
    assert ElementTree.fromstring(unquote(icon)).tag.endswith("svg")


def test_the_picture_is_served_as_what_it_is() -> None:
    file = fetched()["card.jpg"]("")
    assert file and file.media_type == "image/jpeg" and file.body(zipped=False).startswith(b"\xff\xd8")
    assert fetched()["card.jpg"]("more") is None
