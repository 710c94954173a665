"""Readers by file format. A new format is a function, and a line in READERS."""

from functools import partial

from modellab.core.io.table_file import ARROW, PARQUET, WORKBOOK
from modellab.corpus.readers import html, mail, packages, pdf, table, text
from modellab.corpus.readers.reader import Reader

READERS: tuple[Reader, ...] = (
    Reader("text", (".txt", ".text", ".rst", ".adoc", ".org", ".tex", ".log"), text.read_text),
    Reader("markdown", (".md", ".markdown", ".mdx", ".qmd", ".rmd"), text.read_markdown),
    Reader("subtitles", (".srt", ".vtt"), text.read_subtitles),
    Reader("rtf", (".rtf",), text.read_rtf),
    Reader("notebook", (".ipynb",), text.read_notebook),
    Reader("jsonl", (".jsonl", ".ndjson"), table.read),
    Reader("json", (".json",), table.read),
    Reader("csv", (".csv",), table.read),
    Reader("tsv", (".tsv", ".tab"), table.read),
    Reader("parquet", PARQUET, table.read),
    Reader("arrow", ARROW, table.read),
    Reader("xlsx", WORKBOOK, table.read),
    Reader("html", (".html", ".htm", ".xhtml"), html.read_page),
    Reader("pdf", (".pdf",), pdf.read),
    *(Reader(kind, (f".{kind}",), partial(packages.read, kind=kind)) for kind in packages.BLOCKS),
    Reader("eml", (".eml",), mail.read_message),
    Reader("mbox", (".mbox",), mail.read_mailbox),
    Reader("trec", (".trec", ".sgml", ".sgm"), html.read_trec),
    Reader("xml", (".xml", ".nxml", ".tei"), html.read_article),
)
