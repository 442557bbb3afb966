"""Mapping stimuli from .stim files, the movie from a lab's share; none of them is on this machine."""
import json
import os
import sys

from camstim import Foraging, MovieStim, Stimulus, SweepStim, Warp, Window

params = json.load(open(sys.argv[1]))
window = Window(fullscr=True, monitor='Gamma1.Luminance50', screen=0, warp=Warp.Spherical)
gabor = Stimulus.from_file(params['mapping']['gabor_path'], window)
flash = Stimulus.from_file(params['mapping']['flash_path'], window)
gabor.set_display_sequence([(0, 20), (40, 60)])
flash.set_display_sequence([(20, 40)])
movie = MovieStim(movie_path=params['movie_path'], window=window, frame_length=2.0 / 60.0, size=(1920, 1080),
                  start_time=0.0, stop_time=None, flip_v=True, runs=1)
movie.set_display_sequence([(60, 70)])
ss = SweepStim(window, stimuli=[gabor, flash, movie], pre_blank_sec=2, post_blank_sec=2, params={})
ss.add_item(Foraging(window=window, auto_update=False, params={}, nidaq_tasks={'digital_input': ss.di,
                                                                              'digital_output': ss.do}), "foraging")
ss.run()
