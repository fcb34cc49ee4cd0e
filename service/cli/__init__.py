"""The command line: arguments in, actions called, words out."""
