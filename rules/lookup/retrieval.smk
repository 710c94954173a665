"""Of corpora, indexes and contexts."""

from modellab.config.scoring import told_language
from modellab.core.code import code_digest
from modellab.retrieval.embedding_coverage import has_vectors
from modellab.models.protocol import Place

# Corpus


def corpus_files(wildcards):
    """The files of a corpus, or what its rows of a database depend on."""
    options = cfg.corpora[wildcards.corpus]
    if options.sql:
        return rows_files(options.sql)
    path = options.path
    if not path.is_dir():
        return [str(path)]
    found = [file for file in path.rglob("*") if file.is_file()]
    hidden = {
        file for file in found if any(p[0] == "." for p in file.relative_to(path).parts)
    }
    return sorted(str(file) for file in set(found) - hidden)


# Retrieval


CHUNKS = "<results>/corpora/{corpus}/chunks.jsonl"


def chunks_of_dataset(wildcards):
    corpus = corpus_of(wildcards)
    return [] if corpus is None else CHUNKS.format(corpus=corpus)


def language_of_corpus(wildcards):
    corpus = corpus_of(wildcards)
    return "auto" if corpus is None else cfg.corpora[corpus].language


def documents_of_dataset(wildcards):
    """What became of the documents of a dataset's corpus, and what else they are called."""
    corpus = corpus_of(wildcards)
    return [] if corpus is None else f"<results>/corpora/{corpus}/documents.csv"


def questions_of_dataset(wildcards):
    """The file (or folder) of questions, or what its rows of a database depend on."""
    options = cfg.datasets[wildcards.dataset]
    return rows_files(options.sql) if options.sql else str(options.questions)


def question_sql(wildcards):
    """The rows of a database that are questions, if they are not in a file."""
    options = cfg.datasets[wildcards.dataset].sql
    return plain(options) if options else None


def question_files(wildcards):
    """The files of a folder of questions, so that a change of one is seen."""
    path = cfg.datasets[wildcards.dataset].questions
    if path is None:
        return []
    return sorted(str(file) for file in path.glob("*") if file.is_file())


def question_code(wildcards):
    written_as = cfg.datasets[wildcards.dataset].format
    modules = [type(written_as).__module__, type(task_of(wildcards)).__module__]
    return code_digest(["modellab.questions.selection", *modules])


def retriever_options(name):
    """A retriever's options, its embedder written out."""
    options = cfg.retrievers[name]
    embedder = getattr(options, "embedder", None)
    by_name = isinstance(embedder, str)
    return options.with_embedder(cfg.embedders[embedder]) if by_name else options


def databases_of_retriever(wildcards):
    """The databases that a retriever's embedder reads vectors of."""
    return rows_files(retriever_options(wildcards.retriever))


def vector_journals():
    """Where vectors of finished models are kept, for all corpora and questions."""
    return f"{cfg.results}/vectors"


def index_of(wildcards, retriever):
    return f"<results>/corpora/{corpus_of(wildcards)}/indexes/{retriever}"


def vector_indexes(wildcards):
    """The indexes of vectors of a corpus, for all retrievers that have one."""
    return [
        f"<results>/corpora/{wildcards.corpus}/indexes/{name}"
        for name, options in cfg.retrievers.items()
        if has_vectors(options)
    ]


def searched(retriever):
    """The retrievers whose indexes are asked: its own, or those that it fuses."""
    options = cfg.retrievers[retriever]
    return [retriever] if options.indexed else list(options.searches())


def indexes_of_context(wildcards):
    return [index_of(wildcards, name) for name in searched(wildcards.retriever)]


def contexts_of_context(wildcards):
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in cfg.retrievers[wildcards.retriever].rearranges()
    ]


def steps_of(retriever):
    """A retriever, and those that it starts from, whose passages were found for it as well."""
    before = cfg.retrievers[retriever].rearranges()
    return [retriever, *(step for name in before for step in steps_of(name))]


def steps_of_model(dataset, model):
    """The retrievers that found the passages of a model, each once."""
    options = cfg.models[model]
    if not options.uses_contexts or options.place() == Place.VOTE:
        return []
    names = [step for name in retrievers_of(dataset, model) for step in steps_of(name)]
    return list(dict.fromkeys(names))


def steps_of_dataset(dataset):
    names = [
        step for model in models_of(dataset) for step in steps_of_model(dataset, model)
    ]
    return list(dict.fromkeys(names))


def records_of_steps(dataset, names):
    """What each search took."""
    return [f"<results>/{dataset}/contexts/runs/{name}.json" for name in names]


def plans_of_steps(dataset, names):
    """What planning took, of those that have a planner."""
    planned = [name for name in names if cfg.retrievers[name].planner()]
    return [f"<results>/{dataset}/plans/{name}.jsonl" for name in planned]


def member_options(wildcards):
    return {
        name: plain(retriever_options(name)) for name in searched(wildcards.retriever)
    }


def retriever_code(wildcards):
    names = {wildcards.retriever, *searched(wildcards.retriever)}
    modules = {type(retriever_options(name)).__module__ for name in names}
    return code_digest(["modellab.retrieval.contexts", *sorted(modules)])


def retriever_threads(wildcards):
    """As many as the part makes use of that takes the most: a retriever, an embedder."""
    names = {wildcards.retriever, *searched(wildcards.retriever)}
    retrievers = [retriever_options(name) for name in names]
    embedders = [getattr(options, "embedder", None) for options in retrievers]
    return max(part.threads for part in (*retrievers, *embedders) if part is not None)
