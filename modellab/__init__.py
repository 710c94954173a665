"""Model Lab: compare language models on your own documents and questions, reproducibly.

What people use from Python:

```python
import modellab

results = modellab.load_results("results/demo")  # all tables of a dataset, as pandas frames
results.scores.groupby("system")["weighted"].mean()

scored = modellab.score_frame(answers, truth)    # answers that were made elsewhere
labelled = modellab.label_frame(frame, "text", "config.yaml")
config = modellab.load_config("config.yaml")
```

Everything else is reached through its room, such as `modellab.retrieval`. Importing the package
imports nothing else: each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from modellab.core.project import VERSION

if TYPE_CHECKING:
    from modellab.config.loading import load_config
    from modellab.core.errors import InputError
    from modellab.evaluation.answer_frames import ScoredFrame, score_frame
    from modellab.evaluation.results import Results, load_results
    from modellab.workflow.notebook import label_frame

__version__ = VERSION
__all__ = [
    "InputError",
    "Results",
    "ScoredFrame",
    "__version__",
    "label_frame",
    "load_config",
    "load_results",
    "score_frame",
]

_MODULES = {
    "InputError": "modellab.core.errors",
    "Results": "modellab.evaluation.results",
    "ScoredFrame": "modellab.evaluation.answer_frames",
    "label_frame": "modellab.workflow.notebook",
    "load_config": "modellab.config.loading",
    "load_results": "modellab.evaluation.results",
    "score_frame": "modellab.evaluation.answer_frames",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
