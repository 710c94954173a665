"""Do the intervals hold? Known truth is simulated; the share of intervals with it is counted.

    python benchmarks/coverage.py --out benchmarks/results           # about half an hour
    python benchmarks/coverage.py --fast --out /tmp/coverage         # a minute, few settings

Made up: questions in two strata, WattBot's components (v4: an answer to an unanswerable question
has value 0), right answers of known probability, with or without documents that make their
questions alike, with or without repeats; pairs of systems that share a part of their answers. Each
setting is a line of `coverage.csv` as soon as it is done; a run that was stopped goes on where it
was. `before` is what the project did until this method: percentiles of a bootstrap of all
questions, Wilson's interval for a component at 0 or 1, and a t test over bootstrap errors.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from modellab.core.intervals.score_method import detectable, difference_interval, p_values
from modellab.evaluation.statistics.comparing import POWER, TestLevels
from modellab.evaluation.statistics.confidence_set import may_be_best
from modellab.evaluation.statistics.contributions import Contributions, contributions
from modellab.evaluation.statistics.estimates import interval_ends
from modellab.tasks.wattbot.rules import wattbot

Array = NDArray[np.float64]
ADDITIVE = wattbot("v3")
COMPONENTS = ("value_accuracy", "ref_overlap", "na_recall", "overall")
LEVEL = TestLevels(0.95, 0.05)
SIZES, SHARES = (30, 100, 282, 41, 20, 1000), (0.0, 0.01, 0.02, 0.05, 0.16, 0.30)
ACCURACIES = (0.05, 0.5, 0.8, 0.95, 0.99)
RESAMPLES = 300


@dataclass(frozen=True)
class Setting:
    """What is made up. `alike` is the share of answers that a pair has in common."""

    kind: str  # interval, pair, power, family, best
    n: int
    unanswerable: int
    accuracy: float
    na_accuracy: float
    documents: int = 0
    repeats: int = 1
    alike: float = 0.0
    systems: int = 1
    method: str = "after"


@dataclass(frozen=True)
class Result:
    """One component: how often it held (or was called different), and how wide the interval was."""

    component: str
    simulations: int
    rate: float
    width: float


def settings(fast: bool) -> Iterator[Setting]:
    sizes, shares = ((30, 100), (0.0, 0.05)) if fast else (SIZES, SHARES)
    accuracies = (0.5, 0.95) if fast else ACCURACIES
    for n in (100,) if fast else (30, 100, 282):
        for count in (0, round(n * 0.05)):
            for accuracy in (0.5, 0.8, 0.95):
                for alike in (0.0, 0.5, 0.9):
                    yield Setting("power", n, count, accuracy, 0.9, alike=alike)
            for alike in (0.0, 0.9):
                yield Setting("family", n, count, 0.8, 0.9, alike=alike, systems=8)
                for systems in (2, 5, 10):
                    yield Setting("best", n, count, 0.8, 0.9, alike=alike, systems=systems)
    for n in sizes:
        # at least one question, where the share is not 0
        for count in sorted({round(n * share) or int(share > 0) for share in shares}):
            for accuracy in accuracies:
                na = 0.9 if accuracy > 0.5 else 0.5
                one = Setting("interval", n, count, accuracy, na)
                yield from (one, replace(one, method="before"))
                if n in (30, 100, 282) and accuracy in (0.5, 0.95):
                    yield replace(one, repeats=3)
                    yield from (replace(one, documents=d) for d in (10, n // 5) if n > 30)
                if accuracy in (0.5, 0.8, 0.95) and n <= 282:
                    for alike in (0.0, 0.9):
                        pair = replace(one, kind="pair", alike=alike)
                        yield from (pair, replace(pair, method="before"))


def run(setting: Setting, simulations: int, seed: int) -> list[Result]:
    rng = np.random.default_rng(seed)
    if setting.kind == "interval":
        return _coverage(setting, simulations, rng)
    if setting.kind in ("pair", "power"):
        return _pairs(setting, simulations, rng)
    return _families(setting, min(simulations, 600), rng)


def draw(
    setting: Setting, systems: int, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int_]]:
    """Sums (systems, questions, parts) of independent systems, and documents (questions,).

    The unanswerable questions come last. Documents move the probability of a right answer by a
    Beta of intraclass correlation 0.2; repeats by one of 0.5 per question.
    """
    n, blank = setting.n, setting.unanswerable
    documents = np.arange(n)
    chance = np.full((systems, n), setting.accuracy)
    if setting.documents:
        documents[: n - blank] = np.arange(n - blank) % setting.documents
        moved = _beta(setting.accuracy, 0.2, (systems, setting.documents), rng)
        chance[:, : n - blank] = moved[:, documents[: n - blank]]
    chance[:, n - blank :] = setting.na_accuracy
    if setting.repeats > 1:
        chance = _beta(chance, 0.5, chance.shape, rng)
    sums = np.zeros((systems, n, 5))
    for _ in range(setting.repeats):
        right = (rng.random((systems, n)) < chance).astype(float)
        sums += _parts(right, _references(right, rng), blank)
    return sums, documents


def _beta(
    mean: Array | float, alike: float, shape: tuple[int, ...], rng: np.random.Generator
) -> Array:
    size = 1 / alike - 1
    return rng.beta(np.asarray(mean) * size, (1 - np.asarray(mean)) * size, shape)


def _references(right: Array, rng: np.random.Generator) -> Array:
    """A right answer mostly names the right document, a wrong one often does not."""
    good = rng.choice([1.0, 1.0, 1.0, 0.5], right.shape)
    bad = rng.choice([0.0, 0.5, 1.0], right.shape)
    return np.where(right > 0, good, bad)


def _parts(right: Array, references: Array, blank: int) -> Array:
    """Rows, value, reference, na, unanswerable."""
    n = right.shape[1]
    asked = np.broadcast_to((np.arange(n) >= n - blank).astype(float), right.shape)
    reference = np.where(asked > 0, right, references)
    return np.stack([np.ones_like(right), right, reference, right * asked, asked], axis=2)


def truth(setting: Setting, accuracy: float) -> dict[str, float]:
    n, blank, na = setting.n, setting.unanswerable, setting.na_accuracy
    share = blank / n
    value = (1 - share) * accuracy + share * na
    reference = (1 - share) * (0.875 * accuracy + 0.5 * (1 - accuracy)) + share * na
    counted = na if blank else 1.0
    overall = 0.75 * value + 0.15 * reference + 0.1 * counted
    return dict(zip(COMPONENTS, (value, reference, counted, overall), strict=True))


def _coverage(setting: Setting, simulations: int, rng: np.random.Generator) -> list[Result]:
    sums, documents = draw(setting, simulations, rng)
    right = truth(setting, setting.accuracy)
    found = []
    for component in _told(setting):
        whole = _component(setting, component, sums)
        if setting.method == "before":
            low, high = _old_intervals(component, sums, rng)
        else:
            clusters = documents if setting.documents else None
            low, high = interval_ends(whole, clusters, LEVEL.confidence)
        if np.isnan(low).all():
            continue
        held = (low <= right[component] + 1e-9) & (right[component] - 1e-9 <= high)
        found.append(Result(component, simulations, float(held.mean()), float((high - low).mean())))
    return found


def _pairs(setting: Setting, simulations: int, rng: np.random.Generator) -> list[Result]:
    """How often two systems are called different: equal ones, or ones the stated difference apart.

    For power the second system is worse by the smallest difference of `value_accuracy` that the
    library states for equal systems of this setting; only that component is told.
    """
    if setting.kind == "power":
        sums, pairs = _two(setting, simulations, setting.accuracy, rng)
        whole = _component(setting, "value_accuracy", sums)
        gap = float(np.median(detectable(whole.differences(pairs), LEVEL.alpha, POWER)[1]))
        worse = setting.accuracy - gap * setting.n / (setting.n - setting.unanswerable)
        if worse < 0:
            return []
        sums, pairs = _two(setting, simulations, worse, rng)
        p = p_values(_component(setting, "value_accuracy", sums).differences(pairs))
        rate = float((p < LEVEL.alpha).mean())
        return [Result("value_accuracy", simulations, rate, gap)]
    sums, pairs = _two(setting, simulations, setting.accuracy, rng)
    found = []
    for component in _told(setting):
        if setting.method == "before":
            p = _old_tests(component, sums, pairs, rng)
            width = np.nan
        else:
            strata = _component(setting, component, sums).differences(pairs)
            p = p_values(strata)
            low, high = difference_interval(strata, LEVEL.confidence)
            width = float((high - low).mean())
            clash = ((low > 1e-9) | (high < -1e-9)) != (p < LEVEL.alpha - 1e-9)
            if (clash & (np.abs(p - LEVEL.alpha) > 1e-6)).any():
                sys.exit(f"interval and test contradict in {setting}")
        found.append(Result(component, simulations, float((p < LEVEL.alpha).mean()), width))
    return found


def _two(
    setting: Setting, simulations: int, worse: float, rng: np.random.Generator
) -> tuple[Array, list[tuple[int, int]]]:
    """Systems 2i and 2i + 1 are a pair: a part of the answers of the second are the first's."""
    sums = np.repeat(draw(setting, simulations, rng)[0], 2, axis=0)
    other = draw(replace(setting, accuracy=worse), simulations, rng)[0]
    # of the shared answers so many are spoilt that the second has its own accuracy
    shared = rng.random(other.shape[:2]) < setting.alike
    first = sums[0::2]
    kept = rng.random(other.shape[:2]) < worse / setting.accuracy
    blank = setting.unanswerable
    kept[:, setting.n - blank :] = True
    right = np.where(shared, first[..., 1] * kept, other[..., 1])
    spoilt = shared & ~kept & (first[..., 1] > 0)
    reference = np.where(shared & ~spoilt, first[..., 2], other[..., 2])
    asked = first[..., 4]
    reference = np.where(asked > 0, right, reference)
    sums[1::2] = np.stack([first[..., 0], right, reference, right * asked, asked], axis=2)
    return sums, [(2 * i, 2 * i + 1) for i in range(simulations)]


