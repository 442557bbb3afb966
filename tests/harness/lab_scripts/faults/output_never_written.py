import os
from camstim import Window

window = Window(fullscr=True, screen=0)
for frame in range(600):
    window.flip()
os._exit(0)
