import os
from camstim import Window

window = Window(fullscr=True, screen=0)
os.kill(os.getpid(), 11)
