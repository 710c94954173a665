"""Biases of judges: by position, by length of the answer, for the own family."""

import math
from collections.abc import Mapping

import pandas as pd

from modellab.judging.meta_evaluation.agreement import spearman
from modellab.judging.meta_evaluation.judgements import ANSWER, MEASURE, mean, measures
from modellab.judging.rubric.options import PAIRWISE

POSITION = (
    *("judge", "consistent", "first_favoured", "second_favoured", "position_bias"),
    *("n_scored", "n_failed"),
)
LENGTH = ("judge", "kind", "metric", "value", "n_scored", "n_failed")
PREFERENCE = (
    *("judge", "family", "kind", "metric", "value", "own", "own_by_others", "other"),
    *("other_by_others", "n_own", "n_other"),
)


def position_table(judgements: pd.DataFrame) -> pd.DataFrame:
    """By judge: the share of comparisons whose winner does not depend on the order.

    The others favour the first or the second answer; `position_bias` is the difference of these
    shares, from -1 to 1. Comparisons without a verdict for both orders are `n_failed`.
    """
    shown = judgements["shown"] != ""
    asked = judgements[(judgements["metric"] == PAIRWISE) & shown & (judgements["calls"] > 0)]
    pair = ["judge", "model", "other", "retriever", "question_id", "repeat", "judge_repeat"]
    both = asked.pivot_table(
        index=pair, columns="shown", values="value", aggfunc="last", dropna=False
    ).reindex(columns=["first", "second"])
    both = both.reindex(pd.MultiIndex.from_frame(asked[pair].drop_duplicates()))
    rows = []
    for judge, group in (both["first"] - both["second"]).groupby("judge"):
        gaps = group.dropna()
        first, second = mean((gaps > 0).astype(float)), mean((gaps < 0).astype(float))
        rows.append(
            {
                "judge": judge,
                "consistent": mean((gaps == 0).astype(float)),
                "first_favoured": first,
                "second_favoured": second,
                "position_bias": first - second,
                "n_scored": len(gaps),
                "n_failed": len(group) - len(gaps),
            }
        )
    return pd.DataFrame(rows, columns=list(POSITION))


def length_table(answers: pd.DataFrame) -> pd.DataFrame:
    """By judge and metric: Spearman's correlation of score and answer length in words.

    Both relative to their means over all answers to the same question, as some questions need
    longer answers.
    """
    rows = []
    for (kind, metric, judge), group in answers.groupby([*MEASURE, "judge"]):
        scored = group.dropna(subset="value").astype({"answer_words": float})
        by_question = scored.groupby("question_id")
        several = by_question["value"].transform("size") > 1
        # rounded, so that equal deviations stay equal whatever the order of the sums
        value, words = (
            (scored[name] - by_question[name].transform(mean))[several].round(9)
            for name in ("value", "answer_words")
        )
        rows.append(
            {
                "judge": judge,
                "kind": kind,
                "metric": metric,
                "value": spearman(words.tolist(), value.tolist()),
                "n_scored": len(value),
                "n_failed": len(group) - len(scored),
            }
        )
    return pd.DataFrame(rows, columns=list(LENGTH))


def preference_table(answers: pd.DataFrame, families: Mapping[str, str | None]) -> pd.DataFrame:
    """By judge with a family, and metric: how much it favours models of its own family.

    `value` = (own - own_by_others) - (other - other_by_others): its surplus over judges of other
    families for models of its own family, less that for all other models. Only answers that it
    and another judge scored count. `families` are those of the models.
    """
    rows = []
    for measure, group in measures(answers):
        for (judge, family), mine in group.dropna(subset="family").groupby(["judge", "family"]):
            strangers = group[group["family"].fillna("") != family]
            theirs = strangers.groupby(ANSWER)["value"].agg(mean).rename("theirs")
            both = mine.join(theirs, on=ANSWER).dropna(subset=["value", "theirs"])
            is_own = both["model"].map(families.get) == str(family)
            own, rest = both[is_own], both[~is_own]
            means = [mean(side[name]) for side in (own, rest) for name in ("value", "theirs")]
            rows.append(
                {
                    "judge": judge,
                    "family": family,
                    **measure.names(),
                    "value": math.nan
                    if any(map(math.isnan, means))
                    else (means[0] - means[1]) - (means[2] - means[3]),
                    **dict(
                        zip(
                            ("own", "own_by_others", "other", "other_by_others"), means, strict=True
                        )
                    ),
                    "n_own": len(own),
                    "n_other": len(rest),
                }
            )
    return pd.DataFrame(rows, columns=list(PREFERENCE))
