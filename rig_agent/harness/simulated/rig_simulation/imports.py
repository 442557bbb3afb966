"""Imports of a script: the simulated packages, what they lack, and what this machine lacks.

Simulated packages are loaded as open modules (recorder.OpenModule), and a submodule that the simulator does not have
becomes an empty one of that kind. After them and after everything installed comes a last finder: it stands in for
libraries that only a rig has, and writes down which well-known library this machine's Python lacks, so that the
ImportError is not taken for a fault of the script.
"""
from __future__ import absolute_import, division, print_function

import os
import pkgutil
import sys

from rig_simulation import libraries, patches
from rig_simulation.libraries import SIMULATED
from rig_simulation.packages import HARDWARE, LIBRARIES, ONLY_ON_WINDOWS, RIG_ONLY
from rig_simulation.recorder import OpenModule, record
from rig_simulation.report import REPORT

ROOTS = ('camstim', 'psychopy', 'toolbox', 'zro', 'PyDAQmx', 'win32api',
         'nidaqmx', 'serial', 'sounddevice')  # hardware: never the installed one, a rig has it
OF_A_RIG = 'a rig has it; here any use of it is taken and reported'
STAND_INS = os.path.join(SIMULATED, 'rig_simulation', 'standins')


def install():
    sys.meta_path.insert(0, SimulatedFinder())
    sys.meta_path.append(LastFinder())
    patches.install()


def is_simulated(name):
    """Whether the simulator has a module of this dotted name."""
    return _locate(name) is not None


def _locate(name):
    """(file, is a package) of a simulated module, or None."""
    base = os.path.join(SIMULATED, *name.split('.'))
    for path, package in ((os.path.join(base, '__init__.py'), True), (base + '.py', False)):
        if os.path.isfile(path):
            return path, package
    return None


class Finder(object):
    """What the finders share: a module from a file as an open module, or an empty one; on Python 2 and 3."""

    def find_spec(self, name, path=None, target=None):
        place = self.place(name)
        if place is None:
            return None
        import importlib.util
        filename, package = place
        if filename is None:
            return importlib.util.spec_from_loader(name, EmptyLoader(), is_package=True)
        return importlib.util.spec_from_file_location(
            name, filename, loader=open_loader()(name, filename),
            submodule_search_locations=[os.path.dirname(filename)] if package else [])

    def find_module(self, name, path=None):  # Python 2
        return self if self.place(name) is not None else None

    def load_module(self, name):  # Python 2
        filename, package = self.place(name)
        module = sys.modules.setdefault(name, OpenModule(name))
        module.__loader__ = self
        module.__package__ = name
        module.__path__ = [os.path.dirname(filename)] if package and filename else []
        if filename:
            module.__file__ = filename
            try:
                with open(filename, 'rb') as stream:
                    exec(compile(stream.read(), filename, 'exec', 0, True), module.__dict__)
            except BaseException:
                del sys.modules[name]
                raise
        else:
            record(name)
        return module


class SimulatedFinder(Finder):
    """The simulated packages, before anything that is installed."""

    def place(self, name):
        root = name.partition('.')[0]
        if root in ROOTS:
            return _locate(name) or (None, True)
        if root in HARDWARE:
            if libraries.asked_by_script():
                _lacks(root, OF_A_RIG)
            return None, True
        return None


class LastFinder(Finder):
    """What nobody else found."""

    busy = False

    def place(self, name):
        root = name.partition('.')[0]
        if sys.version_info[0] == 2 and self._is_there(root):
            return None
        if not libraries.asked_by_script():
            return None
        filename = os.path.join(STAND_INS, name + '.py')
        if os.path.isfile(filename):
            _lacks(name, 'the simulator stands in for it; install it to run the script as a rig does')
            return filename, False
        if root in RIG_ONLY or ONLY_ON_WINDOWS.match(root):
            _lacks(root, OF_A_RIG)
            return None, True
        if isinstance(sys.modules.get(root), OpenModule):  # below a library that the simulator stands in for
            return None, True
        if root in LIBRARIES and root == name:
            _lacks(root, "install it into the interpreter that runs the script")
        return None

    def _is_there(self, root):
        """Python 2 asks these finders before it looks into the folders of the path."""
        if self.busy or root in sys.modules:
            return not isinstance(sys.modules.get(root), OpenModule)
        self.busy = True
        try:
            return pkgutil.find_loader(root) is not None
        except ImportError:
            return False
        finally:
            self.busy = False


def _lacks(name, advice):
    REPORT.environment.setdefault(name, advice)


class EmptyLoader(object):
    """A module that has nothing and takes everything."""

    def create_module(self, spec):
        return OpenModule(spec.name)

    def exec_module(self, module):
        record(module.__name__)


def open_loader():
    """The loader of Python 3 for files, with open modules. Made late: Python 2 has no such base."""
    import importlib.machinery

    class OpenLoader(importlib.machinery.SourceFileLoader):
        def create_module(self, spec):
            return OpenModule(spec.name)
    return OpenLoader
