"""A small Hugging Face Hub on this machine: the routes that its client asks for models, answered from memory."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_of_the_owner"
_MODEL = r"/api/models/(?P<repository>[^/]+/[^/]+)"
_ROUTES = {
    "info": rf"{_MODEL}(?:/revision/(?P<revision>[^/]+))?",
    "tree": rf"{_MODEL}/tree/(?P<revision>[^/]+)(?:/.*)?",
    "preupload": rf"{_MODEL}/preupload/(?P<revision>[^/]+)",
    "commit": rf"{_MODEL}/commit/(?P<revision>[^/]+)",
    "create": r"/api/repos/create",
    "checked_yaml": r"/api/validate-yaml",
    "batch": r"/(?P<repository>[^/]+/[^/]+)\.git/info/lfs/objects/batch",
    "large": r"/large/(?P<oid>[0-9a-f]{64})",
    "resolve": r"/(?P<repository>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)",
}


@dataclass
class Repository:
    """Files by commit, and commits by branch. private: for the token's owner alone. gated: for nobody here."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    private: bool = False
    gated: bool = False

    def commit(self, files: dict[str, bytes], branch: str = "main") -> str:
        before = self.commits.get(self.branches.get(branch, ""), {})
        whole = {**before, **files}
        name = hashlib.sha1(repr(sorted(whole.items())).encode()).hexdigest()
        self.commits[name] = whole
        self.branches[branch] = name
        return name

    def find(self, revision: str) -> str | None:
        name = self.branches.get(revision, revision)
        return name if name in self.commits else None


@dataclass
class Hub:
    """What the server holds and was asked. large: files sent beside a commit, by digest. status: answers everything, if given."""

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    large: dict[str, bytes] = field(default_factory=dict)
    cards: list[str] = field(default_factory=list)
    status: int | None = None
    silent: threading.Event = field(default_factory=threading.Event)

    def served(self) -> list[str]:
        """The files that were downloaded."""
        return [path.rpartition("/")[2] for path in self.asked if path.startswith("GET") and "/resolve/" in path]


class Refused(Exception):
    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(status)
        self.status, self.code = status, code


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *arguments: object) -> None:
        pass

    def _handled(self) -> None:
        hub, path = self.server.hub, unquote(urlsplit(self.path).path)
        hub.asked.append(f"{self.command} {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(self._chunks())
        if hub.silent.is_set():
            self.server.stopped.wait(60)
            return
        try:
            if hub.status is not None:
                raise Refused(hub.status)
            route, found = next((n, m) for n, p in _ROUTES.items() if (m := re.fullmatch(p, path)))
            getattr(self, f"_{route}")(hub, body, **found.groupdict())
        except StopIteration:
            self._answer(404, b"{}")
        except Refused as refused:
            self._answer(refused.status, b"{}", **{"X-Error-Code": refused.code} if refused.code else {})

    do_GET = do_HEAD = do_POST = do_PUT = _handled  # noqa: N815

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().strip() or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _json(self, content: Any) -> None:
        self._answer(200, json.dumps(content).encode(), **{"Content-Type": "application/json"})

    def _owner(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _seen(self, hub: Hub, repository: str, revision: str | None) -> tuple[Repository, str]:
        """A repository and a commit of it, as far as they may be read."""
        found = hub.repositories.get(repository)
        if found is None or (found.private and not self._owner()):
            raise Refused(404 if self._owner() else 401, "RepoNotFound")
        commit = found.find(revision or "main")
        if commit is None:
            raise Refused(404, "RevisionNotFound")
        return found, commit

    def _info(self, hub: Hub, body: bytes, repository: str, revision: str | None) -> None:
        found, commit = self._seen(hub, repository, revision)
        files = [{"rfilename": name, "size": len(content)} for name, content in found.commits[commit].items()]
        self._json({"id": repository, "sha": commit, "siblings": files, "private": found.private, "gated": False})

    def _tree(self, hub: Hub, body: bytes, repository: str, revision: str) -> None:
        found, commit = self._seen(hub, repository, revision)
        self._json(
            [
                {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                for name, content in found.commits[commit].items()
            ]
        )

    def _resolve(self, hub: Hub, body: bytes, repository: str, revision: str, file: str) -> None:
        found, commit = self._seen(hub, repository, revision)
        if found.gated:
            raise Refused(403, "GatedRepo")
        content = found.commits[commit].get(file)
        if content is None:
            raise Refused(404, "EntryNotFound")
        etag = hashlib.sha1(content).hexdigest()
        self._answer(200, content, ETag=f'"{etag}"', **{"X-Repo-Commit": commit})

    def _create(self, hub: Hub, body: bytes) -> None:
        if not self._owner():
            raise Refused(401)
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
        if name in hub.repositories:
            self._answer(409, json.dumps({"error": "it is there", "url": f"{hub.url}/{name}"}).encode())
            return
        hub.repositories[name] = Repository(private=bool(asked.get("private") or asked.get("visibility") == "private"))
        hub.repositories[name].commit({".gitattributes": b""})
        self._json({"url": f"{hub.url}/{name}"})

    def _checked_yaml(self, hub: Hub, body: bytes) -> None:
        hub.cards.append(json.loads(body)["content"])
        self._json({"errors": [], "warnings": []})

    def _preupload(self, hub: Hub, body: bytes, repository: str, revision: str) -> None:
        self._seen(hub, repository, revision)
        if not self._owner():
            raise Refused(403)
        self._json(
            {
                "files": [
                    {
                        "path": file["path"],
                        "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                        "shouldIgnore": False,
                    }
                    for file in json.loads(body)["files"]
                ]
            }
        )

    def _batch(self, hub: Hub, body: bytes, repository: str) -> None:
        objects = [
            {
                "oid": one["oid"],
                "size": one["size"],
                "actions": {"upload": {"href": f"{hub.url}/large/{one['oid']}"}},
            }
            for one in json.loads(body)["objects"]
        ]
        self._json({"transfer": "basic", "objects": objects})

    def _large(self, hub: Hub, body: bytes, oid: str) -> None:
        hub.large[oid] = body
        self._answer(200, b"")

    def _commit(self, hub: Hub, body: bytes, repository: str, revision: str) -> None:
        found, _ = self._seen(hub, repository, revision)
        files = {}
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "lfsFile":
                files[line["value"]["path"]] = hub.large[line["value"]["oid"]]
        commit = found.commit(files, revision)
        self._json({"commitUrl": f"{hub.url}/{repository}/commit/{commit}", "commitOid": commit, "success": True})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: Hub) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub
        self.stopped = threading.Event()


@contextmanager
def serving() -> Iterator[Hub]:
    """A Hub that runs until the block ends."""
    hub = Hub()
    server = _Server(hub)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
