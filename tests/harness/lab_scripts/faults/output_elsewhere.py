import os, pickle, sys, tempfile
from camstim import Window

window = Window(fullscr=True, screen=0)
for frame in range(120):
    window.flip()
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "somewhere_else.txt")
with open(path, "wb") as f:
    pickle.dump({}, f)
