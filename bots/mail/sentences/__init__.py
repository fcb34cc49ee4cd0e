"""The sentences of the letters about a gathering; their translations are in service/texts/nl/mail.po."""
