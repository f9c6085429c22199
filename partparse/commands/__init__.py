"""The commands of the command line, each a function that returns the exit status, or nothing.

A command imports the library when it runs, so that `partparse --help` is quick.
"""
