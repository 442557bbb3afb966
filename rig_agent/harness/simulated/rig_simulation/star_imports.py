"""What `from pyglet.gl import *` has to bring where nobody knows what the module has: what the script makes use of."""
from __future__ import absolute_import, division, print_function

import ast

from rig_simulation.report import real_open

try:
    import builtins
except ImportError:  # Python 2
    import __builtin__ as builtins


def names_wanted(frame):
    """The names that the module of this frame uses and gets from nowhere else, sorted."""
    try:
        with real_open(frame.f_code.co_filename, 'rb') as stream:
            nodes = list(ast.walk(ast.parse(stream.read())))
    except (EnvironmentError, SyntaxError, ValueError):
        return []
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    given = set(dir(builtins)) | set(frame.f_globals)
    for node in nodes:
        given.update(_names_given(node))
    return sorted(str(name) for name in used - given)


def _names_given(node):
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition('.')[0] for alias in node.names]
    name = getattr(node, 'arg', None) or getattr(node, 'name', None)  # arguments, functions, classes, caught errors
    return [name] if isinstance(name, str) else []
