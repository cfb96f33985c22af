"""The singular of a noun, by rules with exceptions; a wrong one is worse than none."""

from __future__ import annotations

from collections.abc import Container

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
    "nebulae": "nebula", "children": "child", "mice": "mouse", "men": "man", "women": "woman",
    "feet": "foot", "teeth": "tooth", "geese": "goose", "leaves": "leaf", "halves": "half",
    "wolves": "wolf", "shelves": "shelf", "knives": "knife", "wives": "wife", "selves": "self", "lives": "life",
    "dwarves": "dwarf", "movies": "movie", "cookies": "cookie", "calories": "calorie", "zombies": "zombie",
    "selfies": "selfie", "hobbies": "hobby", "quizzes": "quiz", "lenses": "lens", "gases": "gas", "buses": "bus",
    "biases": "bias", "aliases": "alias", "atlases": "atlas", "canvases": "canvas", "viruses": "virus",
}  # fmt: skip

_UNCHANGED = frozenset({
    "access", "achilles", "acoustics", "adams", "across", "aerodynamics", "aeronautics", "aesthetics", "afterwards", "alias", "always",
    "analytics", "angeles", "antares", "as", "athletics", "atlas", "basics", "bayes", "besides", "bias", "bioinformatics",
    "biometrics", "canvas", "caries", "ceramics", "ceres", "chaos", "charles", "christmas", "chromodynamics",
    "combinatorics", "congress", "cosmos", "crossroads", "cybernetics", "demographics", "diabetes",
    "diagnostics", "dos", "dynamics", "econometrics", "economics", "electrodynamics", "electronics",
    "ergonomics", "ethics", "ethos", "forensics", "gas", "gauss", "genetics", "genomics", "gis", "gps",
    "graphics", "haptics", "has", "headquarters", "hemodynamics", "hermeneutics", "hermes", "herpes", "his", "holmes", "hughes",
    "hydrodynamics", "informatics", "ios", "is", "its", "james", "jones", "keras", "kinematics", "kubernetes",
    "kudos", "las", "lens", "less", "linguistics", "logistics", "los", "lyrics", "magnetohydrodynamics", "mars",
    "mathematica", "mathematics", "means", "measles", "mechanics", "metabolomics", "minus", "news", "omics",
    "optics", "os", "pancreas", "pandas", "paris", "pathos", "pegasus", "perhaps", "phonetics", "photonics",
    "physics", "plasmonics", "plus", "politics", "pragmatics", "proceedings", "process", "progress",
    "prosthetics", "proteomics", "psychometrics", "rabies", "radiomics", "reuters", "robotics", "semantics",
    "series", "sextans", "siemens", "sos", "species", "spintronics", "statics", "statistics", "stokes", "stylistics",
    "texas", "therapeutics", "thermodynamics", "this", "thus", "towards", "transcriptomics", "uranus", "us",
    "vegas", "venus", "versus", "wales", "was", "whereas", "williams", "yes",
})  # fmt: skip

_ICS = frozenset({
    "antibiotics", "characteristics", "clinics", "comics", "critics", "epidemics", "fabrics", "heuristics", "logics",
    "metrics", "mosaics", "pandemics", "picnics", "plastics", "polemics", "relics", "republics", "rubrics",
    "schematics", "tactics", "topics",
})  # fmt: skip

_ES = ("ches", "shes", "sses", "xes", "zes", "oes", "uses")


_SHORT = frozenset({"ties", "lies", "dies", "pies"})


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
        return word[:-1] if word in _SHORT else word[:-3] + "y"
    if word.endswith(("as", "os")):
        return word[:-1] if len(word) > 4 and word[:-1] in known else word
    if word.endswith(_ES) and word[:-1] not in known and (word[:-2] in known or not word.endswith(("oes", "uses"))):
        return word[:-2]
    return word[:-1]
