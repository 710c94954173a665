"""What adaptive evaluation saves, and how often it keeps the best model: a simulation.

    python benchmarks/adaptive.py       # writes benchmarks/results/adaptive.md
    python benchmarks/adaptive.py --simulations 50 --out /tmp/adaptive.md
    python benchmarks/adaptive.py --runs FOLDER --truth train_QA.csv      # its second table

Simulated models of known skill answer questions of differing difficulty, which makes their answers
correlated; one question in twelve is unanswerable, scores are WattBot's. With `--runs`, a folder of
submissions in the WattBot format, the second table is made: the submissions are scored, and their
questions drawn with replacement, the same ones for all systems. The order of the questions and the
test by which models are dropped are the library's own.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.records import Question
from modellab.evaluation.adaptive.elimination import beaten, pocock_level
from modellab.evaluation.adaptive.rounds import rounds_of
from modellab.evaluation.statistics.contributions import contributions
from modellab.tasks import parse_scorer
from modellab.tasks.wattbot.rules import wattbot
from modellab.workflow.cli.comparison import compare_files

Array = NDArray[np.float64]
ADDITIVE = wattbot("v4")
OUT = Path(__file__).parent / "results" / "adaptive.md"
UNANSWERABLE_EVERY = 12
COLUMNS = (
    *("skills", "models", "questions", "rounds", "runs"),
    *("best kept", "same best", "decided", "saved", "least saved"),
)
#: of the models' skills in logits: 1 is from 50 % right to 73 %
SPREADS = {"wide": 1.5, "middle": 0.8, "narrow": 0.4, "equal": 0.0}
HEAD = f"""# Adaptive evaluation: what it saves, and whether it keeps the best

Made by `benchmarks/adaptive.py`: simulated models with skills evenly spread in logits (`wide`
+-1.5, `middle` +-0.8, `narrow` +-0.4, `equal` all the same; `two leaders` is wide, with the
second model 0.05 behind the first), WattBot's scores, one question in {UNANSWERABLE_EVERY}
unanswerable, `error: 0.05`.

- `best kept`: the truly best model was never dropped (of equal ones: a fixed one). Promised are
  95 %; equal models are the worst case. The standard error of 95 % in 400 runs is 1.1 points.
- `same best`: the model with the highest score of the full run was not dropped.
- `decided`: one model was left before all questions were asked.
- `saved`: share of the calls of the full run, on average; `least saved`: its 5th percentile.

"""
TITLES = f"| {' | '.join(COLUMNS)} |\n|---{'|---:' * (len(COLUMNS) - 1)}|\n"
RUNS_TITLE = "\n## Resampled runs\n"
RUNS_HEAD = """
{runs} published runs of {questions} questions, whose overall scores are {low:.2f} to {high:.2f};
the best is {lead:.3f} ahead of the second, and the second {rest:.3f} ahead of the third. Questions
are drawn with replacement, the same ones for all systems; more than {questions} questions stand for
a longer benchmark of the same kind. `best kept`: the run with the highest score on the {questions}
questions was never dropped; `same best`: nor was the one with the highest score on the questions
drawn. Fewer models are another sample of the runs in each simulation.

