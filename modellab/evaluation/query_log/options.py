"""The options of `query_logs:`."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, PositiveInt, model_validator

from modellab.core.io.sql.options import SqlOptions
from modellab.core.options import Options


class QueryLogOptions(Options):
    """One entry of `query_logs:`: a table of questions, and how it is analysed."""

    corpus: str = Field(description="the corpus that the questions are about")
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
    top_k: PositiveInt = Field(10, description="number of chunks that count as used by a question")
    embedder: str = Field(description="the embedder whose vectors are clustered into topics")
    topics: PositiveInt = Field(20, description="maximum number of topics")
    terms: PositiveInt = Field(10, description="number of terms that describe a topic")
    samples: PositiveInt = Field(5, description="number of questions shown per topic")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.questions is None) == (self.sql is None):
            raise ValueError("give either questions or sql")
        return self
