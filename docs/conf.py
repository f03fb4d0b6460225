"""How Sphinx builds the site: `make docs`. It needs no network, and a warning is an error."""

from importlib.metadata import version as version_of

project = "gridworld-bench"
author = "The gridworld-bench developers"
version = release = version_of("gridworld-bench")
html_title = f"{project} {version}"
language = "en"

extensions = [
    "myst_nb",  # Markdown and notebooks
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
]
root_doc = "index"
exclude_patterns = ["examples"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# Files of the repository that are no pages are linked to as they are.
myst_all_links_external = False
nb_execution_mode = "off"  # they keep what they printed; a test runs them again

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
add_module_names = False
default_role = "code"  # docstrings write code as Markdown does
copyright = author

html_theme = "furo"
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sourcelink = False