"""


@dataclass(frozen=True)
class Setting:
    """Which models, and what they are asked."""

    skills: str
    models: int
    questions: int = 282
    rounds: int = 8
    error: float = 0.05


@dataclass(frozen=True)
class Race:
    """The result of one run. Model 0 is the truly best one."""

    saved: float
    best_kept: bool
    same_best: bool
    decided: bool


Draw = Callable[[Setting, np.random.Generator], tuple[Array, NDArray[np.bool_]]]


def settings() -> Iterator[Setting]:
    for skills in ("wide", "two leaders", "middle", "narrow", "equal"):
        for models in (5, 10, 20, 40):
            yield Setting(skills, models)
    for rounds in (4, 16):
        yield Setting("wide", 20, rounds=rounds)
    for questions in (41, 100, 1000):
        yield Setting("wide", 20, questions=questions)


def skills_of(setting: Setting) -> Array:
    reach = SPREADS.get(setting.skills, SPREADS["wide"])
    skills = np.linspace(reach, -reach, setting.models)
    if setting.skills == "two leaders":
        skills[1] = skills[0] - 0.05
    return skills


def drawn(setting: Setting, rng: np.random.Generator) -> tuple[Array, NDArray[np.bool_]]:
    """Sums (models, questions, parts), and which questions are unanswerable (questions,)."""
    difficulty = rng.normal(0.0, 1.2, setting.questions)
    unanswerable = np.arange(setting.questions) % UNANSWERABLE_EVERY == 0
    place = skills_of(setting)[:, None] - difficulty
    right = (rng.random(place.shape) < 1 / (1 + np.exp(-place))).astype(float)
    good, bad = rng.choice([1.0, 1.0, 0.5], right.shape), rng.choice([0.0, 0.5, 1.0], right.shape)
    cited = np.where(unanswerable, right, np.where(right > 0, good, bad))
    asked = np.broadcast_to(unanswerable.astype(float), right.shape)
    return np.stack([np.ones_like(right), right, cited, right * asked, asked], 2), unanswerable


def scored_runs(folder: Path, truth: Path) -> tuple[Array, NDArray[np.bool_]]:
    """Sums (runs, questions, parts) of submissions, the best run first; unanswerable questions."""
    rules = parse_scorer({"kind": "v4"})
    sums = []
    for path in sorted(folder.glob("*.csv")):
        found = compare_files(truth, path, rules, "incorrect")
        questions = list(found.questions.values())
        ids = [question.id for question in questions]
        rows = pd.DataFrame([row.marks for row in found.rows])
        rows["question_id"] = pd.Categorical([row.question_id for row in found.rows], ids)
        sums.append(ADDITIVE.parts(questions, rows.sort_values("question_id")))
    found_sums = np.stack(sums)
    best_first = np.argsort(-overall(found_sums), kind="stable")
    return found_sums[best_first], np.array([question.unanswerable for question in questions])


def overall(sums: Array) -> Array:
    """The score of each model from sums (models, questions, parts)."""
    return ADDITIVE.combine(sums.sum(axis=1))["overall"]


def resampled(
    setting: Setting, rng: np.random.Generator, sums: Array, unanswerable: NDArray[np.bool_]
) -> tuple[Array, NDArray[np.bool_]]:
    """Some of the runs, the best of them first, on questions drawn with replacement."""
    runs = np.sort(rng.choice(len(sums), setting.models, replace=False))
    questions = rng.integers(len(unanswerable), size=setting.questions)
    return sums[runs][:, questions], unanswerable[questions]


def run_settings(runs: int) -> Iterator[Setting]:
    for models in sorted({5, 10, runs}):
        for questions in (41, 100, 282, 1000):
            yield Setting("published", models, questions)


def race(setting: Setting, sums: Array, unanswerable: NDArray[np.bool_], seed: int) -> Race:
    models, count = sums.shape[:2]
    questions = [
        Question(str(n), "", {}, {}, (), unanswerable=bool(no)) for n, no in enumerate(unanswerable)
    ]
    rounds = [[int(name) for name in part] for part in rounds_of(questions, setting.rounds, seed)]
    level = pocock_level(setting.error, len(rounds) - 1)
    inside, known, calls = set(range(models)), list[int](), 0
    marks = np.full((models, count), np.nan)
    for part in rounds:
        known += part
        calls += len(inside) * len(part)
        if len(known) < count:
            asked = sorted(inside)
            found = contributions(ADDITIVE, "overall", sums[asked][:, known], unanswerable[known])
            marks[asked, : len(known)] = found.rows()
            leader = asked[int(found.values.argmax())]
            inside -= beaten(marks[:, : len(known)], inside, 1.0, level) - {leader}
        if len(inside) == 1:
            break
    first = int(overall(sums).argmax())
    decided = len(known) < count
    return Race(1 - calls / models / count, 0 in inside, first in inside, decided)


def runs_head(sums: Array) -> str:
    scores = overall(sums)
    return RUNS_TITLE + RUNS_HEAD.format(
        runs=len(sums),
        questions=sums.shape[1],
        low=scores.min(),
        high=scores.max(),
        lead=scores[0] - scores[1],
        rest=scores[1] - scores[2],
    )


def line(setting: Setting, races: list[Race]) -> str:
    def share(name: str) -> str:
        return f"{np.mean([getattr(one, name) for one in races]) * 100:.1f} %"

    cells = (
        *(setting.skills, setting.models, setting.questions, setting.rounds, len(races)),
        *map(share, ("best_kept", "same_best", "decided", "saved")),
        f"{np.quantile([one.saved for one in races], 0.05) * 100:.1f} %",
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--runs", type=Path, help="folder of submissions in the WattBot format")
    parser.add_argument("--truth", type=Path, help="the true answers to them")
    arguments = parser.parse_args()
    if arguments.runs:
        sums, unanswerable = scored_runs(arguments.runs, arguments.truth)
        simulated = arguments.out.read_text().partition(RUNS_TITLE)[0]
        head, todo = simulated + runs_head(sums), run_settings(len(sums))
        draw: Draw = partial(resampled, sums=sums, unanswerable=unanswerable)
    else:
        head, todo, draw = HEAD, settings(), drawn
    with arguments.out.open("w") as table:
        table.write(head + TITLES)
        for number, setting in enumerate(todo):
            rng = np.random.default_rng([arguments.seed, number])
            races = [
                race(setting, *draw(setting, rng), seed) for seed in range(arguments.simulations)
            ]
            table.write(line(setting, races))
            table.flush()


if __name__ == "__main__":
    main()
