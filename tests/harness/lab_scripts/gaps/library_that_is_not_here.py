from camstim import Window
import pynwb

window = Window(fullscr=True, screen=0)
