"""To whom a reminder goes, and what it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.kit.problem import Refused
from services.planning.api.ids import notification_id, parse_notification_id, parse_timer_id, timer_id
from services.planning.domain.notification import Told, sentence_of, to_dinas, to_head, to_owner
from services.planning.domain.school import Head
from workflows import Recipient, load, shipped

OWNER, HEAD = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000009"
AT = datetime(2024, 1, 18, 1, 0, 0, 123456, tzinfo=UTC)
DEFINITION = load(shipped())


def test_each_reminder_has_an_id_of_its_own() -> None:
    assert to_owner(OWNER).id != to_owner(OWNER).id
    assert (to_owner(OWNER).recipient, to_dinas().recipient) == (f"ptk:{OWNER}", "dinas")


@pytest.mark.parametrize(
    ("head", "recipient", "who"),
    [
        (Head("definitif", HEAD), f"ptk:{HEAD}", Recipient.HEAD),
        (Head("plt", HEAD), f"ptk:{HEAD}", Recipient.HEAD),
        (Head("kosong"), "dinas", Recipient.DINAS),
        (Head("plt", OWNER), "dinas", Recipient.DINAS),
    ],
)
def test_nobody_is_reminded_to_decide_on_their_own_plan(head: Head, recipient: str, who: Recipient) -> None:
    told = to_head(head, OWNER)
    assert (told.recipient, told.who) == (recipient, who)


@pytest.mark.parametrize(
    ("who", "state", "code"),
    [
        (Recipient.OWNER, "draft", "notification.owner_drafts"),
        (Recipient.OWNER, "approved", "notification.owner"),
        (Recipient.HEAD, "submitted", "notification.head"),
        (Recipient.DINAS, "submitted", "notification.dinas"),
    ],
)
def test_what_it_says_depends_on_whom_it_tells(who: Recipient, state: str, code: str) -> None:
    since = datetime(2024, 1, 14, 16, 30, tzinfo=UTC)  # the 15th in the east
    told = Told("", AT, OWNER, "2024-1", "uji", "", state, since, who, "Ratna", "SD", "Asia/Jayapura", None)
    sentence = sentence_of(told, DEFINITION.state(state))
    assert sentence.code == code
    assert str(sentence.params["day"]) == "2024-01-15"


def test_ids_are_read_back_and_no_other_spelling_is() -> None:
    assert parse_notification_id(notification_id(OWNER, AT), ()) == (AT, OWNER)
    assert parse_timer_id(timer_id(OWNER, "2024-1", "escalate"), ()) == (OWNER, "2024-1", "escalate")
    for parse in (parse_notification_id, parse_timer_id):
        for text in ("", "x", timer_id(OWNER, "2024-1", "Uji"), notification_id("x", AT)):
            with pytest.raises(Refused, match=r"id\.invalid"):
                parse(text, ())
