"""The notebooks of odd number in the classic notebook; a file is one worker's, and the two files halve the wait."""

import pytest
from classic_student import Classic, visit
from playwright.sync_api import Page
from student import notebook_names

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", notebook_names()[::2])
def test_a_notebook_is_trusted_and_every_gate_lab_in_it_moves(page: Page, classic: Classic, name: str):
    visit(page, classic, name)