def _families(setting: Setting, simulations: int, rng: np.random.Generator) -> list[Result]:
    """Equal systems: any pair called different after Holm; the first one left out of the set."""
    of = setting.systems
    sums = draw(setting, simulations * of, rng)[0].reshape(simulations, of, setting.n, -1)
    for own in sums:
        shared = rng.random(setting.n) < setting.alike
        own[1:, shared] = own[:1, shared]
    whole = _component(setting, "overall", sums.reshape(simulations * of, setting.n, -1))
    if setting.kind == "family":
        pairs = [
            (start + a, start + b)
            for start in range(0, simulations * of, of)
            for a in range(of)
            for b in range(a)
        ]
        p = p_values(whole.differences(pairs)).reshape(simulations, -1)
        rejected = [bool((multipletests(one, method="holm")[1] < 0.05).any()) for one in p]
        return [Result("overall", simulations, float(np.mean(rejected)), float("nan"))]
    rows = -whole.rows().reshape(simulations, of, setting.n)
    sets = [may_be_best(own.T, LEVEL.alpha, RESAMPLES, n) for n, own in enumerate(rows)]
    held = float(np.mean([0 in one for one in sets]))
    return [Result("overall", simulations, held, float(np.mean([len(one) for one in sets])))]


def _component(setting: Setting, component: str, sums: Array) -> Contributions:
    n = setting.n
    return contributions(ADDITIVE, component, sums, np.arange(n) >= n - setting.unanswerable)


