"""What sentences state of their paper. The sentences are invented; each wording has been met in print."""

from __future__ import annotations

import pytest

from digest.summary.states import (
    is_about_this_paper,
    presents,
    stands_alone,
    states_contribution,
    states_finding,
    states_limit,
)

LIMITS = (
    "A limitation of our work is that only English newspapers were read.",
    "The main limitation of this study is the small number of looms.",
    "The limitations of our approach are its memory use and its need for labels.",
    "One limitation is that our reader sees one page at a time.",
    "Our approach has several limitations: it needs labels and it is slow.",
    "This work has two limitations that a larger corpus would remove.",
    "Our evaluation is limited to three mountain ranges in Europe.",
    "Our analysis was restricted to galaxies brighter than magnitude 20.",
    "The present study is limited by the resolution of the survey.",
    "We do not consider moving cameras, which we leave for future work.",
    "We did not test other languages, and this is left to future work.",
    "We do not model dust, as that is beyond the scope of this paper.",
    "We leave the case of disconnected graphs to future work.",
    "We leave a proof of the general case for future research.",
    "The treatment of magnetic fields is beyond the scope of the present work.",
    "Extending the bound to hypergraphs is left for future work.",
    "Our method suffers from a drawback: training takes four days.",
    "This study comes with some limitations, the first being its sample.",
    "A caveat of our analysis is that star formation is assumed constant.",
    "Another shortcoming of our model is that it ignores the wind.",
)

NO_LIMITS = (
    "Existing methods are limited to short documents.",
    "A limitation of existing methods is that they need labels.",
    "Current approaches have several limitations.",
    "We address the limitations of previous work by learning from noise.",
    "To overcome this limitation, we propose a second loom.",
    "We discuss the limitations of our approach and directions for future work.",
    "Our method overcomes the limitations of template matching.",
    "The main limitation of convolutional networks is their local view.",
    "These results open directions for future work on weaving.",
    "Future work will extend the loom to silk.",
    "Labels are scarce and limited in quality.",
    "We do not need labels at all.",
    "We did not observe any loss in accuracy.",
    "Our earlier study was limited to wool; here we weave silk.",
    "Our approach is not limited to images.",
    "Limitations of the present study and directions for later work are also discussed.",
    "Our understanding of dust is limited to nearby discs.",
    "Our experiments reveal that current weavers face significant limitations in dim light.",
    "However, this method is fundamentally limited by the quality of the thread.",
    "However, this approach has limitations.",
    "However, our study has important limitations.",
    "Our theoretical understanding of weaving is limited by our eyes.",
    "The results show that our cloth has fewer limitations in width.",
    "We identify key limitations of the current view of looms: servers are slow.",
    "The current formulation of weaving faces three limitations: dust, light and price.",
    "Our framework is no longer limited by memory.",
    "The limitations of language models in arithmetic are well known.",
    "We analyse the limitations of our baselines in detail.",
    "The discovery is limited only by the size of the telescope.",
    "We study the limits of learning from a single example.",
    "Time-limited searches are common in planning.",
    "Our bound holds in the limit of large samples.",
    "We highlight limitations of this approach to alignment that others have proposed.",
    "The proposed loom alleviates the limitations of this method of weaving.",
)


@pytest.mark.parametrize("sentence", LIMITS)
def test_a_limitation_of_the_papers_own_is_known(sentence: str) -> None:
    assert states_limit(sentence)


@pytest.mark.parametrize("sentence", NO_LIMITS)
def test_what_others_lack_or_what_is_only_announced_is_no_limitation(sentence: str) -> None:
    assert not states_limit(sentence)


@pytest.mark.parametrize(
    ("sentence", "states"),
    [
        ("First, the loom was tried on wool only.", True),
        ("It cannot weave glass, and training remains costly.", True),
        ("We thank the weavers for their patience.", False),
        ("In this section we discuss the limitations of our loom.", False),
    ],
)
def test_a_section_on_limitations_needs_fewer_words(sentence: str, states: bool) -> None:
    assert states_limit(sentence, among_limits=True) is states
    assert not states_limit(sentence)


@pytest.mark.parametrize(
    ("sentence", "is_about"),
    [
        ("We weave glass.", True),
        ("This survey sorts looms.", True),
        ("A new loom is proposed.", True),
        ("This position paper argues for wool.", True),
        ("In a recent note we bounded the number of threads, and here we improve the bound.", True),
        ("Looms are important.", False),
        ("Our understanding of dust is poor.", False),
        ("Surveys have mapped the centre of our Galaxy.", False),
        ("We live in a world of cloth.", False),
        ("It concerns all of us.", False),
        ("Looms are everywhere, yet we lack a way to compare them.", False),
        ("The theorem says that any cloth can be woven if we allow knots.", False),
        ("Wide looms allow us to weave at night.", False),
        ("In a recent note we bounded the number of threads.", False),
        ("Recently, we found a thread that holds.", False),
        ("In our previous work we wove wool.", False),
    ],
)
def test_a_sentence_is_about_this_paper(sentence: str, is_about: bool) -> None:
    """What everybody does, and what the authors did before, is not of this paper."""
    assert is_about_this_paper(sentence) is is_about


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("Unsupported answers fall from 21% to 6% on five sets.", True),
        ("$k$-means finds the looms in every one of our tests.", True),
        ("vLLM serves the loom at twice the speed of before.", True),
        ("Wool wins.", False),
        ("As Table 3 shows, wool wins on every set we tried.", False),
        ("Wool wins on every set that we tried (see Appendix B).", False),
        ("It wins on every set that we have tried so far.", False),
        ("These results hold for every loom that we have tried.", False),
        ("In the former task our best loom wins by a wide margin.", False),
        ("wins on every set that we have tried so far.", False),
        ("The results on every set that we have tried are:", False),
    ],
)
def test_a_sentence_of_the_body_is_shown_if_it_stands_alone(sentence: str, alone: bool) -> None:
    assert stands_alone(sentence) is alone


def test_findings_contributions_and_what_is_presented() -> None:
    assert states_finding("Our results show that wool lasts longer than silk.")
    assert not states_finding("Future work could show that silk lasts longer.")
    assert not states_finding("We weave wool.")
    assert states_contribution("Our main contribution is a loom that weaves glass.")
    assert not states_contribution("We thank all for their contribution.")
    assert presents("In this paper, we propose a loom.")
    assert presents("We thoroughly study wool.")
    assert not presents("Wool is studied.")
