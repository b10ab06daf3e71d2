"""The number of typos between two words: a letter more, less or other, or two neighbours swapped.

It is the optimal string alignment distance (https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance), which
tantivy's automata have too.
"""

from __future__ import annotations


def has_few_typos(wanted: str, word: str, most: int) -> bool:
    """Whether at most `most` typos make the one word of the other."""
    letters, others = set(wanted), set(word)
    if abs(len(wanted) - len(word)) > most or len(letters - others) > most or len(others - letters) > most:
        return False  # a typo adds or removes one letter: most words of a text are judged here
    older: list[int] = []
    before: list[int] = []
    row = list(range(len(word) + 1))
    for above, letter in enumerate(wanted):
        older, before, row = before, row, [above + 1]
        for left, other in enumerate(word):
            typos = min(before[left + 1] + 1, row[left] + 1, before[left] + (letter != other))
            if above and left and letter == word[left - 1] and other == wanted[above - 1]:
                typos = min(typos, older[left - 1] + 1)
            row.append(typos)
        if min(row) > most:
            return False
    return row[-1] <= most
