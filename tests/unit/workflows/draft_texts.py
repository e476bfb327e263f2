"""Three wrong drafts that a ministry might write, as changes of the shipped text."""

from __future__ import annotations

from workflows.files.loader import read_shipped


def _change_shipped(*changes: tuple[str, str]) -> str:
    """The shipped text, with the first occurrence of each text replaced."""
    text = read_shipped().decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


_HEAD_APPROVES = """    to: approved
    by: {role: superior, relation: head_of_school}
    when:
"""

# "Only a definitif principal approves": the schools of a Plt are forgotten.
STUCK_UNDER_PLT = _change_shipped(
    ("            - all: [{head_is: {kind: plt}}, {not: head_is_owner}]\n", ""),
    (
        _HEAD_APPROVES + "      ",
        _HEAD_APPROVES + "      all:\n        - head_is: {kind: definitif}\n        - ",
    ),
)
# A second transition with the same trigger: heads approve, and plans with few points go back.
TWO_APPROVALS = _change_shipped(
    (
        "  - id: return\n",
        """  - id: send_back
    trigger: approve
    label: {id: Setujui, en: Approve}
    from: submitted
    to: draft
    by: {role: superior, relation: head_of_school}
    when:
      all: [{not: {points_at_least: {minimum: 32}}}, {facts_fresh: {minutes: {param: facts_max_age_minutes}}}]

  - id: return
""",
    )
)
# "Teachers are trusted": a submission is an approval.
SUBMIT_APPROVES = _change_shipped(("    to: submitted\n", "    to: approved\n"))
