"""Reads the figures shipped in ``digest/keywords/data``; what each file holds is told in its README.md there."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from importlib.resources import files

DATA = files("digest.keywords").joinpath("data")


@cache
def read_bytes(name: str) -> bytes:
    """The bytes of one data file, unpacked when its name ends in ``.gz``."""
    raw = DATA.joinpath(name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


def read_text(name: str) -> str:
    return read_bytes(name).decode("utf-8")


def read_lines(name: str) -> list[str]:
    """Lines of one data file without blank ones and without those that begin with ``# ``."""
    return [line for line in read_text(name).split("\n") if line and not line.startswith("# ")]


def read_pairs(name: str) -> dict[str, str]:
    """A two-column table, split at the first tab."""
    return {key: value for key, _, value in (line.partition("\t") for line in read_lines(name))}


def fingerprint(names: tuple[str, ...]) -> str:
    """Twelve hexadecimal digits that change when any of these files does."""
    digest = sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + sha256(read_bytes(name)).digest())
    return digest.hexdigest()[:12]
