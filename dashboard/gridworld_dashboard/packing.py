"""What is sent over HTTP, packed: each text once, however often it is asked for."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Final

from flask import Response, request

__all__ = ["Packing"]

SMALLEST: Final = 1000
"""Bytes: packing less saves no packet."""

MOST_BYTES: Final = 16_000_000
"""Of packed texts that are kept; a page needs less than a tenth of that."""

TYPES: Final = (
    "text/",
    "application/javascript",
    "application/json",
    "application/xml",
    "image/svg+xml",
)


class Packing:
    """Packs responses by gzip, which every browser takes on every connection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._size = 0

    def __call__(self, response: Response) -> Response:
        """For Flask's `after_request`."""
        kind = response.mimetype or ""
        if not kind.startswith(TYPES) or "Content-Encoding" in response.headers:
            return response
        response.vary.add("Accept-Encoding")
        packs = request.method == "GET" and bool(request.accept_encodings["gzip"])
        size = response.content_length or SMALLEST
        if not packs or response.status_code != 200 or size < SMALLEST:
            return response
        packed = self._packed(response)
        body = response.response
        response.direct_passthrough = False
        response.set_data(packed)
        close: Any = getattr(body, "close", None)
        if close is not None:
            close()
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("Accept-Ranges", None)
        etag, _ = response.get_etag()
        if etag is not None:
            response.set_etag(f"{etag}-gzip", weak=True)
        return response

    def _packed(self, response: Response) -> bytes:
        etag, _ = response.get_etag()
        key: Hashable = (request.full_path, etag, response.content_length) if etag else None
        with self._lock:
            if key is not None and key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        response.direct_passthrough = False
        data = response.get_data()
        if key is None:
            key = hashlib.sha256(data).digest()
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
        packed = gzip.compress(data, mtime=0)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = packed
                self._size += len(packed)
            while self._size > MOST_BYTES and len(self._kept) > 1:
                self._size -= len(self._kept.popitem(last=False)[1])
        return packed
