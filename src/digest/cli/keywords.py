"""``digest keywords``: look at the vocabulary, and change it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.session import Session, finish, instant

if TYPE_CHECKING:
    from digest.pipeline.parts import Parts

Term = Annotated[str, typer.Argument(metavar="TERM", help="As its page is named, or in any way that papers write it.")]
Other = Annotated[str, typer.Argument(metavar="OTHER")]

keywords = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at the vocabulary, and change it.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(keywords, name="keywords")


@keywords.command("show", help="What is known of a term, and why it is named so; without one, what was ruled.")
def show(
    context: typer.Context, term: Annotated[str, typer.Argument(metavar="[TERM]", show_default=False)] = ""
) -> None:
    from digest.pipeline import lookup

    session: Session = context.obj
    with session.assembly() as assembly:
        found = lookup.term(assembly, term) if term else lookup.rulings(assembly)
        session.answer(found, "\n".join(lookup.prose(found)))


@keywords.command("merge", help="TERM is another way of writing OTHER: one page, all links to it.")
def merge(context: typer.Context, term: Term, other: Other) -> None:
    _rule(context, "merge", term, other)


@keywords.command("rename", help="The page of TERM is named OTHER from now on.")
def rename(context: typer.Context, term: Term, other: Other) -> None:
    _rule(context, "rename", term, other)


@keywords.command("ban", help="TERM is no keyword of any paper.")
def ban(context: typer.Context, term: Term) -> None:
    _rule(context, "ban", term)


@keywords.command("allow", help="TERM may be a keyword: takes a ban back, yours or the one that comes with digest.")
def allow(context: typer.Context, term: Term) -> None:
    _rule(context, "allow", term)


@keywords.command("split", help="The written form TERM is a term by itself: takes a merge back, yours or digest's own.")
def split(context: typer.Context, term: Term) -> None:
    _rule(context, "split", term)


@keywords.command("undo", help="Take a ruling back: the last one, or the one of a number that show tells.")
def undo(
    context: typer.Context, number: Annotated[int | None, typer.Argument(metavar="[NUMBER]", show_default=False)] = None
) -> None:
    from digest.pipeline import vocabulary

    _amend(context, partial(vocabulary.undo, number=number), "undo")


@keywords.command("review", help="Propose keywords that may be one, with evidence, and terms too common to connect.")
def review(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="At most so many of each.")] = 20,
) -> None:
    from digest.pipeline import lookup

    session: Session = context.obj
    with session.assembly() as assembly:
        found = lookup.review(assembly, limit)
        session.answer(found, "\n".join(lookup.prose(found)))


def _rule(context: typer.Context, verb: str, term: str, other: str = "") -> None:
    from digest.model import Verb
    from digest.pipeline import vocabulary

    _amend(context, partial(vocabulary.rule, verb=Verb(verb), term=term, other=other), verb)


def _amend(context: typer.Context, change: Callable[[Parts], str], name: str) -> None:
    from digest.pipeline import commands

    session: Session = context.obj
    with session.assembly() as assembly:
        finish(session, assembly, commands.amend(assembly, change, f"keywords {name}", instant(None)))
