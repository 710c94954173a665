"""Checks of the user's files and databases, which are read before any job."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from psutil import virtual_memory

from modellab.config.answering import models_asked, models_used
from modellab.config.entries import entries_of, resolved_scorer, sql_of, synthetic_questions
from modellab.config.schema import Config
from modellab.core.errors import Finding, InputError, failure, ok, warning
from modellab.core.io.dataset_folder import is_dataset_folder
from modellab.core.io.sql.connecting import postgres, shown, url_of
from modellab.core.io.sql.loading import check_server, rows_by_table
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.io.sql.restoring import Dump, holds, listing, read_dump, refusals
from modellab.core.io.trec import read_run
from modellab.core.records import Chunk, Question
from modellab.core.secrets import secret
from modellab.corpus.options import CorpusOptions
from modellab.corpus.reading import document_rows, read_corpus
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.generators.submission import SubmissionOptions
from modellab.models.submission_matching import require_some
from modellab.questions.relevance import Corpus, grades_of
from modellab.questions.selection import chosen
from modellab.retrieval.contexts import count_chunks, index_megabytes
from modellab.retrieval.protocol import LINE_BYTES, IndexedOptions
from modellab.retrieval.run_file import RunOptions
from modellab.workflow.entries import Entries
from modellab.workflow.systems import Systems

_EXTENSION = re.compile(r"\bEXTENSION - (\S+)")
_AVAILABLE = "SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = %s"


def check_databases(config: Config) -> Iterator[Finding]:
    """Each entry of `databases`, and each query with its own URL. Nothing is loaded."""
    for name, options in config.databases.items():
        subject = f"database {name}"
        yield from _one_line(subject, partial(_entry, subject, options))
    for location, sql in sql_of(config):
        if sql.database is None:
            subject = ".".join(map(str, location))
            yield from _one_line(subject, partial(_existing, subject, sql))


def _entry(subject: str, options: DatabaseOptions) -> Iterator[Finding]:
    if options.dump is None:
        yield from _existing(subject, options)
        return
    dump = read_dump(options.dump, trust=options.trust)
    listed = listing(dump) if dump.archive else ""
    yield ok(subject, f"{dump.path} ({'an archive' if dump.archive else 'trusted SQL'})")
    if options.embedded():
        check_server()
    else:
        yield from _target(subject, options, dump, listed)


def _target(subject: str, options: DatabaseOptions, dump: Dump, listed: str) -> Iterator[Finding]:
    """A database of a server that is restored from a dump."""
    url = url_of(options.url, options.url_env)
    with postgres(url) as connection, refusals(url):
        state = "holds the dump" if holds(connection, url, dump) else "empty"
        version = connection.info.server_version // 10_000
        yield ok(subject, f"{shown(url)}: PostgreSQL {version}, {state}")
        for name in sorted(set(_EXTENSION.findall(listed))):
            if not connection.execute(_AVAILABLE, [name]).fetchone():
                problem = f"the server has no extension {name!r}"
                yield failure(subject, problem, "install it on the server")


def _existing(subject: str, options: SqlOptions | DatabaseOptions) -> Iterator[Finding]:
    """A database that is only read."""
    url = url_of(options.url, options.url_env)
    tables = len(rows_by_table(url, options.url_env or "url"))
    yield ok(subject, f"{shown(url)}: {tables} {'table' if tables == 1 else 'tables'}")


def _one_line(subject: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a check, with an error as a failure."""
    try:
        yield from check()
    except InputError as error:
        yield failure(subject, str(error), "")


MB = 2**20
#: of English text, including a space
BYTES_PER_WORD = 6
#: bytes; larger files are only read by their jobs, which run first
LARGEST = 8 * 2**20


def refuse_wrong_inputs(config: Config) -> None:
    """Read questions, submissions, runs, and corpora in one table or data set.

    Raises InputError (config key, file, row) for the first one that is invalid.
    """
    before = logging.root.manager.disable
    # the readers' warnings belong to the logs of jobs
    logging.disable(logging.WARNING)
    try:
        for key, path, read in _reading(config):
            if _size(path) <= LARGEST:
                _read(key, read)
    finally:
        logging.disable(before)


