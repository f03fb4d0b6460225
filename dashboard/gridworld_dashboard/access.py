"""Who may come in, and what they may do there.

Three questions to every request, whatever it asks for: is it for this server (`Host`, against
names that were pointed here, DNS rebinding), from a page of ours or from no page (`Origin`,
`Sec-Fetch-*`), and does it know the token, where one is needed. Beyond this machine one is: the
link that the terminal shows has it, and the page gets it as a cookie.
"""

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from gridworld.errors import InvalidValueError

__all__ = ["ANY", "AUTO", "Access", "Refusal", "Role", "check_request", "is_loopback"]

AUTO: Final = "auto"
"""Stands for a token that is made up."""

Role = Literal["presenter", "viewer"]
"""Who steers, and who watches."""

LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})

ANY: Final = ("", "0.0.0.0", "::")
"""Hosts that stand for all addresses of the machine."""

HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
"""Of a request. What else it may be, such as two of them, browsers do not send."""

TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{8,200}")


@dataclass(frozen=True)
class Refusal:
    """Why somebody does not come in: the status of HTTP, and a sentence."""

    status: int
    message: str


@dataclass(frozen=True)
class Access:
    """The rules of one server.

    Attributes:
        hosts: Names and addresses in lower case by which it may be called.
        origins: Of others whose pages may use it, as browsers write them.
        token: Of who steers; None: everybody may.
        frames: Origins of others whose pages may show it in a frame, and nothing else.
        watching: Whether everybody may watch without a token.
    """

    hosts: frozenset[str]
    origins: frozenset[str] = frozenset()
    token: str | None = None
    frames: frozenset[str] = frozenset()
    watching: bool = False

    @classmethod
    def of(
        cls,
        host: str,
        *,
        token: str | None = None,
        open_to_all: bool = False,
        allow_hosts: Iterable[str] = (),
        allow_origins: Iterable[str] = (),
        embed_from: Iterable[str] = (),
        present: bool = False,
    ) -> "Access":
        """The rules for a server that listens on a host.

        Args:
            host: A name or an address; others than those of this machine need a token.
            token: 8 to 200 letters, digits, dots, -, _ or ~; `"auto"`: one is made; None: one is
                made where others can reach it.
            open_to_all: Without a token in any case.
            allow_hosts: Further names, such as that of a proxy.
            allow_origins: Further pages, such as `https://example.org`.
            embed_from: Pages that may show it in a frame.
            present: Everybody may watch; only who has the token, which is made where none is
                given, steers.

        Raises:
            InvalidValueError: One of them cannot be.
        """
        if open_to_all and token is not None:
            raise InvalidValueError("a token must be left out where none is wanted, got one")
        if open_to_all and present:
            raise InvalidValueError("a presenter must have a token, got that none is wanted")
        guarded = present or not (open_to_all or is_loopback(host))
        if token == AUTO or (token is None and guarded):
            token = secrets.token_urlsafe(32)
        if token is not None and not TOKEN.fullmatch(token):
            raise InvalidValueError(
                "token must be 8 to 200 letters, digits, dots, -, _ or ~, got others"
            )
        names = LOCAL | {host.lower()} | set(map(_checked_host, allow_hosts))
        if not is_loopback(host):
            names |= set(_addresses(host))
        origins, frames = (
            frozenset(map(_checked_origin, given)) for given in (allow_origins, embed_from)
        )
        return cls(names, origins, token, frames, present)

    @property
    def ancestors(self) -> str:
        """Who may show a page of this server in a frame, as a policy says it."""
        return " ".join(["frame-ancestors 'self'", *sorted(self.origins | self.frames)])

    @property
    def viewer_token(self) -> str | None:
        """Of who watches: it follows from the other one, which does not follow from it."""
        if self.token is None:
            return None
        digest = hmac.digest(self.token.encode(), b"viewer", "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def role_of(self, *tokens: str | None) -> Role | None:
        """What who comes with these tokens may do; None: nothing without one that is known."""
        if self.token is None:
            return "presenter"
        return self.known_role(*tokens) or ("viewer" if self.watching else None)

    def known_role(self, *tokens: str | None) -> Role | None:
        """What the first token that is known allows; None: none is.

        The comparison takes as long whatever is given, and wherever that is wrong.
        """
        if self.token is None:
            return None
        for given in tokens:
            if given is not None:
                steers = _same(given, self.token)
                watches = _same(given, self.viewer_token or "")
                if steers or watches:
                    return "presenter" if steers else "viewer"
        return None

    def refusal(self, host: str, method: str, headers: Headers) -> Refusal | None:
        """Why a request is refused before anybody asks for its token; None: it is not.

        Args:
            host: Its Host.
            method: Of HTTP.
            headers: All of them.
        """
        if _host_name(host) not in self.hosts:
            return Refusal(403, f"{_HOST_MUST}, got {host[:100]!r}")
        origin = headers.get("Origin")
        if origin is not None and origin.lower() not in self.origins:
            words = check_request(host, origin, None)
            return None if words is None else Refusal(403, words)
        if origin is None and not self._is_ours(method, headers):
            return Refusal(403, "a request must come from this server's own page, got another's")
        return None

    def _is_ours(self, method: str, headers: Headers) -> bool:
        """Whether a browser says that no foreign page makes this request: a link alone may."""
        site = headers.get("Sec-Fetch-Site", "none").strip().lower()
        if site in ("none", "same-origin"):
            return True
        kinds = {"document"} | ({"iframe", "frame"} if self.origins | self.frames else set())
        return (
            method in ("GET", "HEAD")
            and headers.get("Sec-Fetch-Mode", "").strip().lower() == "navigate"
            and headers.get("Sec-Fetch-Dest", "").strip().lower() in kinds
        )


_HOST_MUST: Final = "Host must be localhost or an address of this server (--allow-host adds names)"


def check_request(host: str, origin: str | None, bound: str | None) -> str | None:
    """Whether a request may pass: it must come from a page of our own, or from no page.

    A browser lets any page send requests here. Its `Origin` tells them apart; the `Host` tells
    a page whose name has been pointed at this machine (DNS rebinding).

    Args:
        host: The request's Host.
        origin: Its Origin, None where there is none.
        bound: The name or address that is served, where that is this machine only; None: any
            Host may pass.

    Returns:
        The sentence that refuses it; None: it may pass.
    """
    if bound is not None and _host_name(host) not in LOCAL | {bound.lower()}:
        return f"Host must be localhost or a loopback address, got {host[:100]!r}"
    if origin is not None:
        parts = _split(origin)
        if parts is None or parts[0] not in ("http", "https") or parts[1] != host.lower():
            return f"Origin must be this server's own, got {origin[:100]!r}"
    return None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on it."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _addresses(host: str) -> Iterable[str]:
    """What a host that others can reach is called: its addresses, or all of the machine."""
    import psutil

    if host not in ANY:
        for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
            yield str(address[0]).partition("%")[0].lower()
        return
    name = socket.gethostname().lower()
    yield from (name, f"{name}.local")
    for found in psutil.net_if_addrs().values():
        for each in found:
            if each.family in (socket.AF_INET, socket.AF_INET6):
                yield str(each.address).partition("%")[0].lower()


def _same(given: str, token: str) -> bool:
    # digests, since the comparison of texts would tell how long they are
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (given, token))
    return hmac.compare_digest(*digests)


def _host_name(host: str) -> str:
    """The Host without its port, in lower case; nothing where it is none."""
    found = HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


def _split(origin: str) -> tuple[str, str] | None:
    """The scheme and the rest of an origin; None: it is none."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.scheme.lower(), parts.netloc.lower()


def _checked_host(name: str) -> str:
    found = _host_name(f"[{name}]" if name.count(":") > 1 and "[" not in name else name)
    if not found or found in ANY:
        raise InvalidValueError(f"a host to allow must be a name or an address, got {name!r:.80}")
    return found


def _checked_origin(origin: str) -> str:
    parts = _split(origin)
    if parts is None or parts[0] not in ("http", "https") or origin.count("/") != 2 or not parts[1]:
        raise InvalidValueError(
            f"an origin to allow must be like https://example.org, got {origin!r:.80}"
        )
    return f"{parts[0]}://{parts[1]}"
