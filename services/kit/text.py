"""Text from people and files: what is normalised, blank or refused, and how it is shown and sorted.

Every entrance and every terminal uses these functions (docs/decisions/0033-text.md). They are pure.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.kit.problems import Problem

# What word processors and phones put into texts, and what people see there. Code points without a text are dropped.
_HARMLESS = str.maketrans(
    {
        **dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n"),  # Shift+Enter and page breaks of Word
        **dict.fromkeys("\x1f\u00ad\u180e\u200b\u2060\ufeff", None),  # places where a word may or may not break
        **dict.fromkeys("\u200e\u200f\u061c\u202a\u202c\u2066\u2068\u2069", None),  # around names and numbers of phones
        "\x1e": "-", "\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf0fc": "✓", "\uf0e0": "→",  # fonts of Word
    }
)  # fmt: skip
# Default_Ignorable_Code_Point of Unicode, and characters that fonts show as nothing.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U00013441\U00013442\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REVERSES = "\u202b\u202d\u202e\u2067"  # a text shows something else than it contains
_JOINERS = "\u200c\u200d"  # in emoji and in some scripts
_MAX_PLACES = 5


def normalize_text(text: str) -> str:
    """Return a text in NFC with the harmless characters of word processors and phones replaced or dropped."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_HARMLESS))


def clean_text(text: str) -> str:
    """Return a normalised text without the spaces around it, empty if nothing of it is visible."""
    text = normalize_text(text)
    return "" if is_blank(text) else text.strip()


def clean_name(text: str) -> str:
    """Return a name on one line without characters that are invisible or change the direction of writing."""
    return " ".join(clean_text(_INVISIBLE.sub("", normalize_text(text))).split())


def is_blank(text: str) -> bool:
    """Return whether nothing of a text is visible."""
    return not any(map(_is_visible, text))


def find_text_problems(
    text: str, max_length: int, path: tuple[str, ...], *, one_line: bool = False
) -> Iterator[Problem]:
    """Yield `text.too_long`, `text.line_break` and `text.not_printable` problems of a text as `clean_text` returns it.

    Lines and columns count from 1 in the normalised text: what was dropped was not visible.
    """
    from services.kit.problems import Problem  # which shows values by `isolate`

    text = normalize_text(text)
    if len(text.strip()) > max_length:
        yield Problem("text.too_long", {"most": max_length}, path)
    if one_line and "\n" in text.strip():
        yield Problem("text.line_break", {}, path)
    for character, (line, column) in find_refused_characters(text).items():
        place = {"character": name_character(character), "line": line, "column": column}
        yield Problem("text.not_printable", place, path)


def find_refused_characters(text: str) -> dict[str, tuple[int, int]]:
    """Return the first few characters of a normalised text that are refused, with the line and column of each."""
    places: dict[str, tuple[int, int]] = {}
    for match in re.finditer(r"[^\n\t -~]", text):
        character = match[0]
        if character not in places and _is_refused(character):
            start = match.start()
            places[character] = (text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
            if len(places) == _MAX_PLACES:
                break
    return places


def name_character(character: str) -> str:
    """Return the code point of a character: `U+202E`."""
    return f"U+{ord(character):04X}"


def find_invisible_character(text: str) -> str | None:
    """Return the first invisible character of a text, or None."""
    match = _INVISIBLE.search(text)
    return match[0] if match else None


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can store a text: no NUL, no half of a surrogate pair."""
    return _UNSTORABLE.search(text) is None


def isolate(text: str) -> str:
    """Return a value for a sentence: escaped, and with its own direction of writing (U+2068 … U+2069).

    Only a value with right-to-left letters or numbers is isolated. A value that has isolates is a phrase made of such
    values.
    """
    if (text.isprintable() and text.isascii()) or "\u2068" in text:
        return text
    is_right_to_left = any(unicodedata.bidirectional(one) in ("R", "AL", "AN") for one in text)
    return f"\u2068{escape_text(text)}\u2069" if is_right_to_left else escape_text(text)


def escape_text(text: str) -> str:
    r"""Return a text for a terminal or a log: what a terminal obeys or cannot show is written as `\u202e`, as in JSON.

    Line breaks and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(one if _is_shown(one) else json.dumps(one)[1:-1] for one in text)


# Letters that Unicode does not decompose, and apostrophes: Ma'ruf is sorted as Maruf.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}
    | dict.fromkeys("'`\u00b4\u02b9\u02bb\u02bc\u02bf\u2018\u2019", "")
)


def sort_key(name: str) -> str:
    """Return the key by which a name is sorted and searched: without case, accents and punctuation.

    Byte order of keys is the order of an Indonesian list of names, in a database of any collation.
    """
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", clean_name(name)).casefold())
    letters = "".join(one for one in letters.translate(_LETTERS) if unicodedata.category(one)[0] != "M")
    return " ".join("".join(one if one.isalnum() else " " for one in letters).split())


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] in "LNPS" or category in ("Co", "Cn")) and not _INVISIBLE.match(character)


def _is_refused(character: str) -> bool:
    category, code = unicodedata.category(character), ord(character)
    if character in _REVERSES or category in ("Cs", "Co"):
        return True
    if category == "Cf":  # the signs of Arabic numbers are visible
        return character not in _JOINERS and _INVISIBLE.match(character) is not None
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_noncharacter or (category == "Cc" and character not in "\n\t")


def _is_shown(character: str) -> bool:
    return (
        character.isprintable()
        or character in _JOINERS
        or character in "\n\t"
        or unicodedata.category(character) == "Zs"
    )
