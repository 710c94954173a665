"""Answer: the best system, how certain that is, and what to know before using it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from modellab.core.layout import STATUS, table_file
from modellab.core.records import EXTERNAL, NO_RETRIEVER, Outcome
from modellab.evaluation.compare.entries import CONTROLS, Entry, entry_name, retrievers_alone
from modellab.evaluation.compare.verdict import VerdictKind
from modellab.models.metering import EnergyUsed, energy_used
from modellab.reporting.page.blocks import (
    Block,
    Box,
    Card,
    Cards,
    Facts,
    Fold,
    Link,
    Table,
    Text,
    questions_link,
)
from modellab.reporting.page.numbers import NOTHING, number, seconds
from modellab.reporting.page.pictures import first_picture
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import from_csv, hint_of, label
from modellab.reporting.page.views.checks import count_findings
from modellab.reporting.page.views.systems import (
    OF_BAR,
    OUTCOMES,
    axis_of,
    bounds_of,
    controls_of,
    cost_of,
    explained,
    may_be_best,
    outcome_link,
    price,
    systems_table,
    unclassified,
)

#: the share of questions for which a retriever finds something relevant
_FOUND = "hit_rate@10"
_TONES = {VerdictKind.WINNER: "good", VerdictKind.TIED: "warn", VerdictKind.UNTESTED: "warn"}


def build(results: DatasetResults) -> list[Block]:
    contenders, controls = results.competing
    blocks: list[Block] = []
    if results.missing:
        blocks.append(Text(f"Partial: without {', '.join(results.missing)}.", "warn"))
    blocks += [_verdict(results), Cards(list(_cards(results)))]
    axis = axis_of(results)
    if contenders:
        tested = any(may_be_best(results, entry) for entry in contenders)
        caption = "Blue edge: may be the best, by the tests." if tested else ""
        caption += explained(axis)
        left = [entry for entry in contenders if not entry.beaten]
        blocks.append(systems_table("Systems", caption, left, results, axis))
    early = [entry for entry in contenders if entry.beaten]
    if early:
        caption = "They cannot be the best, and were asked fewer questions: they have no rank."
        table = systems_table("Beaten early", caption, early, results, axis)
        blocks.append(Fold(f"{_counted(len(early), 'system')} beaten early", [table]))
    if controls:
        caption = (
            "The model gets the reference passages, those of another question or none, or the "
            "config declares it a control."
        )
        table = systems_table(CONTROLS, caption, controls, results, axis)
        blocks.append(Fold(f"{_counted(len(controls), 'control run')} (reference points)", [table]))
    if rows := results.table("leaderboard"):
        blocks.append(Fold("All columns of the leaderboard", [_all_columns(results, rows)]))
    blocks.append(Fold("How the score is made", [_metrics(results)]))
    return [*blocks, *first_picture(results)]


def context_line(results: DatasetResults) -> str:
    """What was compared, and the scoring rule, in one line."""
    rules, overall = results.shared_rules, results.components[-1]
    days = [str(run.get("timestamp", ""))[:10] for run in results.runs.values()]
    found = {entry.summary.retriever for entry in results.competing.contenders}
    retrievers = found - {EXTERNAL, NO_RETRIEVER}
    alone = retrievers_alone(results.scores)
    crossed = (
        f" \u00d7 {_counted(len(retrievers), 'retriever')}" if retrievers and not alone else ""
    )
    named = results.settings.get("scorer", {}).get("overall")
    formula = label(named) if named else hint_of(overall, rules.task).split(" (")[0]
    formula = formula.replace("_", " ").replace("`", "")
    parts = [
        f"run of {max(days)}" if any(days) else "",
        _counted(len(results.questions), "question"),
        f"{_counted(len(results.models), 'retriever' if alone else 'model')}{crossed}",
        f"rules: {'' if rules.scorer.startswith(rules.task) else rules.task + ' '}{rules.scorer}",
        f"{label(overall)} = {formula}" if formula else "",
        f"missing answers {'count as wrong' if rules.missing == 'incorrect' else 'are left out'}",
    ]
    return " · ".join(filter(None, parts))


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _verdict(results: DatasetResults) -> Box:
    verdict, status = results.verdict, (results.json(STATUS) or {}).get("status")
    if verdict is None:
        return Box("There is no verdict yet: snakemake writes it with the leaderboard.")
    tone = "bad" if status == "critical" else _TONES.get(verdict.kind, "")
    first, _, rest = verdict.text.partition(". ")
    return Box(f"{first}." if rest else first, [*filter(None, (rest, *_evidence(results)))], tone)


def _evidence(results: DatasetResults) -> Iterator[str]:
    """How certain the verdict is, and the distance of the best system from the user's target."""
    leader, overall = results.leader, results.components[-1]
    if leader is None:
        return
    low, high = bounds_of(results, leader)
    if low is not None and high is not None:
        yield f"Interval of {leader.name}: {low:.2f}\u2013{high:.2f}."
    for row in results.table("minimum_detectable_effect") or ():
        least = number(row["smallest_difference"])
        if row["component"] != overall or least is None:
            continue
        asked = f"{len(results.questions):,} question{'s' * (len(results.questions) != 1)}"
        if least > 1:  # longer than the scale of scores
            yield f"{asked} cannot separate two systems, whatever their difference."
        else:
            yield f"To separate two systems, {asked} need a difference of about {least:.2f}."
    for row in results.table("status") or ():
        good, value = number(row["good"]), number(row["value"])
        if row["metric"] == overall and row["subject"] == leader.name and good is not None:
            gap = "" if value is None else f": {abs(value - good):.2f} "
            side = "" if value is None else "above it" if value >= good else "below it"
            open_ = low is not None and high is not None and low < good <= high
            doubt = "; not certain, as the interval includes the target" if open_ else ""
            yield f"Your target for good is {good:.2f}{gap}{side} (status: {row['status']}{doubt})."


