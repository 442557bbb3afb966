"""Simulated camstim: the classes that stimulus scripts are written against."""
from __future__ import absolute_import, division, print_function

from camstim.behavior import Foraging  # noqa: F401
from camstim.movies import MovieStim, NaturalScenes  # noqa: F401
from camstim.stimulus import Stimulus, Stimulus_v2  # noqa: F401
from camstim.sweepstim import SweepStim, SweepStim_v2  # noqa: F401
from camstim.window import Warp, Window  # noqa: F401

__version__ = '0.2.4'
