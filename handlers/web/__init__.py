"""The web: pages, links, feeds and the JSON API."""
