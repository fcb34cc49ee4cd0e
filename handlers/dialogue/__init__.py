"""The conversation: intent in, action called, outbound messages out, with no platform in sight."""
