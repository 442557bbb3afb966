import sys
from camstim import Window

window = Window(fullscr=True, screen=0)
sys.stdout.write("press return to start ")
line = sys.stdin.readline()
if not line:
    raise EOFError("nobody answered")
