"""The words for people, in Dutch and English: catalogues and templates."""
