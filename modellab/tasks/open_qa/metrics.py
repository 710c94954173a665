# ruff: noqa: E501 - a metric is a line
"""The metrics of free-text answers."""

from modellab.core.metric import metric_families

(FAMILY,) = metric_families("""
# texts: Free-text answers
on `open_qa` answers; the components are means of the marks of the same name; overlap metrics (all but `exact_match` and `semantic_similarity`) read the first 100,000 characters of a text, and scoring warns of each longer answer
in scores/{model}.csv scores/{model}.json leaderboard.csv
exact_match | 1 if answer and reference are the same words and signs in the same order, else 0 | 0 to 1 | higher | case, quotes, Unicode forms and punctuation between words do not count, signs do (-5 is not 5); or as `normalise: squad` does; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows
token_f1 | 2 shared tokens / (tokens of the answer + tokens of the reference) | 0 to 1 | higher | words of any script, case-folded, and signs, with repetition; in languages without spaces characters (docs/languages.md); with `normalise: squad` as SQuAD's script does; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Rajpurkar et al. 2016; as plain, the F measure of ROUGE-1 (Lin 2004)
rouge2 | F measure of shared pairs of words | 0 to 1 | higher | as in `token_f1`; equal texts of one word have 1; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Lin 2004
rougeL | F measure of the longest common sequence of words | 0 to 1 | higher | as in `token_f1`; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Lin 2004
bleu | sentence BLEU / 100, smoothed, up to the order that the answer has | 0 to 1 | higher | tokenizer `intl`, `zh` or `char` by the language, case counts; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Papineni et al. 2002 (sacrebleu)
chrf | sentence chrF2 / 100: runs of up to 6 letters | 0 to 1 | higher | case counts; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Popovic 2015 (sacrebleu)
semantic_similarity | cosine of the embedding vectors of answer and reference; below 0 counts as 0 | 0 to 1 | higher | left out without an `embedder`; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows
bleu_corpus | BLEU / 100 over all answers: counts are added up, then divided | 0 to 1 | higher | several right answers are several references; not the mean of `bleu`; rows without an answer are empty texts | Papineni et al. 2002 (sacrebleu)
chrf_corpus | chrF2 / 100 over all answers: counts are added up, then divided | 0 to 1 | higher | the nearest of several right answers; not the mean of `chrf`; rows without an answer are empty texts | Popovic 2015 (sacrebleu)
correct | 1 if the mark named `overall` is at least `correct_from`, else 0 | 0 to 1 | higher | left out without `correct_from`
accuracy | share of rows with `correct` | 0 to 1 | higher | left out without `correct_from`
overall | the component that the scorer's `overall` names | 0 to 1 | higher | 0 for abstained, failed, unparsed and missing rows
""")
