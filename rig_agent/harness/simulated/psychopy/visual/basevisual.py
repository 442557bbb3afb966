"""psychopy.visual.basevisual: the bases that scripts build stimuli of their own from."""
from __future__ import absolute_import, division, print_function

from psychopy.visual.base import BaseVisualStim  # noqa: F401
from rig_simulation.recorder import Accepting


class MinimalStim(Accepting):
    """The smallest stimulus."""


class ColorMixin(Accepting):
    """Colours."""


class TextureMixin(Accepting):
    """Textures."""


class WindowMixin(Accepting):
    """A window and its units."""


class ContainerMixin(Accepting):
    """Borders."""


class LegacyVisualMixin(Accepting):
    """Old names."""
