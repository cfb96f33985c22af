"""The only writer of the vault; see :mod:`digest.vault.disk` for what it promises."""

from digest.vault.disk import QUIET, Vault
from digest.vault.layout import fresh

__all__ = ["QUIET", "Vault", "fresh"]
