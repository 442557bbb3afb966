"""Sparse noise by a subclass of psychopy's element array, with attribute setters of its own."""
import sys
import json

import numpy as np
from psychopy import visual
from psychopy.tools.arraytools import val2array
from psychopy.tools.attributetools import attributeSetter, setAttribute
from camstim import Stimulus, SweepStim, Window


class SparseNoise(visual.ElementArrayStim):

    def __init__(self, win, shape=(8, 14), cell=9.3, seed=0, **kwargs):
        self.shape, self.cell = shape, cell
        n = shape[0] * shape[1]
        ys, xs = np.mgrid[:shape[0], :shape[1]]
        grid = np.column_stack([(xs.ravel() - shape[1] / 2.0) * cell, (ys.ravel() - shape[0] / 2.0) * cell])
        super(SparseNoise, self).__init__(win, nElements=n, xys=grid, sizes=cell, elementTex=None, elementMask=None,
                                          units='deg', colors=np.zeros((n, 3)), **kwargs)
        self.rng = np.random.RandomState(seed)
        self.__dict__['frame'] = 0
        assert self.xys.shape == (n, 2)

    @attributeSetter
    def frame(self, value):
        """Which picture of the sequence is shown."""
        self.__dict__['frame'] = value
        levels = self.rng.choice([-1, 0, 1], size=self.nElements)
        self.colors = np.repeat(levels[:, np.newaxis], 3, axis=1)
        self.opacities = np.abs(levels).astype(float)

    def setFrame(self, value, operation='', log=None):
        setAttribute(self, 'frame', value, log, operation)


with open(sys.argv[1]) as f:
    params = json.load(f)
window = Window(fullscr=True, monitor='Gamma1.Luminance50', screen=0)
noise = SparseNoise(window, autoLog=False)
assert isinstance(noise, visual.ElementArrayStim)
assert len(val2array((3, 4))) == 2
stimulus = Stimulus(noise, sweep_params={'Frame': (list(range(20)), 0)}, sweep_length=0.25, start_time=0.0,
                    runs=params['runs'], shuffle=False)
SweepStim(window, stimuli=[stimulus], pre_blank_sec=2, post_blank_sec=2, params={}).run()
