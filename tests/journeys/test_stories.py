"""The stories of the demo, on real processes over real HTTP. Each asserts what it tells."""

from __future__ import annotations

import pytest

from demo.request import OPERATIONS
from demo.stories import STORIES, Story
from tests.journeys.conftest import Performance

pytestmark = pytest.mark.timeout(300)  # the first one sets the stage; a moved clock starts both services anew


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
async def test_a_story_goes_as_it_is_told(story: Story, performance: Performance) -> None:
    told = await performance.of(story)
    assert f". {story.title} ━" in told
    assert "\033[" not in told, "colour belongs on a terminal"


async def test_every_document_of_the_clients_is_sent_by_some_story(performance: Performance) -> None:
    for story in STORIES:
        await performance.of(story)
    kept = {str(path.relative_to(OPERATIONS).with_suffix("")) for path in OPERATIONS.rglob("*.graphql")}
    assert performance.stage.client.sent == kept


async def test_the_setting_is_imported_without_a_refusal(performance: Performance) -> None:
    reports = [line for line in performance.setting.splitlines() if "refused" in line]
    assert len(reports) == 8, "zones, five schools, accounts, tugas tambahan"
    assert all(line.endswith(" 0 refused") for line in reports)
