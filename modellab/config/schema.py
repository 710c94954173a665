"""Every key of the config. This is the one source: it checks, gives defaults, and is exported
as `resources/config.schema.json` for editors and as the reference in the documentation.
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
from modellab.questions.protocol import QuestionFormat
from modellab.questions.row_format import RowFormat
from modellab.questions.sql import COLUMNS
from modellab.questions.table import TableFormat
from modellab.questions.table_columns import Field as QuestionField
from modellab.retrieval import RetrieverEntry
from modellab.tasks import ScorerEntry, TaskEntry
from modellab.tasks.protocol import TaskOptions

#: names are parts of file paths: no `/`, `:` or spaces
SLUG_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,79}$"
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]


def _usable_folder(path: Path) -> Path:
    text = str(path)
    if text in ("", ".", "..", "/") or path == path.parent:
        raise ValueError(f"{text!r} is no folder of its own; write a name such as results")
    if found := re.search(r"[*?\[\]{}<>~\n\r\t]", text):
        raise ValueError(f"{text!r} contains {found[0]!r}, which shells and Snakemake expand")
    return path


class DatasetOptions(Options):
    """A set of questions, and how it is asked and scored."""

    corpus: str | None = Field(
        None,
        description="the corpus that the questions are about; null: models are shown no passages",
    )
    questions: Path | None = Field(
        None,
        description="the file or folder of questions, or a data set of the hub: "
        "`hf://datasets/OWNER/NAME`",
    )
    sql: SqlOptions | None = Field(
        None, description="a database to read instead; its columns are in docs/databases.md"
    )
    language: LanguageOption = Field(
        AUTO,
        description="the language of questions and answers, a code such as en, zh or tr (ISO "
        "639-1); auto: the corpus's where given, otherwise detected",
    )
    format: FormatEntry = Field(
        TableFormat(kind="table"),
        description="how the file of questions is written: a name, or a map with options",
    )
    columns: dict[QuestionField, str] = Field(
        default_factory=dict,
        description="by field the column of the file that holds it, such as `{question: Frage}`; "
        "others are recognised by their names",
    )
    split: str | None = Field(
        None,
        description="ask only the questions with this tag: a split, a topic; null: all. Of a "
        "folder of the datasets library, the split that is read",
    )
    task: TaskEntry = Field(
        cast(Any, None),
        description="how questions are put and answers are read: a name, or a map with options; "
        "default: what the questions have in their columns",
    )
    prompt: Path | None = Field(
        None,
        description="the prompt template; default: the task's; a model's own goes before it",
    )
    scorer: ScorerEntry | None = Field(
        None,
        description="how answers are marked: a name, or a map with options; default: the task's",
    )
    missing: Literal["incorrect", "ignore"] = Field(
        "incorrect", description="incorrect: a missing row counts as wrong; ignore: it is left out"
    )
    retrievers: tuple[str, ...] | None = Field(
        None, min_length=1, description="the retrievers that are compared; default: all"
    )
    adaptive: AdaptiveOptions | None = Field(
        None,
        description="ask in rounds, and those that cannot be the best no further "
        "(docs/adaptive.md); null: ask every model everything",
    )
    ranking: RankingOptions | None = Field(
        None, description="a ranking by several metrics at once; null: there is none"
    )

    @property
    def written_as(self) -> QuestionFormat:
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
        """With a task that the config does not name."""
        fields = {**dict(self), "task": task}
        return DatasetOptions.model_construct(_fields_set=self.model_fields_set, **fields)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.questions is None) == (self.sql is None):
            raise ValueError("give either questions or sql")
        if self.columns and self.sql is not None:
            raise ValueError("columns are of a file; `sql` has `columns` of its own")
        if self.columns and not isinstance(self.format, RowFormat):
            raise ValueError(
                f"the format {self.format.kind!r} has names of its own; leave columns out"
            )
        # not "is it set": a config written out as plain data has every key
        if self.sql is not None and self.format != type(self).model_fields["format"].default:
            raise ValueError("format is of a file of questions; columns of a database have names")
        unknown = sorted(set(self.sql.columns if self.sql else ()) - set(COLUMNS))
        if unknown:
            raise ValueError(f"sql.columns: unknown {unknown[0]!r}; known: {', '.join(COLUMNS)}")
        return self


class JudgingOptions(Options):
    """How judgements are summed up, and what the judges themselves are compared with."""

    min_coverage: float = Field(
        default=0.9, ge=0, le=1, description="means over a smaller share of the rows are marked"
    )
    human_labels: dict[Slug, Path] = Field(
        default_factory=dict,
        description="by dataset: a CSV file with question_id, model, metric, value, and if need "
        "be retriever, repeat and the kind of judge",
    )
    consensus: Literal["mean", "median"] = Field(
        default="mean", description="how the scores of several judges become one"
    )
    weighted: bool = Field(
        default=True,
        description="whether judges count by their agreement with the human labels, where there "
        "are any",
    )


class Config(Options):
    """One benchmark: corpora, questions, retrievers and models by name."""

    results: Annotated[Path, AfterValidator(_usable_folder)] = Field(
        Path("results"), description="the folder that everything is written to"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="the one seed of all that is random")
    limit: PositiveInt | None = Field(
        None, description="ask only the first questions of each dataset; null: all"
    )
    max_models: PositiveInt | None = Field(
        None, description="refuse to start with more enabled models than this; null: any number"
    )
    partial: bool = Field(
        False,
        description="ask no model: make tables and plots, marked as partial, of the models whose "
        "predictions are there",
    )
    retry_failed: bool = Field(
        True,
        description="failed rows that may go well by now (key, server, limits) are asked again; "
        "false: they stay as they are",
    )
    databases: dict[Slug, DatabaseOptions] = Field(
        default_factory=dict, description="databases that are filled from a dump, or there, by name"
    )
    corpora: dict[Slug, CorpusOptions] = Field(
        default_factory=dict, description="documents, by name"
    )
    datasets: dict[Slug, DatasetOptions] = Field(min_length=1, description="questions, by name")
    embedders: dict[Slug, EmbedderEntry] = Field(
        default_factory=dict, description="what turns text into vectors, by name"
    )
    retrievers: dict[Slug, RetrieverEntry] = Field(
        default_factory=dict, description="what finds passages for a question, by name"
    )
    models: dict[Slug, ModelEntry] = Field(
        default_factory=dict,
        description="models, by name; without any, only retrievers are compared",
    )
    query_logs: dict[Slug, QueryLogOptions] = Field(
        default_factory=dict, description="tables of what real users asked, by name"
    )
    synthesize: dict[Slug, SynthesisOptions] = Field(
        default_factory=dict, description="questions that models make from chunks, by name"
    )
    statistics: StatisticsOptions = Field(
        default=StatisticsOptions(), description="intervals, tests and their levels"
    )
    audit: AuditOptions = Field(AuditOptions(), description="thresholds of the audit")
    targets: TargetsOptions = Field(TargetsOptions(), description="thresholds of the status")
    judges: dict[Slug, JudgeEntry] = Field(
        default_factory=dict, description="models that judge answers, by name"
    )
    judging: JudgingOptions = Field(
        JudgingOptions(), description="how judgements are summed up, and judges judged"
    )
    plots: tuple[str, ...] | None = Field(
        None, min_length=1, description="the plots to draw; default: all that can show something"
    )
