# ruff: noqa: E501 - a metric is a line
"""The metrics of labels and of agreement on labels."""

from modellab.core.metric import metric_families

FAMILY, AGREEMENT = metric_families("""
# labels: Labels
on `label` answers; rows without a true label or without a text are left out
in scores/{model}.json leaderboard.csv tables/labels.csv
accuracy | right labels / rows with a true label | 0 to 1 | higher | a row without a readable label counts as wrong
precision | tp / (tp + fp) of the positive label | 0 to 1 | higher | a row without a readable label is in neither; empty if the denominator is 0; without `positive` the mean over all labels
recall | tp / rows that truly have the positive label | 0 to 1 | higher | a row without a readable label counts as wrong; empty if the denominator is 0; without `positive` the mean over all labels
f1 | 2 tp / (2 tp + fp + fn) of the positive label | 0 to 1 | higher | fn includes rows without a readable label; empty if the denominator is 0; without `positive` the mean over all labels
specificity | tn / rows that truly do not have the positive label | 0 to 1 | higher | a row without a readable label counts as wrong; empty if the denominator is 0; without `positive` the mean over all labels
parse_rate | texts from which a label, or that there is none, could be read / replies | 0 to 1 | higher | `n_failed` counts rows without a reply
tags_f1 | 2 tp / (2 tp + fp + fn) over all rows and tags together (of one row, as a mark) | 0 to 1 | higher | empty if no tag is true or given; tags that cannot be read are not given
correct | 1 if the label is the true one, else 0 | 0 to 1 | higher | empty without a true label
overall | the component that the scorer's `overall` names | 0 to 1 | higher | a row without a readable label counts as wrong

# label_agreement: Agreement on labels
on `label` answers of several systems, right or wrong; first repeats
in tables/label_agreement.csv
agreement_rate | texts to which all systems gave the same label / texts that all gave a label | 0 to 1 | higher | `n_failed` counts texts that a system gave no readable label
pairwise_agreement | texts to which both gave the same label / texts that both gave a label | 0 to 1 | higher | `n_failed` counts texts that one of them gave no readable label
truth_kappa | (observed - chance) / (1 - chance) agreement of a system with the true labels | -1 to 1 | neither | empty without texts, and where only one label is given at all | Cohen 1960
cohen_kappa | (observed - chance) / (1 - chance) agreement of two systems | -1 to 1 | neither | empty without texts, and where only one label is given at all | Cohen 1960
fleiss_kappa | (observed - chance) / (1 - chance) agreement of all systems | -1 to 1 | neither | empty without texts, and where only one label is given at all | Fleiss 1971
""")
