"""camstim.change: the change detection task, its trials and its stimuli."""
from __future__ import absolute_import, division, print_function

from camstim.change.stimuli import DoCGratingStimulus, DoCImageStimulus, DoCStimulus  # noqa: F401
from camstim.change.task import DoCTask  # noqa: F401
from camstim.change.trials import DoCTrialGenerator  # noqa: F401