def _read(key: str, read: Callable[[], object]) -> None:
    try:
        read()
    except InputError as error:
        raise InputError(f"{key}: {error}") from None


def refuse_spaces_in_python(executable: str) -> None:
    """Raises InputError if the path of Python has a space, which Snakemake does not quote."""
    if any(char.isspace() for char in executable):
        raise InputError(
            f"{executable}: Snakemake cannot run scripts with a Python in a path with a space; "
            "move the clone, or create its .venv elsewhere and run the snakemake in it"
        )


def refuse_read_only(results: Path) -> None:
    """Raises InputError for results that are not writable, for which Snakemake has a traceback."""
    if results.exists() and not os.access(results, os.W_OK):
        raise InputError(f"results: {results} cannot be written (rights, or a read-only disk)")


def refuse_unset_servers(config: Config) -> None:
    """Raises InputError (config key) for an address that is not set, or has a password."""
    embedders = dict(entries_of(EmbedderOptions, config, enabled=True))  # type: ignore[type-abstract]
    parts = {**models_used(config), **embedders}
    for location, part in parts.items():
        key = ".".join(location)
        if name := getattr(part, "base_url_env", None):
            secret(name, f"{key}.base_url_env")
        for address in ("server", "server_url"):
            if callable(read := getattr(part, address, None)):
                _read(key, read)


def _reading(config: Config) -> Iterator[tuple[str, Path, Callable[[], object]]]:
    made = synthetic_questions(config)
    corpora: dict[str | None, Corpus] = {}
    for name, corpus in config.corpora.items():
        path = corpus.path
        if path is not None and (path.is_file() or is_dataset_folder(path)):
            yield f"corpora.{name}", path, partial(_corpus, corpora, name, corpus)
    for name, retriever in config.retrievers.items():
        if isinstance(retriever, RunOptions):
            datasets = config.datasets.values()
            on = [one.corpus for one in datasets if name in (one.retrievers or config.retrievers)]
            of = [corpora[corpus] for corpus in on if corpus in corpora]
            yield f"retrievers.{name}", retriever.path, partial(_run, retriever, of)
    for name, dataset in config.datasets.items():
        path, asked = dataset.questions, list[Question]()
        if path is not None and path not in made:
            yield f"datasets.{name}", path, partial(_questions, config, name, corpora, asked)
        schema = dataset.task.answer_schema
        for model in models_asked(config, name):
            options = config.models[model]
            if isinstance(options, SubmissionOptions):
                read = partial(_submission, options, schema, asked)
                yield f"models.{model}", options.path, read


def _corpus(found: dict[str | None, Corpus], name: str, options: CorpusOptions) -> None:
    """Collect the documents, each as one chunk, for looking up names in judgements and runs."""
    read = read_corpus(options)
    chunks = [
        Chunk(one.id, one.part_of or one.id, 0, "", one.title, url=one.url)
        for one in read.documents
    ]
    found[name] = Corpus(chunks, list(document_rows(read, [[one] for one in chunks])))


def _run(options: RunOptions, corpora: Sequence[Corpus]) -> None:
    rankings, _ = read_run(options.path)
    for one in chain.from_iterable(rankings.values()) if corpora else ():
        # ids of chunks are only known by their job
        known = (
            corpus.chunk(one.document) is not None or corpus.named(one.document).ids
            for corpus in corpora
        )
        if "#" not in one.document and not any(known):
            nearest = corpora[0].names.nearest(one.document)
            raise InputError(
                f"{one.source}: the corpus has no document {one.document!r}"
                + (f" (nearest: {nearest!r})" if nearest else "")
            )


