"""The commands of the command line, a module each, with `add_parser(commands)`.

A command imports the library when it runs, so that `partparse --help` is quick.
"""
