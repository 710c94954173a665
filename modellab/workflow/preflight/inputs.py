"""The user's files, read before any job: a wrong file or pair of format and task never starts."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

from modellab.config.answering import models_asked, models_named
from modellab.config.entries import made_questions
from modellab.config.schema import Config, DatasetOptions
from modellab.core.errors import InputError
from modellab.core.io.dataset_folder import is_dataset_folder
from modellab.core.io.trec import read_run
from modellab.core.records import Chunk
from modellab.core.secrets import secret
from modellab.corpus.build import document_rows
from modellab.corpus.options import CorpusOptions
from modellab.corpus.reading import read_corpus
from modellab.models.generators.submission import SubmissionOptions
from modellab.questions.relevance import Corpus, grades_of
from modellab.questions.selection import chosen
from modellab.retrieval.run_file import RunOptions
from modellab.workflow.fingerprints import nested

#: bytes; larger files are read by their jobs alone, which are the first of a run
LARGEST = 8 * 2**20


def refuse_wrong_inputs(config: Config) -> None:
    """Raises InputError (key of the config, file, row) for the first file that cannot be used.

    Read are questions, submissions, and corpora that are one table or data set.
    """
    with _silent():
        for key, path, read in _reading(config):
            if _size(path) > LARGEST:
                continue
            _read_of(key, read)


def _read_of(key: str, read: Callable[[], object]) -> None:
    try:
        read()
    except InputError as error:
        raise InputError(f"{key}: {error}") from None


def refuse_read_only(results: Path) -> None:
    """Raises InputError where results are there and cannot be written: Snakemake has tracebacks."""
    if results.exists() and not os.access(results, os.W_OK):
        raise InputError(f"results: {results} cannot be written (rights, or a read-only disk)")


def refuse_unset_servers(config: Config) -> None:
    """Raises InputError (key of the config) where an address is not set, or holds a password."""
    used = models_named(config)
    parts = {
        **{f"models.{n}": one for n, one in config.models.items() if one.enabled or n in used},
        **{f"judges.{n}": one for n, one in config.judges.items() if one.enabled},
        **{f"embedders.{n}": one for n, one in config.embedders.items()},
    }
    for key, part in parts.items():
        for one in nested(part):
            if name := getattr(one, "base_url_env", None):
                secret(name, f"{key}.base_url_env")
            for address in ("server", "server_url"):
                if callable(read := getattr(one, address, None)):
                    _read_of(key, read)


def _reading(config: Config) -> Iterator[tuple[str, Path, Callable[[], object]]]:
    made = made_questions(config)
    corpora: dict[str | None, Corpus] = {}
    for name, corpus in config.corpora.items():
        path = corpus.path
        if path is not None and (path.is_file() or is_dataset_folder(path)):
            yield f"corpora.{name}", path, partial(_corpus, corpora, name, corpus)
    for name, retriever in config.retrievers.items():
        if isinstance(retriever, RunOptions):
            of = [corpora[one.corpus] for one in _searching(config, name) if one.corpus in corpora]
            yield f"retrievers.{name}", retriever.path, partial(_run, retriever, of)
    for name, dataset in config.datasets.items():
        path = dataset.questions
        if path is not None and path not in made:
            yield f"datasets.{name}", path, partial(_questions, config, name, corpora)
        schema = dataset.task.make().schema
        for model in models_asked(config, name):
            options = config.models[model]
            if isinstance(options, SubmissionOptions):
                yield f"models.{model}", options.path, partial(options.rows, schema)


def _corpus(found: dict[str | None, Corpus], name: str, options: CorpusOptions) -> None:
    """Keeps the documents, each as one chunk, to look up what judgements and runs name."""
    read = read_corpus(options)
    chunks = [
        Chunk(one.id, one.part_of or one.id, 0, "", one.title, url=one.url)
        for one in read.documents
    ]
    found[name] = Corpus(chunks, list(document_rows(read, [[one] for one in chunks])))


def _searching(config: Config, retriever: str) -> Iterator[DatasetOptions]:
    """The datasets that a retriever is compared on."""
    for dataset in config.datasets.values():
        if dataset.retrievers is None or retriever in dataset.retrievers:
            yield dataset


def _run(options: RunOptions, corpora: Sequence[Corpus]) -> None:
    rankings, _ = read_run(options.path)
    for one in chain.from_iterable(rankings.values()) if corpora else ():
        # the ids of chunks are known to their job alone
        if "#" not in one.document and not any(_has(corpus, one.document) for corpus in corpora):
            nearest = corpora[0].names.nearest(one.document)
            raise InputError(
                f"{one.source}: the corpus has no document {one.document!r}"
                + (f" (nearest: {nearest!r})" if nearest else "")
            )


def _has(corpus: Corpus, name: str) -> bool:
    return corpus.chunk(name) is not None or bool(corpus.named(name).ids)


def _questions(config: Config, name: str, corpora: Mapping[str | None, Corpus]) -> None:
    dataset = config.datasets[name]
    assert dataset.questions is not None
    found = dataset.written_as.read(dataset.questions)
    asked = chosen(str(dataset.questions), found, dataset.task, dataset.split, config.limit)
    if dataset.corpus in corpora:
        judged = chain.from_iterable(question.relevance.judgements for question in asked)
        grades_of([one for one in judged if "#" not in one.name], corpora[dataset.corpus])


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


@contextmanager
def _silent() -> Iterator[None]:
    """Without what the readers report: their jobs write it into their logs."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
