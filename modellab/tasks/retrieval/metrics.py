# ruff: noqa: E501 - a metric is a line
"""The metrics of rankings, per question and as their means."""

from modellab.core.metric import metric_families

(FAMILY,) = metric_families("""
# rankings: Rankings
on `retrieval` tasks: what each retriever finds, of documents or chunks (`level`); questions without judgements have no marks
in scores/{model}.csv scores/{model}.json leaderboard.csv
hit_rate@{k} | share of questions with a relevant item among the first k | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
precision@{k} | relevant items among the first k / k | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
recall@{k} | relevant items among the first k / all relevant items | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
mrr | mean of 1 / rank of the first relevant item; 0 if none is in the first 10 | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
ndcg@{k} | sum of grade / log2(rank + 1) over the relevant items among the first k, divided by the greatest possible sum; without grades each is 1 | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
overall | the metric that the scorer's `overall` names, by default `ndcg@10` | 0 to 1 | higher | the mean over judged questions
""")
