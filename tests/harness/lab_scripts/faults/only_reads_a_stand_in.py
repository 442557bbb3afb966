import json, os, pickle, sys
from camstim import Window

path = json.load(open(sys.argv[1]))["image_set"]
names = sorted(pickle.load(open(path, "rb")))
window = Window(fullscr=True, screen=0)
for name in names * 30:
    window.flip()
