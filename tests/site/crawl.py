"""Follow every link of a site."""

from __future__ import annotations

from urllib.parse import urljoin

import requests
from lxml import html


def crawl(address: str) -> dict[str, int]:
    """The status of everything that can be reached from *address* by links, pictures, styles and scripts."""
    found: dict[str, int] = {}
    waiting = [address]
    with requests.Session() as session:
        while waiting:
            here = waiting.pop()
            if here in found or not here.startswith(address):
                continue
            answer = session.get(here)
            found[here] = answer.status_code
            if answer.headers.get("Content-Type", "").startswith("text/html") and answer.content:
                root = html.fromstring(answer.content)
                named = root.xpath("//a/@href | //link[not(@rel='prev' or @rel='next')]/@href | //@src")
                waiting += [urljoin(here, name).partition("#")[0] for name in named]
    return found
