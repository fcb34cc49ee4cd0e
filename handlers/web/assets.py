"""The style sheets and pictures, served under names that hold a hash of their content, so that caches keep them.

Everything is read once and kept in memory: there is little of it.
"""

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from aiohttp import web

from handlers.web.routes import Access, Route

FOLDER: Final = Path(__file__).parent / "static"
FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
_BELOW: Final = {"manage.css": "kring.css"}
"""What goes before a style sheet, in the same file: a page asks for one."""

_TYPES: Final = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    address: str
    media_type: str
    content: bytes


class Assets:
    """The files of a folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._by_name = {path.name: _asset(path) for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
        self._by_address = {asset.address: asset for asset in self._by_name.values()}

    def address(self, name: str) -> str:
        """Return the path under which a file is served now."""
        return self._by_name[name].address

    def routes(self) -> list[Route]:
        """List the one route that serves them all."""
        return [Route("GET", "/static/{name}", self.serve, Access.ANYONE, session=False)]

    async def serve(self, request: web.Request) -> web.Response:
        """Serve a file under its present name, for caches to keep for ever."""
        asset = self._by_address.get(request.path)
        if asset is None:
            raise web.HTTPNotFound
        return web.Response(
            body=asset.content,
            content_type=asset.media_type,
            charset="utf-8" if asset.media_type == "text/css" else None,
            headers={"Cache-Control": FOR_A_YEAR},
        )


def _asset(path: Path) -> Asset:
    below = _BELOW.get(path.name)
    content = (path.with_name(below).read_bytes() if below else b"") + path.read_bytes()
    digest = blake2b(content, digest_size=6).hexdigest()
    return Asset(f"/static/{path.stem}.{digest}{path.suffix}", _TYPES[path.suffix], content)
