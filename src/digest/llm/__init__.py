"""What a language model is asked about a paper, and what of its answer is believed. Pure: who asks is ``digest.pipeline.llm``.

The model judges and does not write: it is shown numbered sentences and numbered terms, and answers with their numbers, a
kind and whole-number scores. Whatever it says is foreign text until it has been held against the paper.
"""
