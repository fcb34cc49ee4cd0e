"""Invent names and addresses of people.

Knows how people in the Netherlands are called and how organisations spell that in an address; who works where is
decided in `people`.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import chain, count
from random import Random

from service.demo.model import Language


@dataclass(frozen=True, slots=True)
class Origin:
    """Hold given and family names that belong together; `english` is the share that reads English rather than Dutch."""

    weight: int
    english: float
    given: tuple[str, ...]
    family: tuple[str, ...]


def _names(block: str) -> tuple[str, ...]:
    return tuple(name.replace("_", " ") for name in block.split())


DUTCH_GIVEN = _names("""
Aafke Aart Adriaan Agnes Albert Anke Anneke Annelies Annemarie Annemiek Anouk Arend Arjan Astrid Bart Bas Bastiaan
Berend Bernadette Boudewijn Brechtje Carlijn Carolien Casper Cees Chantal Coen Daniël Diederik Dieuwke Dorien Eefje
Eline Elke Els Erik Esmée Evelien Evert Fenna Ferdinand Floris Fokke Frederieke Froukje Geertje Gerben Gerrit Gijs
Guus Hanneke Harm Heleen Hendrik Henriëtte Hester Hilde Ilse Ineke Inge Iris Ivo Jacqueline Jasmijn Jasper Jelle Jeroen
Joost Jorinde Joris Josje Judith Jurriaan Karin Karlijn Kees Kirsten Klaas Koen Krijn Lennart Leonie Lieke Lisette
Lodewijk Loes Loïs Lotte Luuk Maaike Maarten Machteld Madelief Margriet Marijke Marjolein Marleen Marloes Martijn
Mathilde Matthijs Meike Merel Michiel Mieke Mirjam Nanne Nicolien Niek Noortje Olaf Pauline Petra Pien Pieter Quirine
Reinier Renée Renske Rianne Roderik Roel Rogier Roos Ruud Sanne Saskia Sietske Simone Sjoerd Stefan Stijn Suzanne
Tamar Teun Thijs Tineke Titia Tjitske Tobias Truus Valentijn Veerle Vera Vincent Wendelien Wieke Wietse Willemijn
Wouter Wytze Yvonne Zoë
""")

DUTCH_FAMILY = _names("""
Bakker de_Boer van_den_Berg Visser Meijer Mulder Bos Vos Peters Hendriks Dekker van_Leeuwen Brouwer de_Wit Dijkstra
Smits van_der_Meer van_der_Linden Kok Jacobs de_Haan Vermeulen van_den_Heuvel van_der_Veen van_den_Broek de_Bruijn
Schouten van_der_Heijden Willems van_Vliet Maas Verhoeven Koster van_Dam van_der_Wal Prins Blom Huisman Peeters
de_Groot Kuipers van_Veen Veenstra Kramer van_den_Bosch Postma Martens Sanders 't_Hart van_'t_Hof van_'t_Veer ten_Have
ter_Horst in_'t_Veld Zijlstra Sikkema Hiemstra Terpstra Wiersma Boonstra Nijhof Wesselink Oude_Elferink Groot_Koerkamp
Lansink Wevers Slagter Kooistra Rademaker Verkerk van_Wijngaarden van_Rossum van_Staveren Koopmans Hollander Timmer
Molenaar Vink Spaans Verbeek Wagenaar Zwart Evers Goossens Linssen Janssens Claessens Driessen Thijssen Cuppen Ruijters
Buijs van_Doorn van_Beek van_Zanten van_der_Zwaan Rietveld Steenbergen Oosterhuis Polak Stam Haverkamp Tuinstra
Bruinsma Pietersma Feenstra Hoogland Holtrop Bosscher Veltman Elzinga Noordhoek Ramaker van_Eck van_Dongen van_Lier
van_Hulst van_Asselt Verweij Verschuren Wolters Zandstra Nolte Bierens Crébas Daniëls Enthoven Geerlings Hageman
van_Houwelingen Ketelaar Lammers Mostert Nieuwkoop Okkerse Pluijm Quaedvlieg Reijnders Spijkerman Terlouw Uiterwijk
Vermaat Wassenaar Zuidema
""")

# Weight, percentage that reads English, given names, family names: one line for each place where families come from.
ELSEWHERE = """
5 | 8 | Ruben Shanti Radjesh Sharita Marciano Xaviera Orlando Winston Urmila Anil Soraya Chandni Giovanni
  | Ramdin Biharie Jagesar Kartosoewito Soekardi Pinas Landveld Tjon_A_Ten Wijngaarde Zeefuik Raghoebar Mahabier
