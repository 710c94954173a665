"""Training by steps: the same steps give the same weights, however often it is stopped between."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from modellab.core.fingerprint import digest
from modellab.core.progress import PROGRESS
from tiny_world.facts import LESSON_VOICE
from tiny_world.found import found_lesson
from tiny_world.lessons import Level, lesson
from tiny_world.readers.encoding import Batch, Encoded, Encoder, batch
from tiny_world.readers.forward import answer_states

progress = logging.getLogger(PROGRESS)

#: the words' vectors change slowly: they begin with a meaning
WORDS_SHARE = 0.3
WARM_UP, LAST_RATE, WEIGHT_DECAY, LARGEST_GRADIENT = 60, 0.03, 0.05, 1.0
#: batches that are made and sorted by length together, so that little is padded
POOL = 8
SAVE_EVERY, TELL_EVERY = 20, 50

EASY = Level(notes=2, facts=1, questions=8)
MIDDLE = Level(notes=3, facts=2, questions=8)
HARD = Level(notes=5, facts=2, questions=8)
#: as many notes as a retriever finds: about five, about ten, and as long as ten may be
FULL = Level(notes=6, facts=2, questions=8, least_notes=4)
WIDE = Level(notes=11, facts=2, questions=12, least_notes=7)
LONG = Level(notes=17, facts=2, questions=12, least_notes=9)
#: notes that a question's words find, among many
FOUND = Level(notes=11, facts=2, questions=12, least_notes=4)


@dataclass(frozen=True)
class Course:
    """How long, how fast and in which order a reader learns.

    The rate rises over `WARM_UP` steps, stays until the share `steady` of the steps, then falls.
    `shares` are those of easy, middle, hard, full, wide and long lessons, and of those with found
    notes; `loose` is the share of sentences that follow no phrasing, `alike` that of sentences
    which use the same name for an attribute throughout a lesson (with found notes its first name).
    `unanswerable` is the share of such questions in the last four kinds of lessons, and `near` that
    of them which ask for what another thing is told to have.
    """

    steps: int
    rate: float
    lessons: int = 12
    steady: float = 0.4
    shares: tuple[float, ...] = (0.05, 0.25, 0.7, 0.0, 0.0, 0.0, 0.0)
    loose: float = 0.0
    unanswerable: float = 0.3
    alike: float = 0.0
    near: float = 0.6

    def rate_at(self, step: int) -> float:
        warm = min(1.0, (step + 1) / WARM_UP)
        done = step / self.steps
        falling = (done - self.steady) / (1 - self.steady) if done > self.steady else 0.0
        return self.rate * warm * (1 - (1 - LAST_RATE) * falling)


def train(model: Any, encoder: Encoder, course: Course, seed: int, kept: Path) -> None:
    """Train in place. `kept` holds the state from time to time; a second call goes on from it.

    A state of another course, seed or shape is not used.
    """
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device).train()
    optimizer = _optimizer(model, course.rate)
    sizes = {name: list(weights.shape) for name, weights in model.named_parameters()}
    mark = digest({"course": asdict(course), "seed": seed, "sizes": sizes})
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

    states, targets = answer_states(model, lessons.to(model.device))
    loss = torch.nn.functional.cross_entropy(model.lm_head(states), targets)
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
    many = (
        replace(level, unanswerable=course.unanswerable, near=course.near)
        for level in (FULL, WIDE, LONG, FOUND)
    )
    kinds = (EASY, MIDDLE, HARD, *many)
    levels = random.choices(kinds, course.shares, k=POOL * course.lessons)
    voice = replace(LESSON_VOICE, loose_share=course.loose, alike_share=course.alike)
    made = []
    for level in levels:
        make = found_lesson if level is kinds[-1] else lesson
        made.append(encoder.lesson(make(random, level, voice)))
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
    progress.info("going on after step %d", state["step"])
    return int(state["step"])
