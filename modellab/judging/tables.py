"""Tables of judges' scores, and of the meta-evaluation of judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modellab.core.io.frames import write_frame
from modellab.judging.meta_evaluation import agreement, consensus, reliability, scores
from modellab.judging.meta_evaluation.judgements import Judge, judged_answers, read_judgements


@dataclass(frozen=True)
class JudgeStudy:
    """All judges of one dataset. `method` combines the scores of several judges.

    Attributes:
        judgements: Files by judge.
        families: Of the judged models.
        labels: A file of human labels, if there is one.
        controls: By model, the retrievers with which it is a reference point.
    """

    judges: Mapping[str, Judge]
    judgements: Mapping[str, Path]
    families: Mapping[str, str | None]
    labels: Path | None
    min_coverage: float
    method: str
    weighted: bool
    controls: Mapping[str, Sequence[str]] = field(default_factory=dict)


def write_judge_tables(study: JudgeStudy, files: Mapping[str, Path]) -> None:
    """Write the tables `layout.JUDGE_TABLES`, and `judge_scores`: means with counts.

    Raises InputError for labels that cannot be read.
    """
    judgements = read_judgements(study.judges, study.judgements)
    answers = judged_answers(judgements)
    labels = agreement.read_labels(study.labels, answers) if study.labels else agreement.no_labels()
    human = agreement.human_table(answers, labels)
    weights = consensus.weights_of(human) if study.weighted else {}
    controls = {(model, name) for model, names in study.controls.items() for name in names}
    means = scores.score_table(judgements, study.min_coverage)
    repeated = reliability.consistency_table(answers)
    usage = reliability.usage_table(judgements)
    tables = {
        "judge_scores": means,
        "resource_usage": usage,
        "self_consistency": repeated,
        "agreement": agreement.pair_table(answers),
        "alpha": agreement.alpha_table(answers),
        "human": human,
        "confusion": agreement.confusion_table(answers, labels),
        "position_bias": reliability.position_table(judgements),
        "length_bias": reliability.length_table(answers),
        "self_preference": reliability.preference_table(answers, study.families),
        "consensus": consensus.consensus_table(answers, study.method, weights),
        "rankings": consensus.ranking_table(answers, controls),
        "by_generator": scores.generator_table(means),
        "by_benchmark_judge": scores.judge_table(means, repeated, usage),
    }
    for name, table in tables.items():
        write_frame(files[name], table)
