import sys
from camstim import Window

window = Window(fullscr=True, screen=0)
sys.exit(3)
