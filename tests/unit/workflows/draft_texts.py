"""Three drafts that a ministry might write in haste, as changes of the shipped text."""

from __future__ import annotations

from workflows.files.loader import read_shipped


def _changed(*changes: tuple[str, str]) -> str:
    """The shipped text with the first place of each changed."""
    text = read_shipped().decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


_HEAD_APPROVES = """    to: approved
    by: {role: superior, relation: head_of_school}
    when:
"""

# "From now on only a definitif principal approves": and nobody thought of the schools of a Plt.
STUCK = _changed(
    ("            - all: [{head_is: {kind: plt}}, {not: head_is_owner}]\n", ""),
    (
        _HEAD_APPROVES + "      ",
        _HEAD_APPROVES + "      all:\n        - head_is: {kind: definitif}\n        - ",
    ),
)
# A second row for the same button: heads approve as ever, and plans with few points go back.
AMBIGUOUS = _changed(
    (
        "  - id: return\n",
        """  - id: send_back
    trigger: approve
    label: {id: Setujui, en: Approve}
    from: submitted
    to: draft
    by: {role: superior, relation: head_of_school}
    when:
      not: {points_at_least: {minimum: 32}}

  - id: return
""",
    ),
)
# "Teachers are trusted": handing in approves.
UNDECIDED = _changed(("    to: submitted\n", "    to: approved\n"))
