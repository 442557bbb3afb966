import json, sys
from psychopy import visual
from camstim import SweepStim, Stimulus, Window

params = json.load(open(sys.argv[1]))
window = Window(fullscr=True, screen=0)

from camstim.future import TrialTable


def orientations(table):
    return [table.rows[position] for position in range(2)][2]  # nothing of an unknown table can be right


table = TrialTable("orientations")
table.load()
print(orientations(table))
