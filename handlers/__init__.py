"""What happens with what a person asks: by message (dialogue) or by HTTP (web)."""
