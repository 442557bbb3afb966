"""The scripts that ship with the package: the last place in which a name is looked up."""
from __future__ import absolute_import, unicode_literals

import os

from rig_agent.base.compat import folder_of
from rig_agent.base.files import read_file

FOLDER = os.path.join(folder_of(__file__), 'bundled')


def names():
    """The names that the package ships, sorted."""
    return sorted(name for name in os.listdir(FOLDER) if name.endswith('.py') and name != '__init__.py')


def path(name):
    """Where a bundled script lies, or None when the package ships none of this name."""
    return os.path.join(FOLDER, name) if name in names() else None


def read(name):
    """The bytes of a bundled script, or None."""
    found = path(name)
    return read_file(found) if found else None
