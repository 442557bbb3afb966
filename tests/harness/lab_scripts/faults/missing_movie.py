import sys
from camstim import MovieStim, SweepStim, Window

window = Window(fullscr=True, screen=0)
movie = MovieStim(movie_path="C:/ProgramData/StimulusFiles/no_such_movie.npy", window=window, frame_length=1.0 / 30,
                  size=(1920, 1080), start_time=0.0, stop_time=None, flip_v=True, runs=1)
SweepStim(window, stimuli=[movie], pre_blank_sec=0, post_blank_sec=0, params={}).run()
