"""Stimuli of change detection: groups of conditions; a change is one from group to group."""
from __future__ import absolute_import, division, print_function

import random

from psychopy.visual import GratingStim, ImageStim
from psychopy.visual.base import EVERYWHERE
from rig_simulation import safe_pickle
from rig_simulation.faults import misuse
from rig_simulation.options import native
from rig_simulation.recorder import Accepting, check_keywords


OF_TASK = ('sampling', 'groups', 'name', 'window', 'image_set')
SWEPT = {name[:1].upper() + name[1:] for name, _ in GratingStim.KEYWORDS + ImageStim.KEYWORDS} | {
    'SF', 'TF', 'Image', 'PosX', 'PosY', 'ReplaceImage'}


class DoCStimulus(Accepting):
    """A psychopy stimulus with groups: {group: {attribute: [values]}}."""
    attribute = 'Ori'

    def __init__(self, window=None, *arguments, **keywords):
        self.window = window
        self.settings = keywords
        self.groups = {}
        self.sampling = keywords.get('sampling', 'random')
        self.group = None
        self.value = None
        self.visible = True
        self.set_log, self.draw_log, self.changes_log = [], [], []
        self._deck = []

    def add_stimulus_group(self, name, param=None, values=None, *arguments, **keywords):
        """A group of conditions: its attribute and the values it may take."""
        given = list(param) if isinstance(param, dict) else [] if param is None else [param]
        check_keywords('a group of %s' % type(self).__name__, given, SWEPT, others=False)
        group = self.groups.setdefault(name, {})
        if isinstance(param, dict):
            group.update(param)
        elif param is not None:
            group[param] = values if isinstance(values, (list, tuple)) else [values]

    add_group = add_stimulus_group

    def set_stimulus_groups(self, groups):
        """All groups at once: {group: {attribute: [values]}}."""
        for name, conditions in dict(groups).items():
            self.add_stimulus_group(name, conditions)

    set_groups = set_stimulus_groups

    def other_group(self):
        """A group that is not the present one."""
        names = [name for name in sorted(self.groups) if name != self.group]
        if not names:
            return self.group
        if self.sampling == 'even':  # each as often as the others: a deck that is dealt to its end
            for _ in range(2):
                for name in self._deck:
                    if name != self.group:
                        self._deck.remove(name)
                        return name
                self._deck = random.sample(sorted(self.groups), len(self.groups))
        return random.choice(names)

    def show(self, group, moment, frame):
        """Change to a group: one of its conditions is set."""
        if group is None:
            return
        conditions = self.groups.get(group) or {}
        self.group = group
        for attribute in sorted(conditions):
            values = conditions[attribute]
            self.value = random.choice(list(values)) if values else None
            self.set_log.append((attribute, self.value, moment, frame))

    def prepare(self):
        """Before the first trial: there is a group to begin with."""
        if not self.groups:
            self.groups = {'group_0': {self.attribute: [0]}, 'group_1': {self.attribute: [90]}}
        self.show(sorted(self.groups)[0], 0.0, 0)

    def draw(self):
        """Nothing is shown."""

    def package(self):
        return {'set_log': self.set_log, 'draw_log': self.draw_log, 'changes_log': self.changes_log,
                'groups': self.groups, 'sampling': self.sampling, 'obj_type': type(self).__name__,
                'params': self.settings, 'fps': 60.0}


class DoCGratingStimulus(DoCStimulus):
    """A grating; keywords are GratingStim's and the task's."""

    def __init__(self, window=None, *arguments, **keywords):
        super(DoCGratingStimulus, self).__init__(window, *arguments, **keywords)
        known = {name for name, _ in GratingStim.KEYWORDS}
        check_keywords('camstim.change.DoCGratingStimulus', keywords, known.union(EVERYWHERE, OF_TASK))
        self.stimulus = self.stim = GratingStim(window, **{str(name): value for name, value in keywords.items()
                                                           if name in known and name != 'maskParams'})


class DoCImageStimulus(DoCStimulus):
    """Images of a set: a pickle of {category: {name: array}}. Nothing in the pickle is executed."""
    attribute = 'Image'

    def __init__(self, window=None, image_set=None, *arguments, **keywords):
        super(DoCImageStimulus, self).__init__(window, *arguments, **keywords)
        self.stimulus = self.stim = ImageStim(window, autoLog=False)
        self.images = {}
        self.image_set = image_set
        if image_set:
            self.load_image_set(image_set)

    def load_image_set(self, path):
        """Read a set; each image is a group. Raises IOError, ValueError."""
        try:
            content = safe_pickle.load_file(path) if not isinstance(path, dict) else path
        except ValueError as error:
            raise misuse(ValueError, str(error))
        self.images = dict(_images_of(content))
        if not self.images:
            raise misuse(ValueError, 'the image set %s has no images' % path)
        for name in self.images:
            self.groups.setdefault(name, {'Image': [name]})

    set_image_set = load_images = load_image_set

    def package(self):
        return dict(super(DoCImageStimulus, self).package(), image_set=native(self.image_set),
                    image_names=sorted(self.images))


def _images_of(content, name='image'):
    """(name, image) of a set, however deep: an image is anything that is no dictionary."""
    if isinstance(content, dict):
        for key, item in content.items():
            key = key.decode('utf-8', 'replace') if isinstance(key, bytes) and str is not bytes else key
            for found in _images_of(item, str(key)):
                yield found
    elif hasattr(content, 'shape') or isinstance(content, (list, tuple)):
        yield name, content
