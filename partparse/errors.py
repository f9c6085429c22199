"""The one error that users are meant to see."""


class InputError(ValueError):
    """Something that was handed to partparse is wrong.

    The message is one line and names the file, the entry in it, and what was expected; the
    programs print it without a traceback and exit with status 1.
    """