def _cards(results: DatasetResults) -> Iterator[Card]:
    leader = results.leader
    if leader is not None:
        cards = (_how_far, _where_it_fails, _what_it_costs)
        yield from filter(None, (card(results, leader) for card in cards))
    yield _trust(results)


def _how_far(results: DatasetResults, leader: Entry) -> Card | None:
    """None where the leader is shown no passages: it cannot be shown the right ones either."""
    if leader.summary.retriever in (EXTERNAL, NO_RETRIEVER) or retrievers_alone(results.scores):
        return None
    question, found = "How far can it go?", controls_of(results, leader)
    oracle, closed = found.get("oracle"), found.get("none")
    lines = []
    if closed is not None:
        lines.append(Link(f"Without any passages: {closed:.2f}."))
    if oracle is None:
        others = any(entry.summary.role == "oracle" for entry in results.competing.controls)
        missing = f"{leader.name} has no run with the reference passages."
        hint = missing if others else "a retriever of the kind oracle shows it."
        lines.append(Link(f"Not measured: {hint}"))
        return Card(question, NOTHING, lines)
    return Card(question, f"{oracle:.2f}", [Link("with the reference passages (oracle)"), *lines])


def _where_it_fails(results: DatasetResults, leader: Entry) -> Card:
    counts = leader.summary.outcomes
    total = sum(counts.values())
    ends = [o for o in OUTCOMES if o is not Outcome.RIGHT and counts.get(o.value)]
    lines = [Link(f"answers of {leader.name} are not right")] if ends else []
    links = [Link(f"{counts[o.value]} {o.value}", outcome_link(leader, o)) for o in ends]
    lost = next(
        (
            row
            for row in results.table("error_attribution") or ()
            if (row["model"], row["retriever"]) == (leader.model.name, leader.summary.retriever)
            and row["component"] == results.components[-1]
        ),
        None,
    )
    if lost and (loss := number(lost["retrieval_loss"])) is not None:
        links.append(Link(f"{loss:.2f} of the score lost in retrieval", "#retrieval"))
    if not total:
        return _where_it_finds_nothing(leader)
    failing = str(total - counts.get(Outcome.RIGHT.value, 0))
    if partly := unclassified(leader.summary):
        failing += f"\u2013{int(failing) + partly}"
        lines.append(Link(f"{partly} have a score, but no threshold for right (correct_from)."))
    return Card("Where does it fail?", f"{failing} of {total + partly}", lines, links)


def _where_it_finds_nothing(leader: Entry) -> Card:
    """Of a retriever."""
    question, found = "Where does it fail?", leader.summary.metrics.get(_FOUND)
    if found is None or found.value is None:
        return Card(question, NOTHING, [Link("Answers are not right or wrong here.")])
    line = Link("questions have nothing relevant among the first ten")
    missed = f"{round((1 - found.value) * found.n_scored)} of {found.n_scored}"
    return Card(question, missed, [line], [Link("By depth", "#retrieval")])


def _what_it_costs(results: DatasetResults, leader: Entry) -> Card | None:
    """None where nothing was measured, as of answers from a file."""
    cost, took = cost_of(leader.summary), leader.summary.seconds_per_answer
    energy = _energy(results, leader.model.name)
    if took is None and cost is None and energy is None:
        return None
    lines = [
        Link("per answer, by the wall clock" if took else "Time: not measured."),
        Link(f"{price(cost)} per 1,000 answers" if cost is not None else "Price: not known."),
        Link(energy or "Energy: not metered."),
    ]
    return Card("What does it cost?", seconds(took), lines)


def _energy(results: DatasetResults, model: str) -> str | None:
    run = results.runs.get(model, {})
    used: EnergyUsed | None = energy_used(run) if run else None
    if used is None or not run.get("rows"):
        return None
    return f"{1000 * used.watt_hours / run['rows']:.1f} Wh per 1,000 answers"


def _trust(results: DatasetResults) -> Card:
    findings, question = count_findings(results), "Can I trust the run?"
    status = (results.json(STATUS) or {}).get("status")
    part = sum(entry.summary.coverage < 1 for entry in results.entries)
    complete = _counted(part or len(results.entries), "system")
    complete += " did not answer every question." if part else " answered every question."
    links = [Link("See them", "#checks")] if findings else []
    links += [Link(f"Status: {status}", "#checks")] if status else []
    if results.table("audit") is None:
        return Card(question, NOTHING, [Link("The runs were not audited."), Link(complete)], links)
    found = _counted(findings, "finding") if findings else "No findings"
    return Card(question, found, [Link(complete)], links)


def _all_columns(results: DatasetResults, rows: Sequence[Row]) -> Table:
    def rows_with(**filters: str) -> Callable[[Row], str | None]:
        return lambda row: questions_link(
            system=entry_name(row["model"], row["retriever"]), **filters
        )

    links = {"model": rows_with(), **{o.value: rows_with(outcome=o.value) for o in OUTCOMES[:4]}}
    names = [name for name in rows[0] if name not in ("not_distinguishable_from", "models_missing")]
    return from_csv(
        *("Leaderboard", rows, table_file("leaderboard"), "Contenders, best first, then controls."),
        *(names, links, results.shared_rules.task),
    )


def _metrics(results: DatasetResults) -> Facts:
    task = results.shared_rules.task
    items = [(label(name), hint_of(name, task)) for name in reversed(results.components)]
    items.append(("answers", OF_BAR))
    return Facts("", [(name, hint) for name, hint in items if hint])
