"""A zoo of small misbehaving scripts, each named after what it does, to try supervision on: in tests and on a rig.

Each script says in its docstring what it does, in EXPECTED which outcomes are right, and in LIMITS and LEFTOVERS what
a session of it needs and leaves. They end by themselves after 110 s at the latest.
"""
from __future__ import absolute_import, unicode_literals

import ast
import io
import os
from collections import namedtuple

from rig_agent.base.compat import folder_of, to_text

FOLDER = folder_of(__file__)
FACTS = ('EXPECTED', 'LIMITS', 'LEFTOVERS')

# name, path, what it does (one sentence), outcomes that are right, limits (seconds, bytes), how many leftovers.
Animal = namedtuple(str('Animal'), 'name path says expected limits leftovers')


def animals():
    """Every script of the zoo, by name."""
    return [_read(name[:-3]) for name in sorted(os.listdir(FOLDER)) if name.endswith('.py') and name != '__init__.py']


def _read(name):
    path = os.path.join(FOLDER, name + '.py')
    with io.open(path, 'rb') as stream:
        tree = ast.parse(stream.read())
    facts = {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body
             if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', None) in FACTS}
    return Animal(name, path, to_text(ast.get_docstring(tree)).splitlines()[0],
                  [to_text(word) for word in facts['EXPECTED']],
                  {to_text(key): value for key, value in facts.get('LIMITS', {}).items()}, facts.get('LEFTOVERS', 0))
