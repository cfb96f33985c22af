"""A bound on one exchange as a whole, whatever it is that takes so long.

A socket's timeout begins anew with every byte, so that a host that drips its handshake, its headers or the marks between
the chunks of a body keeps to every timeout and still never ends. Only who shuts the line ends it.
"""

from __future__ import annotations

import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from digest.web.transfer import Incomplete, TooSlow

Closer = Callable[[], object]


class Watchdog:
    """Shuts the lines of a session when an exchange takes too long. The look-up of a host's name is not bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._late = threading.Event()
        # A second handle on each line: the first changes hands while TLS is negotiated and while a body is read.
        self._lines: weakref.WeakKeyDictionary[HTTPConnection, tuple[socket.socket, Closer]] = (
            weakref.WeakKeyDictionary()
        )

    def watch(self, session: requests.Session) -> None:
        """Have all connections of *session* watched."""
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(self))

    @contextmanager
    def bounded(self, seconds: float) -> Iterator[None]:
        """Run the body for at most *seconds*, then shut its lines. One exchange at a time. Raises TooSlow."""
        self._late.clear()
        timer = threading.Timer(seconds, self._shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (Incomplete, requests.RequestException) as error:
            if self._late.is_set():
                raise TooSlow(f"was still coming after {seconds:.0f} s") from error
            raise
        finally:
            timer.cancel()
            timer.join()
            self._let_go()
        if self._late.is_set():  # headers, and bodies without a length, end as if they were whole
            raise TooSlow(f"was still coming after {seconds:.0f} s")

    def follow(self, connection: HTTPConnection, line: socket.socket) -> None:
        """Watch *line*, which is *connection*'s from now on."""
        handle = line.dup()
        with self._lock:
            self._forget(connection)
            self._lines[connection] = handle, weakref.finalize(connection, handle.close)
        if self._late.is_set():
            self._shut()

    def _shut(self) -> None:
        self._late.set()
        with self._lock:
            for handle, _ in self._lines.values():
                with suppress(OSError):  # it has ended by itself
                    handle.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        """Close the handles of connections that are closed; those that are kept alive are watched on."""
        with self._lock:
            for connection in [one for one in self._lines if one.sock is None]:
                self._forget(connection)

    def _forget(self, connection: HTTPConnection) -> None:
        if connection in self._lines:
            _, close = self._lines.pop(connection)
            close()


class _Adapter(HTTPAdapter):
    """Makes connections that a watchdog follows."""

    def __init__(self, watchdog: Watchdog) -> None:
        self._pools = _watched_pools(watchdog)
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):  # these have connections of their own
            manager.pool_classes_by_scheme = self._pools
        return manager


def _watched_pools(watchdog: Watchdog) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            line = super()._new_conn()
            watchdog.follow(self, line)
            return line

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            line = super()._new_conn()
            watchdog.follow(self, line)
            return line

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
