"""psychopy.preferences: settings that may be set, and change nothing."""
from __future__ import absolute_import, division, print_function


class Preferences(object):
    """The settings by section."""

    def __init__(self):
        self.general, self.app, self.coder, self.builder, self.connections = {}, {}, {}, {}, {}
        self.hardware, self.keyBindings, self.paths = {}, {}, {}
        self.general['audioLib'] = ['simulated']

    def saveUserPrefs(self):
        """Nothing is kept."""


prefs = Preferences()
