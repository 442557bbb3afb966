"""toolbox.misc.mail: nothing is sent; the report says what would have been."""
from __future__ import absolute_import, division, print_function

from rig_simulation.report import REPORT


def send(*arguments, **keywords):
    REPORT.network_use('mail: would be sent')


sendMail = send_mail = sendmail = mail = send


class Mailer(object):
    def __init__(self, *arguments, **keywords):
        pass

    send = staticmethod(send)
