"""The first lot of notebooks in the classic notebook; a file is one worker's, and the two files halve the wait."""

import pytest
from classic_student import LOTS, Classic, visit
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", LOTS[0])
def test_a_notebook_is_trusted_and_every_gate_lab_in_it_moves(page: Page, classic: Classic, name: str):
    visit(page, classic, name)
