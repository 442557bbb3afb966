"""psychopy.gui: dialogs that nobody answers; each field keeps what it was made with."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT

QUESTION = 'the script asks a person by a dialog: answered with what it proposes'


class Dlg(Accepting):
    """A dialog with fields."""

    def __init__(self, title='', *arguments, **keywords):
        self.title, self.data, self.inputFieldNames, self.OK = title, [], [], True
        REPORT.note(QUESTION)

    def addText(self, *arguments, **keywords):
        pass

    def addField(self, label='', initial='', color='', choices=None, tip='', *arguments, **keywords):
        self.inputFieldNames.append(label)
        self.data.append(choices[0] if choices and initial in ('', None) else initial)

    addFixedField = addField

    def show(self):
        return self.data


class DlgFromDict(Dlg):
    """A dialog that fills a dictionary."""

    def __init__(self, dictionary, title='', *arguments, **keywords):
        super(DlgFromDict, self).__init__(title)
        self.dictionary = dictionary
        for name, value in dictionary.items():
            if isinstance(value, (list, tuple)) and value:
                dictionary[name] = value[0]
            self.addField(name, dictionary[name])


def fileOpenDlg(*arguments, **keywords):
    REPORT.note(QUESTION)
    return None


fileSaveDlg = fileOpenDlg
