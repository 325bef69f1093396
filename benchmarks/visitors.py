"""Visitors of a running page, as their browsers ask: photos sent, explained, looked at, changed and taken away, over HTTP."""

from __future__ import annotations

import io
import json
import random
import re
import uuid
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

Json = dict[str, Any]
ASKED = {"data": None, "component_id": 0, "session_hash": "", "fn_name": ""}


class PageOf:
    """What a browser knows of a page once it is loaded: what each tab's panels may ask. url: of the page."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=300)
        self.functions: dict[tuple[str, str], int] = {}
        for component in self.http.get("/config").json()["components"]:
            props = component["props"]
            if mounted := re.search(r"zslviz\.take\('(\w+)'", str(props.get("js_on_load", ""))):
                for name in props.get("server_fns") or component.get("server_fns") or []:
                    self.functions[mounted[1], name] = component["id"]
        self.tabs = list(dict.fromkeys(tab for tab, _ in self.functions))


class Visitor:
    """One of them. seed: of what is chosen at random."""

    def __init__(self, page: PageOf, seed: int) -> None:
        self.page, self.random = page, random.Random(seed)
        self.session = uuid.uuid4().hex[:11]

    def ask(self, tab: str, name: str, payload: Json) -> Json:
        """The answer to a question of a tab's panels. Raises RuntimeError with the sentence where there is none."""
        body = {
            "data": payload, "component_id": self.page.functions[tab, name], "session_hash": self.session, "fn_name": name,
        }  # fmt: skip
        answer: Json = self.page.http.post("/gradio_api/component_server/", json=body).raise_for_status().json()
        if answer.get("error"):
            raise RuntimeError(f"{tab}, {name}: {answer['error']}")
        return answer

    def send(self, photo: bytes, name: str = "photo.jpg") -> str:
        """Where the server put a photo."""
        return str(
            self.page.http.post("/gradio_api/upload", files={"files": (name, photo)}).raise_for_status().json()[0]
        )

    def explain(self, tab: str, photo: bytes, model: str) -> Json:
        return self.ask(tab, "explain", {"model": model, "upload": self.send(photo), "file": "photo.jpg"})

    def look(self, tab: str, x: Json, take_away: bool) -> None:
        """Looks at what a tab shows of an explanation, changes something, and takes it away if she is to."""
        asked = {"handle": x["handle"]}
        if tab == "explain":
            attribute = self.random.randrange(len(x["attributes"]))
            self.ask(tab, "maps", asked | {"attribute": attribute, "kind": "evidence"})
            self.ask(tab, "thumbnails", asked | {"kind": "evidence"})
            self.ask(tab, "region", asked | {"x": 0.4, "y": 0.5})
            self.ask(tab, "rank", asked | {"image_edits": {str(attribute): 0.7}})
            picture = {"attribute": attribute, "kind": "evidence", "which": 0}
        elif tab == "multilabel":
            best = x["ranking"]["labels"][0]["name"]
            self.ask(tab, "rank", asked)
            self.ask(tab, "map", asked | {"label": best})
            self.ask(tab, "outlines", asked | {"labels": [best], "area": "half"})
            self.ask(tab, "add", asked | {"name": self.random.choice(["lighthouse", "volcano", "bicycle"])})
            picture = {"label": best}
        else:
            pair = x["pair"]["pair"]
            self.ask(tab, "rank", asked)
            self.ask(tab, "pair", asked | {"pair": pair})
            self.ask(tab, "multiples", asked | {"kind": "objects"})
            self.ask(tab, "add", asked | {"kind": "state", "name": "turquoise"})
            picture = {"pair": pair, "kind": "pair"}
        if take_away:
            self.ask(tab, "download", asked | {"what": "csv"})
            file = self.ask(tab, "download", asked | picture | {"what": "overlay", "opacity": 0.7})["path"]
            self.page.http.get(f"/gradio_api/file={file}").raise_for_status()


def handle_of(page: PageOf, photo: bytes, model: str) -> str:
    """The handle of a photo that the endpoint /explain has explained, as docs/api.md shows."""
    path = Visitor(page, 0).send(photo)
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, model, 3]
    event = page.http.post("/gradio_api/call/explain", json={"data": data}).raise_for_status().json()["event_id"]
    text = page.http.get(f"/gradio_api/call/explain/{event}").text
    return str(json.loads(text.rpartition("data: ")[2])[0]["handle"])


def distinct_photo(number: int, examples: list[Path]) -> bytes:
    """A photo that is like no other: an example in another size with other noise, as a JPEG of 0.3 to 2 megapixels."""
    rng = np.random.default_rng(number)
    size = int(rng.integers(600, 1600)), int(rng.integers(500, 1300))
    with Image.open(examples[number % len(examples)]) as example:
        pixels = np.asarray(example.convert("RGB").resize(size), dtype=np.int16)
    noisy = (pixels + rng.integers(-12, 13, (*pixels.shape[:2], 1), dtype=np.int16)).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
