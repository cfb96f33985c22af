"""The only writer of the vault; see :mod:`digest.vault.disk` for what it promises."""

from digest.vault.disk import Vault
from digest.vault.layout import fresh

__all__ = ["Vault", "fresh"]
