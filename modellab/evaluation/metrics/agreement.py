"""How far systems agree, and what only one of them gets right."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

FAMILY = MetricFamily(
    name="agreement",
    title="Agreement of systems",
    applies_to="all systems of a dataset; first repeats (see agreement.md)",
    tables=("agreement.csv", "unique_wins.csv", "questions_by_difficulty.csv"),
    metrics=(
        MetricDescription(
            "answers",
            "questions to which both systems (all, where none is named) gave the same answer / "
            "questions that both answered",
            "0 to 1",
            Better.NEITHER,
            "answers are normalised; to say that there is none is an answer; failed, unparsed and "
            "missing rows are left out; none where no question is shared",
        ),
        MetricDescription(
            "correctness",
            "questions on which both (all) are right or both (all) wrong / questions that are "
            "marked for both (all)",
            "0 to 1",
            Better.NEITHER,
            "none where a task has no right and wrong, or no question is shared",
            "KohakuRAG_UI agreement_heatmap, with its own denominator",
        ),
        MetricDescription(
            "unique_wins",
            "questions that one system alone is right on; of other models' systems, ensembles do "
            "not count",
            "0 and more",
            Better.HIGHER,
            "among questions that are marked for two systems or more",
            "KohakuRAG_UI unique_wins",
        ),
        MetricDescription(
            "unique_errors",
            "questions that one system alone is wrong on; of other models' systems, ensembles do "
            "not count",
            "0 and more",
            Better.LOWER,
            "as `unique_wins`",
        ),
        MetricDescription(
            "share_wrong",
            "systems that are wrong on a question / systems that are marked on it",
            "0 to 1",
            Better.NEITHER,
            "none where no system is marked on it",
        ),
    ),
)
