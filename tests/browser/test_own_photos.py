"""A photo of one's own comes in anywhere on the page, an address is answered, and what is too large is made smaller first."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import ROOT, Browser, Page, open_page, settle
from tests.conftest import made_photo
from zslviz.photos.loading import MAX_PIXELS

STATE = "zslviz.tabs.explain.state"
DROP = """([selector, content]) => {
  const dataTransfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  if (content) dataTransfer.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
  else dataTransfer.setData("text/uri-list", "https://example.org/owl.jpg");
  for (const type of ["dragover", "drop"]) {
    const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
    document.querySelector(selector).dispatchEvent(event);
    if (!event.defaultPrevented) throw new Error(`${type} is left to the browser, which would open the file`);
  }
}"""
PASTE = """([selector, text]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData }));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, slow_address: str) -> Iterator[Page]:
    opened = open_page(browser, slow_address)
    yield opened
    opened.close()


def titled(page: Page, title: str) -> None:
    page.wait_for_function(
        "title => document.querySelector('.zv-title').innerText === title", arg=title, timeout=30_000
    )
    settle(page)


def test_a_photo_is_dropped_anywhere(page: Page, tmp_path: Path) -> None:
    made_photo().save(tmp_path / "photo.png")
    content = b64encode((tmp_path / "photo.png").read_bytes()).decode()
    page.evaluate(DROP, [".zv-large", content])
    titled(page, "dropped.png")
    assert page.locator(".zv-dropping").count() == 0


def test_an_address_is_answered_in_a_sentence(page: Page) -> None:
    handle = page.evaluate(f"{STATE}.x.handle")
    told = page.locator("#zv-toast")
    for act, given in ((PASTE, ["body", "https://example.org/owl.jpg"]), (DROP, ["body", ""])):
        page.evaluate(act, given)
        assert "paste the picture itself, or save it and drop the file" in told.inner_text()
        page.click("#zv-toast button")
    for given in (["body", "an owl"], ["#zv-search", "https://example.org/owl.jpg"]):
        page.evaluate(PASTE, given)
        assert told.is_hidden()
    assert page.evaluate(f"{STATE}.x.handle") == handle


def test_a_photo_of_too_many_pixels_is_made_smaller_and_stays_upright(page: Page, tmp_path: Path) -> None:
    script = (ROOT / "zslviz" / "ui" / "shared" / "incoming.js").read_text(encoding="utf-8")
    assert f"MOST_PIXELS = {MAX_PIXELS // 10**6}e6;" in script
    photo, exif = Image.new("RGB", (9000, 6000), (40, 120, 200)), Image.Exif()
    photo.paste((220, 40, 30), (0, 0, 4500, 6000))
    exif[0x0112] = 6  # to be turned a quarter clockwise: what is left comes to the top
    for number in (1, 2):
        photo.save(tmp_path / f"large{number}.jpg", exif=exif, quality=60)
        page.set_input_files("#zv-explain .zv-file", tmp_path / f"large{number}.jpg")
        titled(page, f"large{number}.jpg")
        width, height = page.evaluate(f"[{STATE}.x.width, {STATE}.x.height]")
        assert height / width == pytest.approx(1.5, abs=0.01) and width * height < MAX_PIXELS
        told = page.locator("#zv-toast")
        assert told.is_visible() == (number == 1)  # once
        if number == 1:
            assert "54 megapixels was made smaller in your browser" in told.inner_text()
            page.click("#zv-toast button")
    top = page.evaluate("""() => {
      const image = document.querySelector("#zv-explain .zv-main");
      const canvas = Object.assign(document.createElement("canvas"), { width: 30, height: 45 });
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0, 30, 45);
      return [...context.getImageData(15, 8, 1, 1).data, ...context.getImageData(15, 37, 1, 1).data];
    }""")
    assert top[0] > 180 and top[6] > 160  # red above, blue below
