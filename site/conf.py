"""Sphinx's settings for the site. `make site` copies this folder to build/site-src and adds what it makes there."""

project = "The LSTM lecture companion"
copyright = "2026; code under the MIT licence, text and figures under CC BY 4.0"
language = "en"

extensions = ["myst_nb"]
exclude_patterns = []
nb_execution_mode = "off"  # the notebooks come executed
myst_enable_extensions = ["dollarmath", "attrs_block"]
myst_heading_anchors = 3
myst_heading_slug_func = "docutils.nodes.make_id"  # so that a heading's anchor is the id that it has in the page

# MathJax lies in the site. Its menu could fetch extensions from a network, so there is none.
mathjax_path = "mathjax/tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "sphinx_book_theme"
html_title = project
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_extra_path = ["extra"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # it fetches pages, which a browser forbids to a page from disk
html_use_index = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "use_repository_button": False,
    "home_page_in_toc": False,
    "back_to_top_button": False,  # in this theme it never comes
    "show_navbar_depth": 1,
    "show_toc_level": 1,
    "search_bar_text": "Search the lecture",
    "navbar_persistent": [],  # one search button is enough, and it stands in the side bar
    "footer_content_items": ["copyright"],
    "secondary_sidebar_items": {
        "**": ["page-toc"],
        "concepts": [],
        "code": [],
        "results": [],
    },  # wide tables take all the room
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "github-dark-high-contrast",
    "navigation_with_keys": False,  # the arrow keys belong to the sliders
}
