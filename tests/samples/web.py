"""A web of our own: files under the addresses that they have in the real one."""

import http.client
import http.server
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Web:
    """What its hosts hold, and what was asked of them."""

    files: dict[str, bytes] = field(default_factory=dict)
    """By address."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Address and range of each request."""
    breaks_after: list[int] = field(default_factory=list)
    """Bytes after which the connection ends, of the next requests."""
    fails: list[int] = field(default_factory=list)
    """HTTP status of the next requests, before any is answered."""


@contextmanager
def serving(monkeypatch: Any) -> Iterator[Web]:
    """A server on this machine to which https:// goes, and nothing goes anywhere else."""
    web = Web()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address, asked = f"https:/{self.path}", self.headers["Range"]
            web.asked.append((address, asked))
            content = web.files.get(address)
            if web.fails or content is None:
                self.send_error(web.fails.pop(0) if web.fails else 404)
                return
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            if asked and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            end = start + web.breaks_after.pop(0) if web.breaks_after else len(content)
            self.wfile.write(content[start:end])

        def log_message(self, *_: Any) -> None:
            pass

    class Mapped(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> Any:
            address = urlsplit(request.full_url)
            here = f"http://127.0.0.1:{server.server_port}/{address.netloc}{address.path}"
            mapped = urllib.request.Request(here, headers=dict(request.header_items()))
            mapped.timeout = request.timeout
            return self.do_open(http.client.HTTPConnection, mapped)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Mapped)
    monkeypatch.setattr(urllib.request, "urlopen", opener.open)
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