def _questions(
    config: Config, name: str, corpora: Mapping[str | None, Corpus], found: list[Question]
) -> None:
    """Adds the questions of a dataset to `found`."""
    dataset, asked = config.datasets[name], selected_questions(config, name)
    found += asked
    if dataset.corpus in corpora:
        judged = chain.from_iterable(question.relevance.judgements for question in asked)
        grades_of([one for one in judged if "#" not in one.name], corpora[dataset.corpus])


def _submission(
    options: SubmissionOptions, schema: Mapping[str, Any], asked: Sequence[Question]
) -> None:
    require_some(asked, options.rows(schema))


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def selected_questions(config: Config, dataset: str) -> Sequence[Question]:
    """The questions of a dataset's file that a run asks."""
    options = config.datasets[dataset]
    assert options.questions is not None
    read = options.question_format.read(options.questions)
    return chosen(str(options.questions), read, options.task, options.split, config.limit)


def check_data(config: Config) -> Iterator[Finding]:
    """Whether files are readable, and reference answers are scored as right."""
    for name, corpus in config.corpora.items():
        if corpus.path is not None:
            yield _readable(f"corpus {name}", corpus.path)
    for name, dataset in config.datasets.items():
        subject, path = f"dataset {name}", dataset.questions
        if path is not None and path in synthetic_questions(config) and not path.exists():
            yield ok(subject, f"{path}: the run makes it")
        elif path is not None:
            yield _readable(subject, path)
            yield from _truths(config, name)
    for name, log in config.query_logs.items():
        if log.questions is not None:
            yield _readable(f"query log {name}", log.questions)


def check_indexes(config: Config) -> Iterator[Finding]:
    """Whether building the index of each retriever fits into the free memory.

    Missing chunks are estimated from the files of the corpus as if they were plain text.
    """
    systems, entries, free = Systems(config), Entries(config), virtual_memory().available // MB
    retrievers = {
        (dataset.corpus, retriever): entries.retriever_named(retriever)
        for name, dataset in config.datasets.items()
        for retriever in systems.retrievers_on(name)
    }
    for (corpus, retriever), options in retrievers.items():
        if corpus is not None and isinstance(options, IndexedOptions):
            chunks = _chunks(config, corpus)
            need = index_megabytes(options, *chunks)
            text = f"about {need:,} MB while it is built of {chunks[0]:,} chunks, {free:,} MB free"
            fits, advice = need < free, "use a machine with more memory, or fewer dimensions"
            subject = f"index {retriever} of {corpus}"
            yield ok(subject, text) if fits else warning(subject, text, advice)


def _chunks(config: Config, corpus: str) -> tuple[int, int]:
    """The number of chunks, and the size of their file."""
    made, options = config.results / "corpora" / corpus / "chunks.jsonl", config.corpora[corpus]
    if made.exists():
        return count_chunks(made)
    size = _size(options.path) if options.path is not None and options.path.exists() else 0
    chunks = -(-size // (options.chunking.max_words * BYTES_PER_WORD))
    return chunks, size + chunks * LINE_BYTES


def _truths(config: Config, name: str) -> Iterator[Finding]:
    """Invalid files, and reference answers that the dataset's scorer marks as wrong."""
    from modellab.evaluation.truth_check import checked_truths, warning_of

    subject, task = f"dataset {name}", config.datasets[name].task
    scorer = resolved_scorer(config, name)
    try:
        questions = [task.completed(question) for question in selected_questions(config, name)]
        found = list(checked_truths(questions, task, scorer))
    except InputError as error:
        yield failure(subject, str(error), "correct the file")
        return
    if text := warning_of(found, scorer):
        yield warning(subject, text, "see docs/scoring.md, How values are compared")


def _readable(subject: str, path: Path) -> Finding:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    closed = [file for file in files if not os.access(file, os.R_OK)]
    if closed or not files:
        what = f"{closed[0]}: cannot be read" if closed else f"{path}: an empty folder"
        return failure(subject, what, "correct the path in the config, or the file's permissions")
    return ok(subject, f"{path} ({len(files)} {'file' if len(files) == 1 else 'files'})")
