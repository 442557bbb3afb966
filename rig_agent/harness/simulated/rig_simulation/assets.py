"""Files that describe stimuli: .stim files are Python text that sets `stimulus`, as camstim runs them."""
from __future__ import absolute_import, division, print_function

from rig_simulation.faults import misuse


def stimulus_of_file(path, window, *arguments, **keywords):
    """The stimulus that a .stim file makes. Raises IOError, and whatever its text raises."""
    with open(path, 'rb') as stream:
        content = stream.read()
    names = {'window': window, 'win': window, '__file__': path, '__name__': 'stim'}
    exec(compile(content, path, 'exec', 0, True), names)
    stimulus = names.get('stimulus', names.get('stim'))
    if stimulus is None:
        raise misuse(NameError, "name 'stimulus' is not defined: %s sets no stimulus" % path)
    stimulus.stim_path = path
    stimulus.stim_text = content.decode('utf-8', 'replace')
    return stimulus
