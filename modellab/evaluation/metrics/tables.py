# ruff: noqa: E501 - a metric is a line
"""The metrics of tables, a line each: name | formula | range | better | edge cases | source.

A family begins with its name and title, then `on` what it is and `in` which tables.
"""

TABLES = """
# outcomes: Outcomes of rows
on all tasks, per model and retriever, over all repeats
in scores/{model}.json leaderboard.csv
coverage | questions that have a row / questions of the dataset | 0 to 1 | higher | below 1 only where a submission lacks rows, or a dataset is asked in rounds
asked | questions that were put to the system | 0 or more | neither | fewer than all only where a dataset is asked in rounds; `stopped` and `beaten_by` then say why
verbatim | answers that equal the reference, letter by letter; abstentions of unanswerable questions count | 0 or more | neither | all of a submission: it is probably the answer key (see `answer_key` in docs/audit.md)
answered | rows from which an answer was read | 0 or more | neither
abstained | rows in which the model says that it cannot answer | 0 or more | neither
unparsed | rows with a text from which no answer could be read | 0 or more | lower
failed | rows for which the provider gave an error | 0 or more | lower
missing | questions for which a submission has no row | 0 or more | lower
right | rows with the right answer, or that abstain where the question is unanswerable | 0 or more | higher | with repeats, rows and not questions
wrong | rows that answer an answerable question, and not rightly | 0 or more | lower | 0 where the scorer does not say from when on an answer is right
declined | rows that abstain though there is an answer | 0 or more | lower
hallucinated | rows that answer an unanswerable question, whatever they say | 0 or more | lower
abstention_precision | abstentions on unanswerable questions / all abstentions | 0 to 1 | higher | empty where no row abstains
abstention_recall | abstentions on unanswerable questions / rows of unanswerable questions | 0 to 1 | higher | empty where no question is unanswerable; a row without an answer does not abstain
expected_calibration_error | mean distance of confidence and share right over ten bins, weighted by their answers | 0 to 1 | lower | over rows with a `confidence` (an option of transformers models); only in scores | Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017
abstention_{kind}_n | the rows below the line | 0 or more | neither
{component}_n | `n_scored` of the component | 0 or more | neither
{component}_failed | `n_failed` of the component | 0 or more | lower
overall_score | the last component of the scorer, under its published name | that of the component | higher
na_accuracy | `na_recall` under its published name | 0 to 1 | higher
error_count | `failed` under its published name | 0 or more | lower

# resource_usage: Resource usage
on all tasks, per model and retriever, over all repeats
in scores/{model}.json leaderboard.csv
avg_latency_seconds | mean time from request to answer; an answer of a batch has the time of the batch, a row asked again that of all attempts | 0 or more (seconds) | lower | over the `latency_n` rows with a text that tell it; failed rows have no part
p{n}_latency_seconds | the time that n percent of answers stay within | 0 or more (seconds) | lower | over the `latency_n` rows with a text that tell it; failed rows have no part | numpy.percentile, method linear: between two observed values, so never outside of them
total_time_seconds | wall clock of generation (shared by answers that overlap) and of retrieval | 0 or more (seconds) | lower | of generation and retrieval together; each alone is in `generation` and `retrieval`
seconds_per_answer | wall clock of generation / rows with a text | 0 or more (seconds) | lower | what failed rows took is in it
items_per_second | rows with a text / wall clock of generation | 0 or more | higher | over the rows that tell it; empty where none does
mean_concurrency | sum of latencies / wall clock of generation: answers under way at a time | 0 or more | neither | over the rows that tell it; empty where none does
{input_or_output}_tokens | sum of the tokens of prompts (input) or answers (output), of all attempts | 0 or more | lower | over the rows that tell it; empty where none does; of generation and retrieval together; each alone is in `generation` and `retrieval`
cost_usd | sum of what the price table makes of the tokens, of all attempts | 0 or more (USD) | lower | empty, not 0, for a model without a price; of generation and retrieval together; each alone is in `generation` and `retrieval`
estimated_cost_usd | `cost_usd` in score files | 0 or more (USD) | lower
total_retries | requests that were sent again after an error | 0 or more | lower

# retrieval: Retrieval
on retrievers, against `relevant_chunks` (level chunk) and `references` (level document) of the questions; a document has the rank of its first chunk, and k counts documents
in retrieval.csv tables/retrieval/{retriever}.csv
retrieval_consistency | share of questions for which two searches find the same chunks in the same order | 0 to 1 | higher | all questions count, also unjudged ones; two searches by two processes

# embedding_space: Embedding space
on each entry of `embedders`, over the questions and over the chunks; of more than 10,000 texts that many are drawn with the seed (`n_scored` of `n_texts`). Cosine distance is 1 - cosine
in tables/embedding_space.csv
avg_nn_distance | mean cosine distance of each text to its 5 nearest others | 0 to 2 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`); fewer than 6 texts: all others
std_nn_distance | standard deviation of these distances | 0 to 1 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
density_score | 1 / (avg_nn_distance + 0.000001) | 0.5 to 1,000,000 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
avg_spread | mean Euclidean distance from the mean of all vectors | 0 to 2 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
max_spread | greatest such distance | 0 to 2 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
spread_std | standard deviation of such distances | 0 to 1 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
effective_dimensionality | the least number of principal directions that hold 95 % of the variance | 0 to dimensions | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`); 0 where all vectors are equal
avg_pairwise_distance | mean cosine distance of all pairs | 0 to 2 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
std_pairwise_distance | standard deviation of these distances | 0 to 1 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
min_pairwise_distance | least of these distances | 0 to 2 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
max_pairwise_distance | greatest of these distances | 0 to 2 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`)
cache_hit_rate | share of questions with a cosine above 0.85 to an earlier question of the set: what a cache of answers, empty at first, would have found | 0 to 1 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`); of questions only
context_preservation | mean cosine of each question with the one before it; it is also called multi-turn consistency | -1 to 1 | neither | empty for fewer than two texts; texts without a vector are left out (`n_failed`); of questions only, in the order of their file

# error_attribution: Error attribution
on each model, retriever and component, over answerable questions only: scores with the reference passages (`oracle`), with the retriever's (`retrieved`), another question's (`shuffled`) and no passages (`none`: what the model knew without documents)
in tables/error_attribution.csv
retrieval_loss | oracle - retrieved: what retrieval loses | -1 to 1 for scores from 0 to 1 | lower | empty, with a `reason`, where one of the two is missing or scored on different rows; its interval is the score interval of paired differences
reading_loss | 1 - oracle: the loss in reading | -1 to 1 for scores from 0 to 1 | lower | empty where a perfect score is not 1
retrieval_gain | retrieved - none: what documents add to what the model knew | -1 to 1 for scores from 0 to 1 | higher | empty, with a `reason`, where one of the two is missing or scored on different rows; its interval is the score interval of paired differences
wrong_text_harm | none - shuffled: what wrong passages cost | -1 to 1 for scores from 0 to 1 | lower | empty, with a `reason`, where one of the two is missing or scored on different rows; its interval is the score interval of paired differences

# synthetic_ranking: Ranking on synthetic questions
on the contenders that answered both the synthetic questions and those of people about the same corpus
in tables/synthetic_ranking.csv
kendall_tau | (pairs of systems in the same order - pairs in the opposite order) / pairs, corrected for ties | -1 to 1 | higher | empty for fewer than two systems, and where all have one score; the interval is that of a bootstrap over the questions of both datasets | tau-b, scipy.stats.kendalltau

# efficiency: Performance
on each model with each retriever, and with all together; generation time is that of the generation itself (of its whole batch; of a row that was asked again, of all attempts), wall time adds the wait before the request. Rates are per second of the wall clock of generation, each moment of which is shared equally by the requests in flight (docs/performance.md)
in tables/efficiency.csv
success_rate | rows with an answer or an abstention / rows asked | 0 to 1 | higher | rows that a submission lacks were never asked; `n_failed`: failed and unparsed rows
mean_generation_seconds | mean generation time | 0 or more (seconds) | lower | over rows with a text; rows that failed have no part in latencies (`n_failed`)
p{n}_generation_seconds | the time that n percent of generations stay within | 0 or more (seconds) | lower | over rows with a text; rows that failed have no part in latencies (`n_failed`) | numpy.percentile, method linear: never outside of the observed times
mean_wall_seconds | mean of generation time and waiting time together | 0 or more (seconds) | lower | over rows with a text; rows that failed have no part in latencies (`n_failed`)
p{n}_wall_seconds | the time that n percent stay within | 0 or more (seconds) | lower | over rows with a text; rows that failed have no part in latencies (`n_failed`) | numpy.percentile, method linear: never outside of the observed times
seconds_per_answer | wall clock of generation / rows with a text | 0 or more (seconds) | lower | rows with a text count; what failed rows took of the wall clock is in it; empty for answers that were not timed
mean_concurrency | sum of generation times / wall clock of generation: requests in flight at a time | 0 or more | neither | less than 1 where nothing was in flight for a while, such as at a rate limit
items_per_second | rows with a text / wall clock of generation | 0 or more | higher | rows with a text count; what failed rows took of the wall clock is in it; empty for answers that were not timed
fields_per_second | values in the answers (of extracted records: all that are not null) / that wall clock | 0 or more | higher | rows with a text count; what failed rows took of the wall clock is in it; empty for answers that were not timed; unparsed rows hold no value
mean_entries | mean number of objects in the lists of an extracted record | 0 or more | neither | only for `extract`; over rows with a record, `n_failed`: those without
entries_per_second | objects in the lists of extracted records / wall clock of generation | 0 or more | higher | only for `extract`; rows with a text count; what failed rows took of the wall clock is in it; empty for answers that were not timed; unparsed rows hold none
output_tokens_per_second | tokens of the answers / wall clock of generation | 0 or more | higher | rows with a text count; what failed rows took of the wall clock is in it; empty for answers that were not timed
generation_seconds | wall clock of making the answers | 0 or more (seconds) | lower | retrieval is done once for all repeats; loading is not included; a total is empty where a part of it is not known
generation_{input_or_output}_tokens | tokens of prompts (input) or replies (output) of making the answers | 0 or more | lower | a total is empty where a part of it is not known
generation_cost_usd | what the price table makes of the tokens of making the answers | 0 or more (USD) | lower | empty, not 0, where the cost of a text is not known; a total is empty where a part of it is not known
retrieval_seconds | wall clock of finding the passages: search, reranking, planning of queries | 0 or more (seconds) | lower | retrieval is done once for all repeats; loading is not included; a total is empty where a part of it is not known
retrieval_{input_or_output}_tokens | tokens of prompts (input) or replies (output) of finding the passages: search, reranking, planning of queries | 0 or more | lower | a total is empty where a part of it is not known
retrieval_cost_usd | what the price table makes of the tokens of finding the passages: search, reranking, planning of queries | 0 or more (USD) | lower | empty, not 0, where the cost of a text is not known; a total is empty where a part of it is not known
total_seconds | wall clock of both | 0 or more (seconds) | lower | retrieval is done once for all repeats; loading is not included; a total is empty where a part of it is not known
total_{input_or_output}_tokens | tokens of prompts (input) or replies (output) of both | 0 or more | lower | a total is empty where a part of it is not known
total_cost_usd | what the price table makes of the tokens of both | 0 or more (USD) | lower | empty, not 0, where the cost of a text is not known; a total is empty where a part of it is not known
run_wall_seconds | what all runs that made the answers took, loading included | 0 or more (seconds) | lower | only of `(all)`; `n_scored` runs; `n_failed` were killed and report nothing
other_work_cores | processor cores at work for anything else while the answers were made, on average | 0 or more | neither | only of `(all)`; from 0.25 on times are marked as not measured alone

# consistency: Consistency over repeats
on each model with each retriever; `repeats` says over how many
in tables/consistency.csv leaderboard.csv scores/{model}.json
exact_agreement | share of later repeats whose answer equals the first's in every field, but for outer spaces | 0 to 1 | higher | mean over questions with two answers or more; empty for one repeat; repeats without an answer are left out (`n_failed` rows) | Model Lab tier 2, but one repeat has no value (there: 1)
{field}_agreement | the same for one field of the answer | 0 to 1 | higher | mean over questions with two answers or more; empty for one repeat; repeats without an answer are left out (`n_failed` rows)
semantic_agreement | mean cosine of the embeddings of all pairs of a question's answers; equal texts have 1 | -1 to 1 | higher | mean over questions with two answers or more; empty for one repeat; repeats without an answer are left out (`n_failed` rows) | Model Lab tier 2, but one repeat has no value (there: 1)
passage_agreement | share of later repeats that were shown the same passages as the first | 0 to 1 | higher | mean over questions with two answers or more; empty for one repeat; repeats without an answer are left out (`n_failed` rows) | Model Lab retrieval_consistency
extraction_names_agreement | entries that both records of a pair have / all entries | 0 to 1 | higher | mean over questions with two answers or more; empty for one repeat; repeats without an answer are left out (`n_failed` rows) | lab-extractor self_consistency_score, over all pairs of repeats
extraction_values_agreement | entries of equal value (numbers within 1 %) / all entries | 0 to 1 | higher | mean over questions with two answers or more; empty for one repeat; repeats without an answer are left out (`n_failed` rows) | lab-extractor self_consistency_score, over all pairs of repeats
extraction_units_agreement | entries of equal unit / entries with a unit | 0 to 1 | higher | mean over questions with two answers or more; empty for one repeat; repeats without an answer are left out (`n_failed` rows); where units exist | lab-extractor self_consistency_score, over all pairs of repeats
extraction_overall_agreement | checks of names, values and units that hold / all checks | 0 to 1 | higher | mean over questions with two answers or more; empty for one repeat; repeats without an answer are left out (`n_failed` rows) | lab-extractor self_consistency_score, over all pairs of repeats
{component}_repeat_sd | standard deviation (n - 1) of the component over the repeats, each scored alone | 0 or more | lower | empty for fewer than two repeats with a value; `n_scored` counts them
{component}_repeat_range | greatest - least value of the component over the repeats | 0 or more | lower | as {component}_repeat_sd
overall_score_repeat_sd | that of the overall score, beside it in the leaderboard | 0 or more | lower | as {component}_repeat_sd
repeat_noise | sd, range and number of repeats of every component, in score files | 0 or more | lower | as {component}_repeat_sd

# judge_scores: Scores that judges give
on per judge, model and retriever; answers, of which repeated judgements are averaged
in judge_scores.csv
faithfulness | rubric: how far the answer is backed by the passages, mean score; RAGAS: statements of the answer that the passages support / all its statements | rubric 1 to 5, RAGAS 0 to 1 | higher | not applicable without passages; not applicable to abstentions; an unreadable reply is failed, never a default | RAGAS, as its library computes it
relevance | rubric: how well the answer meets the question, mean score | 1 to 5 | higher | not applicable to abstentions; an unreadable reply is failed, never a default
correctness | rubric: how far the answer agrees with the reference, mean score | 1 to 5 | higher | abstentions are judged; not applicable without a reference
end_to_end | rubric: the answer as a whole beside the reference, mean score | 1 to 5 | higher | abstentions are judged; not applicable without a reference
pairwise | mean over both orders of 1 (better than the other model's answer), 0.5 (tie), 0 | 0 to 1 | higher | failed unless both orders have a verdict
answer_relevancy | mean cosine of the question and the questions that a judge makes from the answer; 0 where all of them say that the answer is evasive | -1 to 1 | higher | failed where a question has no known word; not applicable to abstentions | RAGAS, as its library computes it
context_precision | average precision of the passages that are useful for the reference answer | 0 to 1 | higher | 0 where none is useful; not applicable without a reference or passages | RAGAS, as its library computes it
context_recall | statements of the reference that the passages hold / all its statements | 0 to 1 | higher | not applicable without a reference or passages | RAGAS, as its library computes it
context_utilization | average precision of the passages that are useful for the answer that was given | 0 to 1 | higher | not applicable without passages | RAGAS, as its library computes it
context_relevance | how far the passages are about the question: mean of two ratings from 0 to 2, / 2 | 0 to 1 | higher | not applicable without passages | RAGAS, as its library computes it
factual_correctness | F1 of the claims of the answer and of the reference that support each other | 0 to 1 | higher | not applicable without a reference | RAGAS, as its library computes it
answer_correctness | 0.75 F1 of statements shared with the reference + 0.25 cosine of the two texts | 0 to 1 | higher | not applicable without a reference | RAGAS, as its library computes it
answer_accuracy | agreement with the reference: mean of two ratings of 0, 2 or 4, / 4 | 0 to 1 | higher | not applicable without a reference | RAGAS, as its library computes it
noise_sensitivity | statements of the answer that are wrong though relevant passages carry them / all | 0 to 1 | lower | not applicable without a reference or passages | RAGAS, as its library computes it
response_groundedness | how far passages carry the answer: mean of two ratings from 0 to 2, / 2 | 0 to 1 | higher | not applicable without passages | RAGAS, as its library computes it
value_strict | the mean with the lowest score for each answer that the model failed to give | that of the metric | higher | answers that the judge failed at are in neither mean

# judges: Judges judged
on per judge, or pair of judges, and metric
in tables/judges/*.csv
self_consistency | pairs of repeats of one judgement that differ by 0.5 at most (0.125 on a scale from 0 to 1) / all pairs | 0 to 1 | higher | no row with one repeat; answers with a failed repeat are left out and counted
error_rate | judgements without a score through the judge's fault / judgements asked for | 0 to 1 | lower
kappa | Cohen's kappa of whole scores with quadratic weights; on a scale from 0 to 1, of whether the score is 0.5 or more | -1 to 1 | higher | empty where only one category occurs | Cohen 1968, scikit-learn
alpha | Krippendorff's alpha over all judges: ordinal from 1 to 5, interval from 0 to 1 | at most 1 | higher | missing scores are left out; empty where only one value occurs | Krippendorff 2004, krippendorff
base_rate | share of the most frequent human label: the accuracy of saying always the same | 0 to 1 | neither
position_bias | share of pairs that favour the first answer in both orders - share that favour the second | -1 to 1 | neither | 0 is unbiased; pairs without both verdicts are failed
length_bias | Spearman's correlation of score and answer length in words, both relative to the mean of the question | -1 to 1 | neither | questions with one answer say nothing
self_preference | (own - own by other families' judges) - (others - others by them) | minus to plus twice the scale | neither | empty without a family, or without another family's judge

# ranking: Ranking by several metrics
on datasets with a `ranking`, per model and retriever
in tables/overall_ranking.csv tables/rank_summary.csv
aggregate | sum over metrics of weight * value, the weights divided by their sum | as the metrics; 0 to 1 where all of them are | higher | none where a metric is missing; `missing: zero` counts 0 for it | published rankings of RAGAS scores: faithfulness 0.4, answer relevancy 0.3, context precision 0.2, context recall 0.1

# statistics: How sure the scores are
on all systems of a dataset
in leaderboard.csv statistics.csv comparisons.csv tables/ranks.csv tables/minimum_detectable_effect.csv tables/noise_budget.csv
overall_low | lower end of the overall score's interval: score intervals of the answerable and the unanswerable questions, put together by the squares of their distances | as the overall score | neither | none without a row, over measures that are no sum over rows, and of one document where questions are clustered | Wilson (1927), Tango (1998), Zou and Donner (2008)
overall_high | upper end of the overall score's interval | as the overall score | neither | as `overall_low`
may_be_best | whether a contender is in the model confidence set | True or False | neither | empty for controls, without a value, and where less is not worse nor better | Hansen, Lunde and Nason (2011)
may_be_best_by_document | the same where only questions about different documents are independent | True or False | neither | of the overall score; empty with `cluster: document` and with one document | Hansen, Lunde and Nason (2011)
shared_questions | the questions that all contenders have, by which `may_be_best` goes | 0 or more | neither | as `may_be_best`
correctness | of the questions that only one of two systems gets right: wins less losses, over all shared questions; McNemar's exact test | -1 to 1 | neither | none where a task has no right and wrong; repeats count by majority | McNemar (1947)
smallest_difference | the true difference that would be found with the power named: critical value and power in standard errors, which grow with it; in the table the median over all pairs | 0 and more; above the length of the scale: no difference is sure to be found | lower | none without two systems that have the component
further_questions | how many more questions of the kind it takes to find the observed difference with the power named | 0 or more | lower | none where there is no difference
variance | what a source (questions, repeats, retriever) adds to the variance of a score: exact sums of squares within strata | 0 and more | lower | questions and repeats together where each question was asked once

# agreement: Agreement of systems
on all systems of a dataset; first repeats (see agreement.md)
in tables/agreement.csv tables/unique_wins.csv tables/questions_by_difficulty.csv
answers | questions to which both systems (all, where none is named) gave the same answer / questions that both answered | 0 to 1 | neither | answers are normalised; to say that there is none is an answer; failed, unparsed and missing rows are left out; none where no question is shared
correctness | questions on which both (all) are right or both (all) wrong / questions that are marked for both (all) | 0 to 1 | neither | none where a task has no right and wrong, or no question is shared | KohakuRAG_UI agreement_heatmap, with its own denominator
unique_wins | questions that one system alone is right on; of other models' systems, ensembles do not count | 0 and more | higher | among questions that are marked for two systems or more | KohakuRAG_UI unique_wins
unique_errors | questions that one system alone is wrong on; of other models' systems, ensembles do not count | 0 and more | lower | as `unique_wins`
share_wrong | systems that are wrong on a question / systems that are marked on it | 0 to 1 | neither | none where no system is marked on it
"""
