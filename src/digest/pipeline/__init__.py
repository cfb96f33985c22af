"""The order of stages: gather what arXiv announced, settle what follows from it a day at a time, publish the pages.

    feed, OAI ──► hearing ─┐
    listings ──► witness ──┴─► gather ──► catalogue ──► settle ──► catalogue ──► publish ──► vault

Each step ends in a transaction of the catalogue, and the next starts from the catalogue alone: a run that is killed is
taken up by the next one where the catalogue says, and ends with the same pages.
"""
