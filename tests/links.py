"""The links of a dataset's page and README."""

import re
from urllib.parse import unquote

from lxml import html

from modellab.core.layout import PAGE, README


def links(folder):
    """The files that the page and the README of a dataset link to."""
    readme, page = folder / README, folder / PAGE
    found = html.document_fromstring(page.read_bytes()).iterlinks()
    addresses = [link for _, name, link, _ in found if name in ("href", "src")]
    of_page = [one for one in addresses if not one.startswith(("#", "data:"))]
    of_readme = re.findall(r"\]\(([^)]+)\)", readme.read_text())
    both = ((page, of_page), (readme, of_readme))
    return [path.parent / unquote(one) for path, named in both for one in named]
