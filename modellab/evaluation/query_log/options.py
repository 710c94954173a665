"""What the config says of questions that real users asked."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, PositiveInt, model_validator

from modellab.core.io.sql.options import SqlOptions
from modellab.core.options import Options


class QueryLogOptions(Options):
    """One entry of `query_logs:`: a table of questions, and how it is looked at."""

    corpus: str = Field(description="the corpus that the questions are put to")
    questions: Path | None = Field(
        None, description="a table (CSV, JSON, Parquet, XLSX, ...) with one question a row"
    )
    sql: SqlOptions | None = Field(
        None, description="a database to read instead; its query names the columns below"
    )
    question_column: str = Field("question", description="the column of the question's text")
    answer_column: str | None = Field(
        None, description="the column of the answer that was given, if there is one"
    )
    score_column: str | None = Field(
        None, description="the column of the user's score of the answer, if there is one"
    )
    retriever: str = Field(description="the retriever with an index that finds chunks")
    top_k: PositiveInt = Field(10, description="how many chunks count as used by a question")
    embedder: str = Field(description="what turns questions into vectors, to find topics")
    topics: PositiveInt = Field(20, description="how many topics at most")
    terms: PositiveInt = Field(10, description="how many terms describe a topic")
    samples: PositiveInt = Field(5, description="how many questions of a topic are shown")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.questions is None) == (self.sql is None):
            raise ValueError("give either questions or sql")
        return self
