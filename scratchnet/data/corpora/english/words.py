"""The English forms that rules would get wrong: verbs, plurals, pronouns as objects, prepositions.

Read next: ../hindi/__init__.py.
"""

VERBS: dict[str, tuple[str, str, str]] = {
    "eat": ("eats", "eating", "ate"),
    "drink": ("drinks", "drinking", "drank"),
    "read": ("reads", "reading", "read"),
    "write": ("writes", "writing", "wrote"),
    "buy": ("buys", "buying", "bought"),
    "see": ("sees", "seeing", "saw"),
    "open": ("opens", "opening", "opened"),
    "give": ("gives", "giving", "gave"),
    "clean": ("cleans", "cleaning", "cleaned"),
    "close": ("closes", "closing", "closed"),
    "repair": ("repairs", "repairing", "repaired"),
    "finish": ("finishes", "finishing", "finished"),
    "prepare": ("prepares", "preparing", "prepared"),
    "use": ("uses", "using", "used"),
    "help": ("helps", "helping", "helped"),
    "wait": ("waits", "waiting", "waited"),
    "talk": ("talks", "talking", "talked"),
    "call": ("calls", "calling", "called"),
    "love": ("loves", "loving", "loved"),
    "miss": ("misses", "missing", "missed"),
    "go": ("goes", "going", "went"),
    "come": ("comes", "coming", "came"),
    "live": ("lives", "living", "lived"),
    "sleep": ("sleeps", "sleeping", "slept"),
    "work": ("works", "working", "worked"),
    "rest": ("rests", "resting", "rested"),
    "study": ("studies", "studying", "studied"),
    "exercise": ("exercises", "exercising", "exercised"),
    "pray": ("prays", "praying", "prayed"),
    "have": ("has", "having", "had"),
    "want": ("wants", "wanting", "wanted"),
    "like": ("likes", "liking", "liked"),
}
"""Base form -> third person singular, -ing form, past."""

PREPOSITIONS: dict[str, str] = {"wait": "for", "talk": "to"}
"""Verb -> what stands before its object."""

PLURALS: dict[str, str] = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "box": "boxes",
    "mango": "mangoes",
    "story": "stories",
    "city": "cities",
}
"""Noun -> plural, where it is not the noun with "s"."""

OBJECT_FORMS: dict[str, str] = {"i": "me", "we": "us", "he": "him", "she": "her", "they": "them"}
"""Pronoun as a subject -> the same as an object."""
