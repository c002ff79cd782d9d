"""A small table of English synonyms for augmenting text. Chapter 02."""

from __future__ import annotations

SYNONYM_GROUPS = (
    ("big", "large", "huge"),
    ("small", "little", "tiny"),
    ("fast", "quick", "rapid", "swift"),
    ("slow", "sluggish", "unhurried"),
    ("good", "fine", "decent"),
    ("bad", "poor", "awful"),
    ("great", "excellent", "superb"),
    ("terrible", "dreadful", "horrible"),
    ("happy", "glad", "cheerful"),
    ("sad", "unhappy", "gloomy"),
    ("angry", "furious", "irate"),
    ("afraid", "scared", "frightened"),
    ("beautiful", "lovely", "gorgeous"),
    ("ugly", "unsightly", "hideous"),
    ("smart", "clever", "bright"),
    ("stupid", "foolish", "silly"),
    ("easy", "simple", "effortless"),
    ("difficult", "hard", "tough"),
    ("important", "significant", "crucial"),
    ("strange", "odd", "weird"),
    ("funny", "amusing", "comical"),
    ("boring", "dull", "tedious"),
    ("interesting", "engaging", "absorbing"),
    ("new", "recent", "fresh"),
    ("old", "aged", "ancient"),
    ("rich", "wealthy", "affluent"),
    ("cheap", "inexpensive", "affordable"),
    ("begin", "start", "commence"),
    ("end", "finish", "conclude"),
    ("buy", "purchase", "acquire"),
    ("help", "assist", "aid"),
    ("show", "display", "present"),
    ("make", "create", "produce"),
    ("choose", "select", "pick"),
    ("fix", "repair", "mend"),
    ("look", "gaze", "glance"),
    ("talk", "speak", "chat"),
    ("walk", "stroll", "wander"),
    ("like", "enjoy", "appreciate"),
    ("hate", "detest", "loathe"),
    ("house", "home", "dwelling"),
    ("car", "automobile", "vehicle"),
    ("film", "movie", "picture"),
    ("story", "tale", "narrative"),
)
"""Words that can often stand for each other, each word in one group only."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    word: tuple(other for other in group if other != word) for group in SYNONYM_GROUPS for word in group
}
"""The other words of its group, for each word."""
