"""List what people do for a living in this association, per field of work and in both languages.

A field decides in which circles someone turns up; the title is only what others read.
"""

from typing import NamedTuple

from service.demo.model import Language


class Work(NamedTuple):
    """Say how common a field of work is, and which titles it knows in Dutch and in English."""

    weight: int
    nl: tuple[str, ...]
    en: tuple[str, ...]

    def titles(self, language: Language) -> tuple[str, ...]:
        """Return the titles in one language."""
        return self.nl if language == "nl" else self.en


DIRECTOR = Work(0, ("directeur-bestuurder", "directeur", "algemeen directeur"), ("executive director", "director"))

FIELDS = {
    "programme": Work(
        27,
        (
            "programmamanager Sahel",
            "programmamedewerker",
            "hoofd programma's",
            "regiocoördinator Grote Meren",
            "programmamanager Zuidoost-Azië",
            "partnerschapsadviseur",
            "projectleider",
        ),
        (
            "programme manager Horn of Africa",
            "programme officer",
            "partnership adviser",
            "regional coordinator Latin America",
            "consortium manager",
        ),
    ),
    "communication": Work(
        11,
        ("communicatieadviseur", "redacteur", "persvoorlichter", "campagnemanager", "online marketeer"),
        ("communications officer", "campaigner", "content editor"),
    ),
    "advocacy": Work(
        10,
        ("lobbyist", "beleidsadviseur", "adviseur public affairs", "beleidsmedewerker politieke zaken"),
        ("policy adviser", "advocacy officer", "public affairs adviser"),
    ),
    "fundraising": Work(
        9,
        ("fondsenwerver", "relatiemanager institutionele donoren", "adviseur vermogensfondsen", "subsidieadviseur"),
        ("grants officer", "donor relations manager"),
    ),
    "pmel": Work(
        9,
        ("PMEL-adviseur", "adviseur monitoring en evaluatie", "kwaliteitsmedewerker programma's"),
        ("MEL adviser", "evaluation officer", "PMEL coordinator"),
    ),
    "support": Work(
        9,
        ("controller", "financieel medewerker", "officemanager", "HR-adviseur", "bestuurssecretaris"),
        ("finance officer", "HR business partner", "office manager"),
    ),
    "quality": Work(
        6,
        ("integriteitscoördinator", "adviseur kwaliteit en integriteit", "vertrouwenspersoon", "hoofd HR"),
        ("safeguarding officer", "integrity adviser"),
    ),
    "climate": Work(
        6,
        ("adviseur klimaatrechtvaardigheid", "klimaatadviseur", "adviseur water en landbouw"),
        ("climate justice adviser", "resilience adviser"),
    ),
    "inclusion": Work(
        5,
        ("adviseur gender en inclusie", "DEI-adviseur", "adviseur jongerenparticipatie"),
        ("gender adviser", "diversity and inclusion lead"),
    ),
    "data": Work(
        5,
        ("data-analist", "informatiemanager", "adviseur digitalisering"),
        ("data analyst", "ICT4D adviser", "information manager"),
    ),
    "research": Work(3, ("onderzoeker", "kennismanager"), ("researcher", "knowledge broker")),
}

GUESTS = {
    "parliament": Work(0, ("fractiemedewerker", "beleidsmedewerker fractie", "persoonlijk medewerker"), ()),
    "europe": Work(0, ("beleidsmedewerker", "persoonlijk medewerker"), ("parliamentary assistant", "policy adviser")),
    "ministry": Work(0, ("beleidsmedewerker", "senior beleidsmedewerker"), ("policy officer",)),
    "academia": Work(0, ("onderzoeker", "docent internationale samenwerking"), ("lecturer", "researcher")),
    "advisers": Work(0, ("adviseur", "evaluator"), ("consultant", "evaluator")),
    "film": Work(0, ("programmeur", "producent"), ("programmer", "producer")),
}

# The team of twelve: which circles someone leads is written in the circles' own texts.
TEAM = {
    "director": "directeur",
    "office": "officemanager en bestuurssecretaris",
    "members": "adviseur ledenbinding",
    "learning": "adviseur leren en inclusie",
    "climate": "adviseur klimaatrechtvaardigheid",
    "data": "adviseur data en PMEL",
    "partnerships": "coördinator strategische partnerschappen",
    "advocacy": "beleidsadviseur politieke zaken",
    "europe": "beleidsadviseur Europa en SDG's",
    "communication": "communicatieadviseur",
    "engagement": "adviseur engagement en draagvlak",
    "quality": "adviseur kwaliteit en integriteit",
}
ADMIN = "office"
CHAIR = "voorzitter bestuur"
