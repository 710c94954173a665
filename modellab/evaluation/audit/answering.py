"""Whether the model that answered is the one that was asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.protocol import Outcome, Subject, Verdict, not_applicable

#: what names of one model may differ by: a date or a number of a version, a variant of a gateway
_VERSION = re.compile(r"[-@:_](latest|free|\d{3,}|\d{4}-\d\d-\d\d)$")


def answered_as(subject: Subject, _: AuditOptions) -> Outcome:
    """The names that servers answered under, and their weights, in all runs of the answers."""
    names = names_answered(subject.run)
    weights = weights_served(subject.run)
    if len(weights) > 1:
        listed = ", ".join(weights)
        return Outcome(Verdict.WARNING, f"the weights behind the server changed: {listed}")
    if not names:
        return not_applicable("no server said who answers")
    asked = str(subject.run.get("model_id") or "")
    others = [name for name in names if not is_same_model(asked, name)]
    told = ", ".join(f"{name} ({count})" for name, count in names.items())
    if others:
        return Outcome(Verdict.WARNING, f"{asked} was asked, and who answered is {told}")
    if len(names) > 1:
        return Outcome(Verdict.WARNING, f"the model changed between answers: {told}")
    return Outcome(Verdict.OK)


def names_answered(run: Mapping[str, Any]) -> dict[str, int]:
    """By name: how many replies were given under it."""
    counts: Counter[str] = Counter()
    for one in run.get("runs") or [run]:
        counts.update((one.get("model_report") or {}).get("answered_as") or {})
    return dict(counts)


def weights_served(run: Mapping[str, Any]) -> list[str]:
    """What servers that somebody else started said of their weights, each once."""
    found = []
    for one in run.get("runs") or [run]:
        told = (one.get("model_report") or {}).get("server")
        if not isinstance(told, Mapping):
            continue
        if name := told.get("model_path") or told.get("root"):
            size = (told.get("meta") or {}).get("size")
            found.append(f"{name} ({size} bytes)" if size else f"{name}")
    return list(dict.fromkeys(found))


def is_same_model(asked: str, said: str) -> bool:
    """Whether two names may be one model's: its owner or version may be left out in one of them."""
    one, other = _bare(asked), _bare(said)
    return one == other or any(
        longer.startswith(f"{shorter}-") and _VERSION.fullmatch(longer[len(shorter) :])
        for shorter, longer in ((one, other), (other, one))
    )


def _bare(name: str) -> str:
    """The name without owners and without the version at its end."""
    return _VERSION.sub("", name.rsplit("/", 1)[-1].lower())
