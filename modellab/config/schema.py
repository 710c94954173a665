"""Every key of the config: its type, default and description.

Exported as `resources/config.schema.json` for editors and as the reference in the documentation.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, Field, PositiveInt, StringConstraints, model_validator

from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.options import Options
from modellab.core.text.languages import AUTO, LanguageOption
from modellab.corpus.options import CorpusOptions
from modellab.evaluation.adaptive.options import AdaptiveOptions
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.compare.ranking_options import RankingOptions
from modellab.evaluation.query_log.options import QueryLogOptions
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.targets.options import TargetsOptions
from modellab.generation.synthesis.options import SynthesisOptions
from modellab.judging import JudgeEntry
from modellab.models.registry import EmbedderEntry, ModelEntry
from modellab.questions import FormatEntry
from modellab.questions.protocol import QuestionFormat, RowFormat
from modellab.questions.selection import COLUMNS
from modellab.questions.table import TableFormat
from modellab.questions.table_columns import Field as QuestionField
from modellab.retrieval import RetrieverEntry
from modellab.tasks import ScorerEntry, TaskEntry
from modellab.tasks.protocol import TaskOptions

#: names are parts of file paths: no `/`, `:` or spaces
SLUG_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,79}$"
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]


#: bytes; file systems allow 255, and some are needed for other files
_LONGEST_NAME = 200


def _usable_folder(path: Path) -> Path:
    text = str(path)
    if text in ("", ".", "..", "/", ".git", ".snakemake") or path == path.parent:
        raise ValueError(f"{text!r} cannot be the folder of results; write a name such as results")
    if any(len(part.encode()) > _LONGEST_NAME for part in path.parts):
        raise ValueError(f"a name of a folder has at most {_LONGEST_NAME} bytes")
    if found := re.search(r"[*?\[\]{}<>~\n\r\t]", text):
        raise ValueError(f"{text!r} contains {found[0]!r}, which shells and Snakemake expand")
    return path


class DatasetOptions(Options):
    """A set of questions, and how they are asked and scored."""

    corpus: str | None = Field(
        None,
        description="the corpus that the questions are about; null: models get no passages",
    )
    questions: Path | None = Field(
        None,
        description="the file or folder of questions, or a data set of the hub: "
        "`hf://datasets/OWNER/NAME`",
    )
    sql: SqlOptions | None = Field(
        None, description="a database query instead of a file (docs/databases.md)"
    )
    language: LanguageOption = Field(
        AUTO,
        description="the language of questions and answers, a code such as en, zh or tr (ISO "
        "639-1); auto: that of the corpus if given, otherwise detected",
    )
    format: FormatEntry = Field(
        TableFormat(kind="table"),
        description="the format of the file of questions: a name, or a map with options",
    )
    columns: dict[QuestionField, str] = Field(
        default_factory=dict,
        description="by field the name of its column, such as `{question: Frage}`; other columns "
        "are recognised by their names",
    )
    split: str | None = Field(
        None,
        description="ask only the questions with this tag, such as a split or a topic; null: all. "
        "In a folder of the datasets library, the split to read",
    )
    task: TaskEntry = Field(
        cast(Any, None),
        description="how questions are asked and answers parsed: a name, or a map with options; "
        "default: inferred from the columns of the questions",
    )
    prompt: Path | None = Field(
        None,
        description="the prompt template; default: the task's; a model's own overrides it",
    )
    scorer: ScorerEntry | None = Field(
        None,
        description="how answers are scored: a name, or a map with options; default: the task's",
    )
    missing: Literal["incorrect", "ignore"] = Field(
        "incorrect", description="incorrect: a missing row counts as wrong; ignore: it is excluded"
    )
    retrievers: tuple[str, ...] | None = Field(
        None, min_length=1, description="the retrievers to compare; default: all"
    )
    adaptive: AdaptiveOptions | None = Field(
        None,
        description="ask in rounds, and stop asking models that cannot be the best "
        "(docs/adaptive.md); null: ask every model all questions",
    )
    ranking: RankingOptions | None = Field(
        None, description="a ranking by several metrics at once; null: none"
    )

    @property
    def question_format(self) -> QuestionFormat:
        """The format with the columns and the split of the dataset."""
        if not isinstance(self.format, RowFormat):
            return self.format
        own = {"columns": {**self.format.columns, **self.columns}}
        split = {"split": self.split} if self.format.split is None else {}
        return self.format.model_copy(update={**own, **split})

    @property
    def task_is_inferred(self) -> bool:
        return "task" not in self.model_fields_set

    def with_inferred(self, task: TaskOptions) -> DatasetOptions:
        """The dataset with an inferred task."""
        fields = {**dict(self), "task": task}
        return DatasetOptions.model_construct(_fields_set=self.model_fields_set, **fields)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.questions is None) == (self.sql is None):
            raise ValueError("give either questions or sql")
        if self.columns and self.sql is not None:
            raise ValueError("`columns` apply to a file; `sql` has its own `columns`")
        if self.columns and not isinstance(self.format, RowFormat):
            raise ValueError(
                f"the format {self.format.kind!r} has fixed names; leave `columns` out"
            )
        # not `model_fields_set`: a config dumped as plain data has every key
        if self.sql is not None and self.format != type(self).model_fields["format"].default:
            raise ValueError("format is of a file of questions; leave it out for a database")
        unknown = sorted(set(self.sql.columns if self.sql else ()) - set(COLUMNS))
        if unknown:
            raise ValueError(f"sql.columns: unknown {unknown[0]!r}; known: {', '.join(COLUMNS)}")
        return self


class JudgingOptions(Options):
    """How judgements are aggregated, and what judges are compared with."""

    min_coverage: float = Field(
        default=0.9, ge=0, le=1, description="means over a smaller share of rows are marked"
    )
    human_labels: dict[Slug, Path] = Field(
        default_factory=dict,
        description="by dataset: a CSV file with question_id, model, metric, value, and optionally "
        "retriever, repeat and the kind of judge",
    )
    consensus: Literal["mean", "median"] = Field(
        default="mean", description="how the scores of several judges are combined"
    )
    weighted: bool = Field(
        default=True,
        description="whether judges are weighted by their agreement with human labels, if there "
        "are any",
    )


class Config(Options):
    """One benchmark: corpora, questions, retrievers and models by name."""

    results: Annotated[Path, AfterValidator(_usable_folder)] = Field(
        Path("results"), description="the folder that all results are written to"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="the seed of everything random")
    limit: PositiveInt | None = Field(
        None, description="ask only the first questions of each dataset; null: all"
    )
    max_models: PositiveInt | None = Field(
        None, description="refuse to start with more enabled models; null: any number"
    )
    partial: bool = Field(
        False,
        description="ask no model: make tables and plots, marked as partial, of the models that "
        "have predictions",
    )
    retry_failed: bool = Field(
        True,
        description="ask again for failed rows that may succeed now (key, server, limits); false: "
        "keep them",
    )
    databases: dict[Slug, DatabaseOptions] = Field(
        default_factory=dict, description="databases, existing or restored from a dump, by name"
    )
    corpora: dict[Slug, CorpusOptions] = Field(
        default_factory=dict, description="documents, by name"
    )
    datasets: dict[Slug, DatasetOptions] = Field(min_length=1, description="questions, by name")
    embedders: dict[Slug, EmbedderEntry] = Field(
        default_factory=dict, description="models that turn text into vectors, by name"
    )
    retrievers: dict[Slug, RetrieverEntry] = Field(
        default_factory=dict, description="how passages are found for a question, by name"
    )
    models: dict[Slug, ModelEntry] = Field(
        default_factory=dict,
        description="models, by name; without any, only retrievers are compared",
    )
    query_logs: dict[Slug, QueryLogOptions] = Field(
        default_factory=dict, description="tables of real users' queries, by name"
    )
    synthesize: dict[Slug, SynthesisOptions] = Field(
        default_factory=dict, description="questions that models write from chunks, by name"
    )
    statistics: StatisticsOptions = Field(
        default=StatisticsOptions(), description="confidence intervals and tests"
    )
    audit: AuditOptions = Field(AuditOptions(), description="thresholds of the audit")
    targets: TargetsOptions = Field(TargetsOptions(), description="target values of metrics")
    judges: dict[Slug, JudgeEntry] = Field(
        default_factory=dict, description="models that judge answers, by name"
    )
    judging: JudgingOptions = Field(
        JudgingOptions(), description="how judgements are aggregated and judges evaluated"
    )
    plots: tuple[str, ...] | None = Field(
        None, min_length=1, description="the plots to draw; default: all with something to show"
    )
