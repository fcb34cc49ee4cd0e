"""The mail channel: what Kring sends as mail, and how it is handed to a relay.

Which texts are sent, to whom and when is decided in `service`.
"""
