"""List the invented member organisations, the association itself and its guests.

No name here belongs to an existing organisation, as far as we know; each lives under example.org (RFC 2606 section 3).
"""

from dataclasses import dataclass
from random import Random

from service.demo.model import Organisation

ASSOCIATION = "verbond"
PARLIAMENT = "parliament"
EUROPE = "europe"

LARGE = """
waterwijs Waterwijs | zaaigoed Zaaigoed Internationaal | vredesweef Vredesweef | noodbrug Noodbrug Nederland
kinderstem Kinderstem Overal | gezondestart Gezonde Start Samen | openruimte Open Ruimte Alliantie
ketenlicht Ketenlicht | klimaatkompas Klimaatkompas Zuid | commonharvest Common Harvest Netherlands
zusterstroom Zusterstroom | leesplank Leesplank Wereldwijd
"""

MEDIUM = """
akkerbrug Akkerbrug | bronenbedding Bron & Bedding | mangrovewacht Mangrovewacht | drempelvrij Drempelvrij Mondiaal
eerlijkedraad Eerlijke Draad | moestuinmondiaal Moestuin Mondiaal | vroedvrouwen Vroedvrouwen over Grenzen
zichtdichtbij Zicht Dichtbij | verreschoolbel De Verre Schoolbel | haarakker Haar Akker | tussenlinies Tussen Linies
stillediplomatie Fonds Stille Diplomatie | rechtsdraad Rechtsdraad | vrijewoorden Fonds Vrije Woorden
pleinstem Pleinstem | eilandentij Eiland & Tij | schaduwboom Schaduwboom | eersteuur Het Eerste Uur
dakvoormorgen Dak voor Morgen | startkapitaal Startkapitaal Samen | goedebonen De Goede Bonen
diaconaalverbond Diaconaal Verbond Oost-West | missiehuis Missiehuis Sint Brandaan | diasporabrug Diasporabrug
radiorivier Radio Rivier | datadorp Datadorp | rootlantern Rootlantern | bridgeriver Bridgeriver
openfurrow Open Furrow | saltmarsh Saltmarsh Alliance | kindredfields Kindred Fields
thresholdrights Threshold Rights | secondrain Second Rain Foundation | quietground Quiet Ground
jonggeluid Jong Geluid Mondiaal | zorgbrug Zorgbrug Wereldwijd
"""

SMALL = """
regenvangers Regenvangers Zonder Grens | nieuwegetij Het Nieuwe Getij | wortelentak Wortel & Tak
gedeeldeoogst Gedeelde Oogst | graanschuur Coöperatie De Graanschuur | boerinnen Boerinnen Verbonden
terrasland Terrasland | korrelvoorkorrel Korrel voor Korrel | groenekaravaan De Groene Karavaan
krijtkring Krijtkring | letterlint Letterlint | leerpadsahel Leerpad Sahel | klaslokaal Klaslokaal Zonder Muren
vonkonderwijs Vonk Onderwijsfonds | hartslagdorpen Hartslag Dorpen | reizendekliniek De Reizende Kliniek
moederenkracht Moeder & Kracht | spelruimte Spelruimte Wereldwijd | straatlantaarn Straatlantaarn Jongeren
tienertijd Tienertijd Mondiaal | vrouwenkade Vrouwenkade | spilcollectief Spil Collectief
dochtersvandedelta Dochters van de Delta | getuigenis Getuigenis & Recht | grensgeluid Grensgeluid
vredesbank De Vredesbank | langevlonder De Lange Vlonder | zonnedak Zonnedak Dorpen | windroos Windroosfonds
hooglandwater Hooglandwater | tententafel Tent & Tafel | hulpkaravaan Hulpkaravaan Oost
weversgilde Weversgilde Wereldwijd | dorpsspaarpot De Dorpsspaarpot | marktpleinzuid Marktplein Zuid
ambachteninkomen Ambacht & Inkomen | broodenaarde Brood en Aarde | zendingenzorg Zending & Zorg Samen
kerkenvoorrecht Kerken voor Recht | sankofasamen Sankofa Samen | hoornenhaven Netwerk Hoorn & Haven
caribischanker Caribisch Anker | anatoliesolidair Anatolië Solidair | tamarindeboom Tamarindeboom Onderwijs
onderdebaobab Huis onder de Baobab | codeboom Codeboom | signaalmondiaal Signaal Mondiaal
cameraopreis Camera op Reis | northsouthcommons Northsouth Commons | lanternpath Lanternpath
tidehollow Tidehollow | longhill Longhill Initiative | seedlingbridge Seedling Bridge
villagecompass Village Compass | ferncommons Ferncommons | stoneandreed Stone and Reed | paperboats Paper Boats
slowriver Slow River Collective | tegenwind Tegenwindfonds | verrevuurtoren Fonds Verre Vuurtoren
"""

GUESTS = (
    (PARLIAMENT, "Gasten Tweede Kamer", "kamergasten", 34),
    (EUROPE, "Gasten Europees Parlement", "europagasten", 28),
    ("ministry", "Gasten ministerie", "ministeriegasten", 14),
    ("academia", "Hogeschool aan de Lek", "hogeschoollek", 10),
    ("academia", "Universiteit van de Delta", "universiteitdelta", 12),
    ("advisers", "Adviesbureau Noordster", "noordster", 8),
    ("film", "Filmfestival Het Andere Doek", "anderedoek", 6),
)


@dataclass(frozen=True, slots=True)
class House:
    """Say how many people an organisation employs; `guests` names the kind of guest, None for members."""

    organisation: Organisation
    headcount: int
    guests: str | None


def association() -> Organisation:
    """Return the association itself, for which its team works."""
    return _organisation(ASSOCIATION, "Verbond voor Internationale Samenwerking", member=False)


def guest_houses() -> tuple[House, ...]:
    """Return the organisations that are invited now and then without being a member."""
    return tuple(House(_organisation(slug, name, member=False), size, kind) for kind, name, slug, size in GUESTS)


def member_houses(rng: Random, total: int) -> tuple[House, ...]:
    """Return the members in alphabetical order, `total` people among them; a few employ many, most only a handful."""
    sizes = [
        *((organisation, rng.randint(48, 68)) for organisation in _parse(LARGE)),
        *((organisation, rng.randint(16, 28)) for organisation in _parse(MEDIUM)),
        *((organisation, rng.randint(3, 11)) for organisation in _parse(SMALL)),
    ]
    short, step = divmod(total - sum(size for _, size in sizes), 12)
    houses = [
        House(organisation, size + (short + (index < step) if index < 12 else 0), None)
        for index, (organisation, size) in enumerate(sizes)
    ]
    return tuple(sorted(houses, key=lambda house: house.organisation.slug))


def _parse(block: str) -> list[Organisation]:
    entries = [entry.strip() for line in block.strip().splitlines() for entry in line.split("|")]
    return [_organisation(*entry.split(" ", 1), member=True) for entry in entries]


def _organisation(slug: str, name: str, *, member: bool) -> Organisation:
    return Organisation(slug=slug, name=name, domain=f"{slug}.example.org", member=member)
