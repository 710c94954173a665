"""Training by steps: the same steps give the same weights, however often it is stopped between."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from modellab.digest import digest
from modellab.joblog import PROGRESS
from modellab.tiny_readers.encoding import IGNORED, Batch, Encoded, Encoder, batch
from modellab.tiny_world.lessons import Level, lesson

progress = logging.getLogger(PROGRESS)

#: the words' vectors change slowly: they begin with a meaning
WORDS_SHARE = 0.3
WARM_UP, LAST_RATE, WEIGHT_DECAY, LARGEST_GRADIENT = 60, 0.03, 0.05, 1.0
#: batches that are made and sorted by length together, so that little is padded
POOL = 8
SAVE_EVERY, TELL_EVERY = 100, 50

EASY = Level(notes=2, facts=1, questions=6)
MIDDLE = Level(notes=3, facts=2, questions=6)
HARD = Level(notes=5, facts=2, questions=6)


@dataclass(frozen=True)
class Course:
    """How long, how fast and in which order a reader learns.

    The rate rises over `WARM_UP` steps, stays until the share `steady` of the steps, then falls.
    `shares` are those of easy, middle and hard lessons up to a share of the steps.
    """

    steps: int
    rate: float
    lessons: int = 16
    steady: float = 0.4
    shares: tuple[tuple[float, tuple[float, float, float]], ...] = ((1.0, (0.05, 0.25, 0.7)),)

    def rate_at(self, step: int) -> float:
        warm = min(1.0, (step + 1) / WARM_UP)
        done = step / self.steps
        falling = max(0.0, (done - self.steady) / (1 - self.steady))
        return self.rate * warm * (1 - (1 - LAST_RATE) * falling)

    def levels_at(self, step: int) -> tuple[float, float, float]:
        done = step / self.steps
        return next(shares for until, shares in self.shares if done < until)


def train(model: Any, encoder: Encoder, course: Course, seed: int, kept: Path) -> None:
    """Train in place. `kept` holds the state from time to time; a second call goes on from it.

    A state of another course or seed is not used.
    """
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device).train()
    optimizer = _optimizer(model, course.rate)
    mark = digest({"course": asdict(course), "seed": seed})
    first = _restored(kept, model, optimizer, mark)
    pad, losses = model.config.pad_token_id, []
    start = time.monotonic()
    for step, lessons in enumerate(_batches(encoder, course, seed, first), start=first):
        losses.append(_step(model, optimizer, batch(lessons, pad), course.rate_at(step)))
        if (step + 1) % TELL_EVERY == 0:
            rate = (step + 1 - first) / (time.monotonic() - start)
            _tell(step + 1, course.steps, losses[-TELL_EVERY:], rate)
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == course.steps:
            _keep(kept, model, optimizer, mark, step + 1)
    model.to("cpu").eval()


def _optimizer(model: Any, rate: float) -> Any:
    import torch

    words = model.model.embed_tokens.weight
    others = [p for p in model.parameters() if p is not words]
    groups: Any = [
        {"params": [p for p in others if p.ndim == 2], "weight_decay": WEIGHT_DECAY, "share": 1.0},
        {"params": [p for p in others if p.ndim == 1], "share": 1.0},
        {"params": [words], "share": WORDS_SHARE},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), weight_decay=0.0, foreach=True)


def _step(model: Any, optimizer: Any, lessons: Batch, rate: float) -> float:
    import torch

    device = model.device
    states = model.model(
        input_ids=lessons.tokens.to(device),
        attention_mask=lessons.seen.to(device),
        position_ids=lessons.places.to(device),
        use_cache=False,
    ).last_hidden_state
    targets = lessons.targets.to(device)
    kept = targets != IGNORED
    loss = torch.nn.functional.cross_entropy(model.lm_head(states[kept]), targets[kept])
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())


def _batches(
    encoder: Encoder, course: Course, seed: int, first: int
) -> Iterator[Sequence[Encoded]]:
    """The batch of each step from `first` on; it depends on the step's number alone."""
    for pool in range(first // POOL, math.ceil(course.steps / POOL)):
        made = _pool(encoder, course, seed, pool)
        for step in range(max(first, pool * POOL), min(course.steps, (pool + 1) * POOL)):
            yield made[step - pool * POOL]


def _pool(encoder: Encoder, course: Course, seed: int, pool: int) -> list[list[Encoded]]:
    random = Random(f"{seed}:{pool}")  # noqa: S311
    shares = course.levels_at(pool * POOL)
    levels = random.choices((EASY, MIDDLE, HARD), shares, k=POOL * course.lessons)
    made = [encoder.lesson(lesson(random, level)) for level in levels]
    made.sort(key=lambda one: len(one.tokens))
    batches = [made[at : at + course.lessons] for at in range(0, len(made), course.lessons)]
    random.shuffle(batches)
    return batches


def _tell(step: int, steps: int, losses: Sequence[float], rate: float) -> None:
    mean = math.fsum(losses) / len(losses)
    left = (steps - step) / rate
    progress.info("step %d/%d, loss %.3f, %.1f steps/s, %.0f s left", step, steps, mean, rate, left)


def _keep(path: Path, model: Any, optimizer: Any, mark: str, step: int) -> None:
    import torch

    state = {
        "mark": mark,
        "step": step,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def _restored(path: Path, model: Any, optimizer: Any, mark: str) -> int:
    """The step to go on with."""
    import torch

    if not path.is_file():
        return 0
    state = torch.load(path, map_location=model.device, weights_only=True)
    if state["mark"] != mark:
        return 0
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
