"""How many tokens a batch may hold: as configured, or what this machine proved to bear."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from modellab.core.fingerprint import digest
from modellab.models.generators.transformers.user_cache import Remembered

log = logging.getLogger(__name__)


class TokenBudget:
    """The tokens in one batch, padding included; halved when memory runs out, and remembered.

    `circumstances` (plain JSON: weights, dtype, quantization, device, limit) tell which runs
    the remembered number holds for.
    """

    def __init__(self, configured: int, circumstances: Mapping[str, Any]) -> None:
        self._circumstances = dict(circumstances)
        self._remembered = Remembered("batch_tokens")
        self._key = digest(self._circumstances)
        self.tokens = min(configured, self._known() or configured)
        self.halvings = 0
        if self.tokens < configured:
            log.info("batch_tokens %d, as an earlier run ran out of memory above", self.tokens)

    def halve(self, cost: int) -> None:
        """After a batch of `cost` tokens did not fit."""
        self.tokens = max(1, cost // 2)
        self.halvings += 1
        log.warning("a batch of %d tokens ran out of memory; going on with %d", cost, self.tokens)
        self._remembered.put(self._key, {"batch_tokens": self.tokens, **self._circumstances})

    def _known(self) -> int | None:
        entry = self._remembered.get(self._key)
        known = entry.get("batch_tokens") if isinstance(entry, dict) else None
        return known if isinstance(known, int) and known > 0 else None
