"""nidaqmx.errors: none of them is raised here, so that scripts may catch them."""
from __future__ import absolute_import, division, print_function


class Error(Exception):
    """What all have in common."""


class DaqNotFoundError(Error):
    """The driver is not installed."""


class DaqNotSupportedError(Error):
    """The driver does not work on this system."""


class DaqFunctionNotSupportedError(DaqNotSupportedError):
    """The driver is too old for this."""


class DaqError(Error):
    """An error of the driver, with its number."""

    def __init__(self, message, error_code, task_name=''):
        super(DaqError, self).__init__(message)
        self.error_code, self.error_type, self.task_name = int(error_code), error_code, task_name

    message = property(str)


class DaqReadError(DaqError):
    """A read that has some of the samples."""

    def __init__(self, message, error_code, samps_per_chan_read=0, task_name=''):
        super(DaqReadError, self).__init__(message, error_code, task_name)
        self.samps_per_chan_read = samps_per_chan_read


class DaqWriteError(DaqError):
    """A write of some of the samples."""

    def __init__(self, message, error_code, samps_per_chan_written=0, task_name=''):
        super(DaqWriteError, self).__init__(message, error_code, task_name)
        self.samps_per_chan_written = samps_per_chan_written


class DaqWarning(Warning):
    """A warning of the driver, with its number."""

    def __init__(self, message, error_code=0):
        super(DaqWarning, self).__init__(message)
        self.error_code = self.error_type = error_code

    message = property(str)


class DaqResourceWarning(Warning):
    """A task that was not closed."""
