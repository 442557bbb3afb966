"""psychopy.visual.windowwarp: a warp for a screen close to the eye; nothing is bent, as nothing is shown."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting


class Warper(Accepting):
    """Bends what a window shows."""

    def __init__(self, win, warp=None, warpfile=None, warpGridsize=300, eyepoint=(0.5, 0.5), flipHorizontal=False,
                 flipVertical=False):
        self.win, self.warpGridsize = win, warpGridsize
        self.changeProjection(warp, warpfile, eyepoint, flipHorizontal, flipVertical)

    def changeProjection(self, warp, warpfile=None, eyepoint=(0.5, 0.5), flipHorizontal=False, flipVertical=False):
        self.warp, self.warpfile, self.eyepoint = warp, warpfile, list(eyepoint)
        self.flipHorizontal, self.flipVertical = flipHorizontal, flipVertical

    def drawWarp(self):
        """Nothing is shown."""
