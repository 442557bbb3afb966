"""camstim.MovieStim and NaturalScenes: movies from .npy files, images from a list of files."""
from __future__ import absolute_import, division, print_function

import os

from camstim.stimulus import KEYWORDS, Stimulus
from psychopy.visual import ImageStim
from rig_simulation import images
from rig_simulation.clock import FRAMES_PER_SECOND
from rig_simulation.faults import misuse, number
from rig_simulation.options import native
from rig_simulation.recorder import check_keywords, script_line
from rig_simulation.report import REPORT

LONGEST_FRAME = 10.0  # seconds


class MovieStim(Stimulus):
    """A movie: a uint8 array of frames x height x width. `frame_length` in seconds."""

    def __init__(self, movie_path, window, frame_length=2.0 / 60.0, size=None, start_time=0.0, stop_time=None,
                 flip_v=False, runs=1, **others):
        check_keywords('camstim.MovieStim', others, KEYWORDS)
        self.movie_path = movie_path
        self.frame_length = number('frame_length', frame_length)
        if self.frame_length > LONGEST_FRAME:
            REPORT.finding('time', 'frame_length is %g s: a movie has seconds a frame, not frames a second (at %s)'
                           % (self.frame_length, script_line()))
        self.flip_v = flip_v
        self.movie_shape = movie_shape(movie_path)
        super(MovieStim, self).__init__(
            ImageStim(window, size=size, units='pix', autoLog=False),
            sweep_params={'ReplaceImage': (range(self.movie_shape[0]), 0)}, sweep_length=self.frame_length,
            start_time=start_time, stop_time=stop_time, runs=runs,
            **{name: value for name, value in others.items() if name in ('blank_length', 'blank_sweeps', 'shuffle')})
        self.stim_path = movie_path if isinstance(movie_path, (str, type(u''))) else 'array'

    def draw(self):
        """The frames of a movie are many, and none of them is drawn."""

    def _set(self, name, value):
        pass

    def package(self):
        return dict(super(MovieStim, self).package(), movie_path=self.stim_path, frame_length=self.frame_length,
                    movie_shape=self.movie_shape, sweep_table=None, sweep_params=None)


class NaturalScenes(Stimulus):
    """Images, each a sweep."""

    def __init__(self, image_path_list, window, sweep_length=0.25, blank_length=0.0, start_time=0.0, stop_time=None,
                 blank_sweeps=0, runs=1, shuffle=False, fps=FRAMES_PER_SECOND, save_sweep_table=True, **others):
        check_keywords('camstim.NaturalScenes', others, KEYWORDS)
        self.image_path_list = image_paths(image_path_list)
        for path in self.image_path_list:
            if isinstance(path, (str, type(u''))):
                images.size_of_file(path)
        super(NaturalScenes, self).__init__(
            ImageStim(window, units='pix', autoLog=False),
            sweep_params={'ReplaceImage': (range(len(self.image_path_list)), 0)}, sweep_length=sweep_length,
            blank_length=blank_length, start_time=start_time, stop_time=stop_time, blank_sweeps=blank_sweeps, runs=runs,
            shuffle=shuffle, fps=fps, save_sweep_table=save_sweep_table)
        self.stim_path = 'natural_scenes'

    def package(self):
        return dict(super(NaturalScenes, self).package(),
                    image_path_list=[native(path) for path in self.image_path_list])


def movie_shape(movie):
    """Shape of a movie file or array. Raises IOError, ValueError as numpy would."""
    if not isinstance(movie, (str, type(u''))):
        return tuple(getattr(movie, 'shape', (len(movie),)))
    try:
        shape, kind = images.shape_of_npy(movie)
    except ValueError as error:
        raise misuse(ValueError, str(error))
    if len(shape) < 3 or 'u1' not in kind:
        raise misuse(ValueError, 'a movie is an array of frames x height x width of uint8, %s is %s of %s'
                     % (movie, shape, kind))
    return shape


def image_paths(given):
    """Paths of a list, of a folder's images, or of one file."""
    if not isinstance(given, (str, type(u''))):
        return list(given)
    if os.path.isdir(given):
        return [os.path.join(given, name) for name in sorted(os.listdir(given))]
    return [given]
