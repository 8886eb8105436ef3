"""What mkdocs.yml cannot say: pages that lie outside docs/ are in the site too, and French pages are in French."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = {
    "README.md": "project/readme.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "dags/README.md": "project/dags.md",
    "expectations/README.md": "project/expectations.md",
}
WIDE = {"dictionary.md", "views.md", "fr/vues.md"}  # tables of many columns, which need the left menu's room
DESCRIBED = (
    "Toutes les questions que les députés posent au Gouvernement, et toutes les réponses, dans un entrepôt DuckDB"
)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s:]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of OUTSIDE."""
    for path, page in OUTSIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:  # noqa: ANN401
    """Turns links between files of the repository into links between pages; a file that is no page loses its link."""
    site = page.file.src_uri
    lies = next((path for path, added in OUTSIDE.items() if added == site), f"docs/{site}")

    def turned(found: re.Match[str]) -> str:
        text, path, anchor = found.groups(default="")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(lies), path))
        if target not in OUTSIDE and not target.startswith("docs/"):
            return text
        there = OUTSIDE.get(target, target.removeprefix("docs/"))
        return f"[{text}]({posixpath.relpath(there, posixpath.dirname(site) or '.')}{anchor})"

    return re.sub(r"^```sql \w+$", "```sql", _LINK.sub(turned, markdown), flags=re.MULTILINE)


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> dict[str, Any]:
    """Sets the language of the page and of the theme's own words on it; a French page has the French menu only."""
    *_, french = (item for item in nav.items if item.children)
    is_french = page.file.src_uri.startswith("fr/")
    config.theme["language"] = "fr" if is_french else "en"
    if page.file.src_uri in WIDE:
        page.meta["hide"] = ["navigation"]
    if is_french:
        page.meta["description"] = DESCRIBED
        context["nav"] = Navigation(french.children, nav.pages)
        if page == french.children[0]:
            page.previous_page = None
    return context
