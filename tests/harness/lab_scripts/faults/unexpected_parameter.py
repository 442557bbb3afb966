import json, sys
from camstim import Window


def session(window, runs, stage):
    raise SystemExit(0)


session(Window(fullscr=True, screen=0), **json.load(open(sys.argv[1])))