2 | 8 | Rignald Suhendra Jurmaine Mirugia Raïsa Quincy Zulaika Ludwina
  | Martina Felicia Girigoria Cijntje Winklaar Koeiman
5 | 6 | Ayşe Elif Zeynep Mehmet Emre Gülşen Özlem Deniz Hakan Selin Tuğba Yusuf Kerem Şeyma İpek
  | Yılmaz Kaya Demir Çelik Şahin Yıldız Öztürk Aydın Arslan Doğan Koç Güneş Aksoy
5 | 6 | Fatima Samira Youssef Hicham Naima Karim Nadia Soufiane Hajar Ilias Loubna Rachid Salma Bilal
  | El_Amrani Bouazza Benali El_Idrissi Aarab Chaouch El_Khattabi Ouali Azzouzi Haddou Bensaïd Tahiri
2 | 80 | Kwame Abena Akosua Yaw Adwoa Efua Ekow | Mensah Owusu Boateng Asante Adjei Quaye Darko
1 | 90 | Chidi Ngozi Ifeoma Tunde Folake Obinna | Okafor Eze Adeyemi Nwosu Balogun Uche
2 | 85 | Aïssatou Mariama Ousmane Moussa Awa Fatoumata | Diallo Traoré Coulibaly Keïta Sow Cissé Konaté
2 | 90 | Wanjiru Achieng Otieno Mwangi Grace Esther Kiprop | Kamau Odhiambo Njoroge Wambui Mutua Cheruiyot
2 | 75 | Selamawit Hiwot Dawit Bethlehem Yonas Meron | Gebremariam Haile Bekele Tsegaye Woldu Alemu
1 | 60 | Hodan Ayaan Sahra Abdirahman Ifrah | Warsame Jama Gelle Farah Shire
1 | 85 | Espérance Jean-Bosco Clarisse Innocent Divine | Niyonzima Kabongo Mbuyi Uwase Ilunga
1 | 90 | Chipo Tendai Thandiwe Sipho Rumbidzai | Moyo Ndlovu Dube Chirwa Banda
2 | 75 | Sri Dewi Putri Agus Indah Bambang | Wahyuni Santoso Lestari Hidayat Siregar Wibowo
3 | 85 | Priya Anjali Rahul Farhana Tahmina Suresh Shirin | Nair Iyer Chowdhury Rahman Akter Banerjee Kulkarni
1 | 90 | Sushila Bikash Sunita Prakash Asmita | Gurung Thapa Shrestha Tamang Adhikari
1 | 70 | Hương Thảo Minh Linh Đức | Nguyễn Trần Phạm Đặng Vũ
1 | 90 | Maricel Rowena Jomar Liezel Arnel | Reyes Dela_Cruz Villanueva Bautista Magsino
2 | 75 | Juliana Andrés Lucía Sofía Camilo Ximena Rocío Joaquín | Ramírez Ospina Muñoz Núñez Peña Gutiérrez Quispe
1 | 75 | Inês João Catarina Beatriz Thiago | Gonçalves Araújo Nogueira Simões Falcão
2 | 65 | Rania Samir Layla Omar Nour Hala Tareq Yara Ghassan | Khoury Haddad Barakat Shehadeh Al-Masri Sarkis Mansour
1 | 60 | Reza Parisa Zahra Farid Mina Shabnam | Hosseini Karimi Ahmadi Rostami Azizi
1 | 70 | Łukasz Agnieszka Małgorzata Paweł Zofia | Wójcik Kowalczyk Woźniak Mazur Zając
1 | 80 | Søren Åsa Björn Sigríður Maiken | Sørensen Lindqvist Jönsson Ødegård Thorsen
1 | 60 | Élodie Jérôme Chloé François Océane | Lefèvre Béranger Delacroix Maréchal Gauthier
1 | 55 | Jürgen Katharina Jörg Annika Sönke | Schäfer Böttcher Kühn Lindner Vogt
1 | 95 | Siobhán Niamh Fiona Gareth Eleanor Rhys | O'Connell Byrne MacLeod Whitfield Hartley Ashworth
1 | 75 | Giulia Matteo Niccolò Chiara | Bianchi Moretti D'Angelo Ferrero
"""


def _origins() -> tuple[Origin, ...]:
    parts = [part.strip() for part in ELSEWHERE.replace("\n  |", " |").strip().replace("\n", " | ").split("|")]
    rows = zip(*[iter(parts)] * 4, strict=True)
    return (
        Origin(64, 0.08, DUTCH_GIVEN, DUTCH_FAMILY),
        *(
            Origin(int(weight), int(english) / 100, _names(given), _names(family))
            for weight, english, given, family in rows
        ),
    )


ORIGINS = _origins()
DUTCH = ORIGINS[0]
WEIGHTS = [origin.weight for origin in ORIGINS]
SINGLE_DUTCH_FAMILY = tuple(name for name in DUTCH_FAMILY if " " not in name)

# Letters that do not decompose into a base letter and a mark (Unicode normalisation form D).
PLAIN = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "đ": "d", "ß": "ss", "æ": "ae"})


@dataclass(frozen=True, slots=True)
class Name:
    """Hold a name in its parts and the language its bearer likes to read."""

    given: str
    family: str
    language: Language

    def __str__(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(slots=True)
class NameMaker:
    """Draw names of which no two are the same."""

    rng: Random
    taken: set[str] = field(default_factory=set)

    def draw(self) -> Name:
        """Return a new name."""
        while True:
            name = self._candidate()
            if str(name) not in self.taken:
                self.taken.add(str(name))
                return name

    def _candidate(self) -> Name:
        rng = self.rng
        [origin] = rng.choices(ORIGINS, WEIGHTS)
        family = rng.choice(origin.family)
        if rng.random() < 0.1:
            family = self._by_marriage(origin, family)
        return Name(rng.choice(origin.given), family, "en" if rng.random() < origin.english else "nl")

    def _by_marriage(self, origin: Origin, family: str) -> str:
        partner = self.rng.choice(SINGLE_DUTCH_FAMILY if origin is DUTCH else DUTCH_FAMILY)
        if " " in family or " " in partner or partner == family:
            return partner
        return f"{partner}-{family}"


@dataclass(slots=True)
class AddressBook:
    """Give out addresses of which no two are the same."""

    taken: set[str] = field(default_factory=set)

    def address(self, name: Name, domain: str, pattern: str) -> str:
        """Return a new address at the domain; the pattern knows `{given}`, `{initial}` and `{family}`."""
        given, family = plain(name.given), plain(name.family)
        numbered = (f"{{given}}.{{family}}{number}" for number in count(2))
        for spelling in chain((pattern, "{given}.{family}"), numbered):
            address = f"{spelling.format(given=given, initial=given[0], family=family)}@{domain}"
            if address not in self.taken:
                break
        self.taken.add(address)
        return address


def plain(text: str) -> str:
    """Spell a name with the letters that every mail server takes."""
    lowered = text.lower().translate(PLAIN)
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFD", lowered).translate(PLAIN))
