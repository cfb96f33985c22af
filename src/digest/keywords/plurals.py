"""The singular of a noun, by rules with exceptions; a wrong one is worse than none."""

from __future__ import annotations

from collections.abc import Container
from functools import cache

_IRREGULAR = {
    "matrices": "matrix", "vertices": "vertex", "indices": "index", "appendices": "appendix", "simplices": "simplex",
    "vortices": "vortex", "cortices": "cortex", "hypotheses": "hypothesis", "analyses": "analysis",
    "meta-analyses": "meta-analysis", "syntheses": "synthesis", "diagnoses": "diagnosis", "prognoses": "prognosis",
    "theses": "thesis", "crises": "crisis", "parentheses": "parenthesis", "ellipses": "ellipse", "axes": "axis",
    "oases": "oasis", "metamorphoses": "metamorphosis", "criteria": "criterion", "phenomena": "phenomenon",
    "automata": "automaton", "polyhedra": "polyhedron", "spectra": "spectrum", "corpora": "corpus",
    "schemata": "schema", "stimuli": "stimulus", "nuclei": "nucleus", "radii": "radius", "foci": "focus",
    "loci": "locus", "tori": "torus", "minima": "minimum", "maxima": "maximum", "optima": "optimum",
    "quanta": "quantum", "momenta": "momentum", "continua": "continuum", "equilibria": "equilibrium",
    "desiderata": "desideratum", "formulae": "formula", "supernovae": "supernova", "novae": "nova",
    "women": "woman", "feet": "foot", "teeth": "tooth", "geese": "goose", "leaves": "leaf", "halves": "half",
    "wolves": "wolf", "shelves": "shelf", "knives": "knife", "wives": "wife", "selves": "self", "lives": "life",
    "dwarves": "dwarf", "movies": "movie", "cookies": "cookie", "calories": "calorie", "zombies": "zombie",
    "selfies": "selfie", "hobbies": "hobby", "quizzes": "quiz", "lenses": "lens", "gases": "gas", "buses": "bus",
    "biases": "bias", "aliases": "alias", "atlases": "atlas", "canvases": "canvas", "viruses": "virus",
}  # fmt: skip

_UNCHANGED = frozenset(
    [
        "series",
        "species",
        "news",
        "mathematics",
        "physics",
        "economics",
        "ethics",
        "politics",
        "logistics",
        "electronics",
        "optics",
        "graphics",
        "robotics",
        "dynamics",
        "kinematics",
        "mechanics",
        "statics",
        "acoustics",
        "linguistics",
        "semantics",
        "pragmatics",
        "phonetics",
        "analytics",
        "genomics",
        "proteomics",
        "informatics",
        "bioinformatics",
        "statistics",
        "statics",
        "athletics",
        "aesthetics",
        "photonics",
        "plasmonics",
        "thermodynamics",
        "aerodynamics",
        "hydrodynamics",
        "electrodynamics",
        "chromodynamics",
        "hemodynamics",
        "aeronautics",
        "forensics",
        "diagnostics",
        "therapeutics",
        "prosthetics",
        "haptics",
        "cybernetics",
        "genetics",
        "omics",
        "transcriptomics",
        "metabolomics",
        "radiomics",
        "spintronics",
        "ergonomics",
        "demographics",
        "hermeneutics",
        "stylistics",
        "econometrics",
        "biometrics",
        "psychometrics",
        "combinatorics",
        "magnetohydrodynamics",
        "basics",
        "ceramics",
        "clinics",
        "lyrics",
        "bias",
        "alias",
        "atlas",
        "canvas",
        "gas",
        "pancreas",
        "chaos",
        "cosmos",
        "ethos",
        "pathos",
        "kudos",
        "bayes",
        "stokes",
        "gauss",
        "keras",
        "kubernetes",
        "pandas",
        "diabetes",
        "rabies",
        "caries",
        "measles",
        "herpes",
        "lens",
        "always",
        "besides",
        "across",
        "towards",
        "afterwards",
        "versus",
        "plus",
        "less",
        "minus",
        "thus",
        "perhaps",
        "this",
        "its",
        "his",
        "as",
        "is",
        "was",
        "has",
        "us",
        "yes",
        "whereas",
        "texas",
        "paris",
        "james",
        "charles",
        "mars",
        "venus",
        "uranus",
        "hermes",
        "ceres",
        "pegasus",
        "christmas",
        "reuters",
        "siemens",
        "elves",
        "los",
        "las",
        "angeles",
        "dos",
        "ios",
        "os",
        "gps",
        "gis",
        "sos",
        "headquarters",
        "means",
        "proceedings",
        "crossroads",
        "mathematica",
        "hubs",
        "access",
        "process",
        "congress",
        "progress",
    ]
)

_ICS = frozenset(
    [
        "metrics",
        "topics",
        "heuristics",
        "critics",
        "characteristics",
        "fabrics",
        "comics",
        "tactics",
        "statistics",
        "picnics",
        "mosaics",
        "republics",
        "epidemics",
        "pandemics",
        "schematics",
        "rubrics",
        "logics",
        "plastics",
        "mechanics'",
        "antibiotics",
        "polemics",
        "relics",
    ]
) - {"statistics"}

_ES = ("ches", "shes", "sses", "xes", "zes", "oes", "uses")


@cache
def _short_words() -> frozenset[str]:
    return frozenset(["ties", "lies", "dies", "pies"])


def singular(word: str, known: Container[str] = frozenset()) -> str:
    """The singular of a lower-case English noun, or *word* itself when it has no plural ending that can be trusted.

    *known* holds words that are really written; it decides between "cache" and "cach" for "caches". Written after the
    measurements of the design: libraries that strip more make "analysi", "robotic" and "los".
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or not word.isalpha() or word in _UNCHANGED:
        return word
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ics"):
        return word[:-1] if word in _ICS else word
    if word.endswith("ies"):
        return word[:-1] if word in _short_words() else word[:-3] + "y"
    if word.endswith(("as", "os")):
        return word[:-1] if len(word) > 4 and word[:-1] in known else word
    if word.endswith(_ES) and word[:-1] not in known and (word[:-2] in known or not word.endswith(("oes", "uses"))):
        return word[:-2]
    return word[:-1]