def _told(setting: Setting) -> Sequence[str]:
    return COMPONENTS if setting.unanswerable else [c for c in COMPONENTS if c != "na_recall"]


def _old_replicates(component: str, sums: Array, rng: np.random.Generator) -> Array:
    """(resamples, systems): the component in bootstrap samples of all questions."""
    systems, n, parts = sums.shape
    counts = rng.multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(float)
    flat = np.ascontiguousarray(sums.transpose(1, 0, 2)).reshape(n, -1)
    drawn = (counts @ flat).reshape(RESAMPLES, systems, parts)
    return ADDITIVE.combine(drawn)[component]


def _old_intervals(component: str, sums: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    drawn = _old_replicates(component, sums, rng)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    whole = sums.sum(axis=1)
    values = ADDITIVE.combine(whole)[component]
    units = whole[:, 4] if component == "na_recall" else whole[:, 0]
    at_end = (high - low < 1e-12) & np.isin(values, (0.0, 1.0)) & (component != "overall")
    ends = proportion_confint(values * units, units, method="wilson")
    return np.where(at_end, ends[0], low), np.where(at_end, ends[1], high)


def _old_tests(
    component: str, sums: Array, pairs: Sequence[tuple[int, int]], rng: np.random.Generator
) -> Array:
    first, second = np.array(pairs).T
    drawn = _old_replicates(component, sums, rng)
    difference = drawn[:, first] - drawn[:, second]
    values = ADDITIVE.combine(sums.sum(axis=1))[component]
    gap = values[first] - values[second]
    error = np.nanstd(difference, axis=0, ddof=1)
    n = sums.shape[1] if component != "na_recall" else int(sums[0, :, 4].sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * t.sf(np.abs(gap) / error, max(n - 1, 1))
    alike = np.where(np.abs(gap) > 1e-12, min(1.0, 2.0 ** (1 - n)), 1.0)
    return np.where(error > 1e-12, p, alike)


COLUMNS = [f.name for f in (*fields(Setting), *fields(Result))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--simulations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    arguments = parser.parse_args()
    os.nice(10)
    table = arguments.out / "coverage.csv"
    arguments.out.mkdir(parents=True, exist_ok=True)
    done = _done(table)
    end = time.monotonic() + 60 * arguments.minutes
    with open(table, "a", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
        if not done:
            writer.writeheader()
        for setting in settings(arguments.fast):
            key = tuple(str(value) for value in asdict(setting).values())
            if key in done:
                continue
            if time.monotonic() > end:
                sys.exit("time is up: run it again to go on")
            count = max(400, min(arguments.simulations, 800_000 // setting.n))
            for result in run(setting, count, crc32(repr(setting).encode()) + arguments.seed):
                writer.writerow({**asdict(setting), **_rounded(asdict(result))})
            handle.flush()
    (arguments.out / "coverage.md").write_text(summary(table), encoding="utf-8")


def summary(table: Path) -> str:
    """The table in Markdown: least, mean and greatest rate over the settings of each line."""
    with open(table, newline="") as handle:
        rows = list(csv.DictReader(handle))
    groups: dict[tuple[str, ...], list[float]] = {}
    for row in rows:
        what = row["kind"]
        if what == "interval":
            what += " documents" if row["documents"] != "0" else ""
            what += " repeats" if row["repeats"] != "1" else ""
        key: tuple[str, ...] = (what, row["component"], f"{int(row['n']):4d}", row["method"])
        groups.setdefault(key, []).append(float(row["rate"]))
    lines = [
        "# Do the intervals hold?",
        "",
        *(f"{line}  " for line in _ABOUT),
        "",
        "| what | component | n | method | settings | least | mean | greatest |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for key in sorted(groups, key=lambda k: (k[0], k[1], k[2], k[3] == "after")):
        rates = groups[key]
        numbers = (min(rates), sum(rates) / len(rates), max(rates))
        cells = [*key, str(len(rates)), *(f"{100 * rate:.1f} %" for rate in numbers)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


_ABOUT = (
    "Made by `benchmarks/coverage.py` from `coverage.csv`, which has every setting.",
    "`interval`: how often a 95 % interval holds the truth. `documents`: questions in clusters of "
    "intraclass correlation 0.2, 10 documents or n / 5; `repeats`: three answers per question.",
    "`pair`: how often two equal systems are called different (p < 0.05), with none or 90 % of "
    "their answers shared. `family`: the same for any pair of eight, after Holm's correction.",
    "`power`: how often the stated smallest difference is found. `best`: how often the set of "
    "those that may be the best holds a best one.",
    "`before` is the bootstrap of all questions that was used until this method.",
)


def _done(table: Path) -> set[tuple[str, ...]]:
    if not table.exists():
        return set()
    with open(table, newline="") as handle:
        return {tuple(row[f.name] for f in fields(Setting)) for row in csv.DictReader(handle)}


def _rounded(row: Mapping[str, object]) -> dict[str, object]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}


if __name__ == "__main__":
    main()
