"""Jinja, made strict: a value that no filter has made ``Safe`` cannot be printed, whoever wrote the template.

Templates are layout. Numbers print as they are; text must pass a filter that says where it stands (``body``,
``inline``, ``link_text`` …); dates pass one that says how they are written. Macros and ``~`` make plain text again and
are refused; ``{% include %}`` serves.
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from digest.errors import TemplateError
from digest.render.escape import Safe

_BLANKS = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
# What a filter or an expression raises when a template hands it the wrong thing.
_FAULTS = (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError)
_BUILT_IN = frozenset({"length", "count", "first", "last", "list", "sort", "batch", "slice", "default", "d", "reverse"})


class Unescaped(jinja2.TemplateRuntimeError):
    """A template prints a value that nothing has made safe."""


def _only_safe(value: object) -> object:
    if type(value) is Safe or type(value) is int:
        return value
    if isinstance(value, jinja2.Undefined):
        return str(value)  # raises, with the missing name
    raise Unescaped(f"{value!r:.80} is printed without a filter; foreign text needs one, such as inline or link_text")


class Templates:
    """The named templates of *folders*, the first folder that has one wins; all are compiled at once.

    Raises TemplateError for one that is missing or does not compile.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        names: Sequence[str],
        *,
        filters: Mapping[str, Callable[..., Any]],
        values: Mapping[str, object],
    ) -> None:
        self._folders = tuple(folders)
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folders, encoding="utf-8"),
            undefined=jinja2.StrictUndefined,
            finalize=_only_safe,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        kept = {name: self._environment.filters[name] for name in _BUILT_IN}
        self._environment.filters = kept | dict(filters)
        self._environment.globals = dict(values)
        self._compiled = {name: self._compile(name) for name in names}

    def _compile(self, name: str) -> jinja2.Template:
        try:
            template = self._environment.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{error.filename or name}, line {error.lineno}: {error.message}") from error
        except jinja2.TemplateNotFound as error:
            where = ", ".join(map(str, self._folders)) or "no folder"
            raise TemplateError(f"{name}: no such template in {where}; put it back") from error
        except UnicodeDecodeError as error:
            raise TemplateError(f"{name}: a template must be UTF-8: {error}") from error
        template.globals = dict(template.globals)  # a chain of mappings, which is copied name by name for each page
        return template

    def render(self, page: str, name: str, /, **values: object) -> str:
        """The text of template *name* without blank lines around it, at most one within.

        Raises TemplateError that names the file, the line and *page*.
        """
        template = self._compiled[name]
        try:
            text = template.render(**values)
        except _FAULTS as error:
            raise TemplateError(f"{_place(error, template)}, for {page}: {error}") from error
        if " \n" in text:
            text = _TRAILING.sub("", text)
        if "\n\n\n" in text:
            text = _BLANKS.sub("\n\n", text)
        text = text.strip("\n")
        if "%% digest:" in text:
            raise TemplateError(f"{template.filename}, for {page}: a template may not write digest's own markers")
        return text

    def fingerprint(self) -> str:
        """A hash of every template file that a page could come from, by the name under which it is found."""
        found: dict[str, bytes] = {}
        for folder in self._folders:
            for file in sorted(folder.rglob("*.j2")):
                found.setdefault(file.relative_to(folder).as_posix(), file.read_bytes())
        digest = hashlib.sha256()
        for name, content in sorted(found.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def _place(error: BaseException, template: jinja2.Template) -> str:
    """The innermost line of a template file in the traceback."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"{error.filename or error.name}, line {error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else str(template.filename)
