"""A sample association, so that a newcomer sees Kring at work within a minute.

Makes plain values from a seed and a date; loading them into a database is the business of whoever asks for them.
"""
