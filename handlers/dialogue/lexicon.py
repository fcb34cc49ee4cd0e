"""The words that Kring understands, Dutch and English side by side: both always work, whatever the person's language.

Only words stand here; how they make a sentence is decided in `words`. Write them small and without apostrophes.
"""

from collections.abc import Mapping
from typing import Final

from service.channels import Topic
from service.model import Language

ANSWERS: Final[Mapping[Topic, str]] = {
    Topic.ACCEPT: """
        ja | jazeker | jawel | ja zeker | zeker weten | ja natuurlijk | ja tuurlijk | ja prima
        ik kom | ik kom ook | ik kom graag | ik ben erbij | ik ben er bij | ik doe mee | ik zal er zijn
        aanmelden | meld me aan | meld mij aan | ik meld me aan | ik meld mij aan | inschrijven | schrijf me in
        schrijf mij in | ik neem de plek | neem de plek | accepteren
        yes | yep | yup | yeah | yes of course | yes definitely | sure | i will come | ill come | im coming
        i am coming | ill be there | i will be there | count me in | im in | i am in | sign me up | sign up | register
        accept | ill attend | i will attend | im attending | i am attending | attending | take the seat
        👍 | ✅
    """,
    Topic.ACCEPT_ONLINE: """
        online | ja online | ik kom online | ik doe online mee | ik ben er online bij | ik ben online | graag online
        yes online | i join online | ill join online | i will join online | im joining online | i am joining online
    """,
    Topic.DECLINE: """
        nee | neen | nee niet | helaas niet | afmelden | meld me af | meld mij af | ik meld me af | ik meld mij af
        afzeggen | ik zeg af | ik kom niet | ik kom helaas niet | ik kan niet | ik kan helaas niet | ik kan dan niet
        ik kan dan helaas niet | ik kan er niet bij zijn | ik kan er helaas niet bij zijn | ik ben er niet
        ik ben er niet bij | ik ben er helaas niet bij | verhinderd | ik ben verhinderd | ik ben helaas verhinderd
        toch niet | nee toch niet | laat de plek gaan
        no | nope | unfortunately not | sadly not | not coming | im not coming | i am not coming | i cant
        i cannot | i cant come | i cannot come | i cant make it | i cannot make it | cant make it | cannot make it
        i wont be there | i will not be there | i wont come | count me out | sign off | sign me off | decline
        not attending | i wont attend | i cant attend | i cannot attend | let it pass | let the seat go
        👎 | ❌
    """,
    Topic.TENTATIVE: """
        misschien | wellicht | onder voorbehoud | ik weet het nog niet | weet ik nog niet | weet het nog niet
        ik twijfel nog | maybe | perhaps | possibly | not sure | not sure yet | im not sure | im not sure yet
        i am not sure | i am not sure yet | i dont know yet | tentative
    """,
}
"""Answers to an invitation."""

GLAD: Final = """
    graag | heel graag | leuk | heel leuk | wat leuk | gezellig | fijn | lekker | super | top | mooi | met plezier
    tot dan | tot straks | ik heb er zin in | zin in | ik kijk ernaar uit
    gladly | lovely | great | happily | with pleasure | see you | see you then | see you there | looking forward
    looking forward to it | 😊 | 🙂 | 😀 | 😃 | 😄 | 😁 | 😉 | 🎉 | 🥳 | ❤ | ☺
"""
"""What goes with a yes, and would make a no doubtful."""

SORRY: Final = """
    helaas | sorry | jammer | jammer genoeg | het spijt me | spijtig | unfortunately | sadly | alas | regretfully
    im sorry | im afraid | i am afraid | 😢 | 😞 | 😔 | 😕 | 🙁 | 😟 | ☹
"""
"""What goes with a no, and would make a yes doubtful."""

THANKS: Final = """
    dank je | dank je wel | dankjewel | dank u | dank u wel | dankuwel | bedankt | hartelijk dank | dank | merci
    thanks | thank you | thanks a lot | thank you very much | many thanks | cheers | 🙏
"""

POLITE: Final = """
    hoor | alsjeblieft | alstublieft | aub | a u b | svp | s v p | please | pls | groet | groetjes | groeten | gr
    met vriendelijke groet | vriendelijke groet | vriendelijke groeten | mvg | fijne dag | kind regards | best wishes
"""
"""What changes nothing."""

GREETINGS: Final = """
    hoi | hallo | hallo allemaal | hallo kring | hoi kring | hoi allemaal | dag | dag kring | dag allemaal | hey | hee
    beste | beste kring | beste mensen | beste allemaal | geachte | goedemorgen | goedemiddag | goedenavond
    goede morgen | goede middag | goeden avond | goedendag | goeiemorgen | goeiemiddag
    hi | hi all | hi there | hi kring | hello | hello there | hello kring | dear | dear all | dear kring
    good morning | good afternoon | good evening | 👋
"""

CLOSINGS: Final = """
    groet | groetjes | groeten | hartelijke groet | hartelijke groeten | gr | mvg | met vriendelijke groet
    met vriendelijke groeten | vriendelijke groet | vriendelijke groeten | met hartelijke groet | liefs | hoogachtend
    regards | kind regards | best regards | warm regards | best | best wishes | all the best | sincerely
    yours sincerely | yours | cheers
"""
"""How a letter ends: what stands below is a name, a signature, a disclaimer."""

ALONE: Final[Mapping[Topic, str]] = {
    Topic.AGENDA: """
        agenda | de agenda | kalender | toon agenda | toon de agenda | wat staat er op de agenda | wat is er te doen
        calendar | the agenda | show agenda | show the agenda | upcoming | whats on | whats coming up
    """,
    Topic.MINE: """
        mijn | mijn agenda | mijn bijeenkomsten | mijn aanmeldingen | mijn inschrijvingen | waar ben ik voor aangemeld
        mine | my agenda | my gatherings | my registrations | my calendar
    """,
    Topic.CIRCLES: """
        kring | kringen | alle kringen | mijn kringen | toon kringen | toon de kringen
        circle | circles | all circles | my circles | show circles | show the circles
    """,
    Topic.FEED: """
        feed | mijn feed | agendafeed | abonnement | agenda abonnement | abonneren | mijn agenda abonneren
        my feed | calendar feed | subscription | subscribe | calendar subscription
    """,
    Topic.ROSTER: "lijst | deelnemerslijst | presentielijst | list | roster | attendance list",
    Topic.UNANSWERED: """
        wie nog niet | nog niet | wie heeft nog niet geantwoord | wie hebben nog niet geantwoord | wie moet nog
        who has not answered | who hasnt answered | not answered | no answer yet | who still has to answer
    """,
    Topic.ATTENDANCE: "aanwezigheid | presentie | wie was er | attendance | who was there",
    Topic.MESSAGE: "bericht | stuur een bericht | message | send a message",
    Topic.CARD: "kaart | card",
    Topic.PLAN: "plan | plannen | plan een bijeenkomst | nieuwe bijeenkomst | plan a gathering | new gathering",
    Topic.PUBLISH: "publiceer | publiceren | publish",
    Topic.MOVE: "verzet | verplaats | verzetten | verplaatsen | move | reschedule",
    Topic.REPLAN: "andere datum | nieuwe datum | vraag een andere datum | another date | new date",
    Topic.CANCEL: "afgelasten | afgelast | gelast af | annuleer | annuleren | cancel | cancel a gathering",
    Topic.DROP: """
        laat maar | laat maar zitten | vergeet het | niet doen | toch maar niet
        never mind | nevermind | forget it | leave it
    """,
    Topic.POLL: "datum | data | welke datum | datumprikker | prikker | date | dates | which date | poll",
    Topic.RATE: "cijfer | cijfers | geef een cijfer | beoordelen | mark | rate | rating",
    Topic.LANGUAGE: "taal | mijn taal | language | my language",
    Topic.HELP: "help | hulp | start | wat kun je | wat kan ik doen | what can you do | commands",
    Topic.STOP: "stop | uitschrijven | unsubscribe",
}
"""Questions that need nothing more."""

WITH: Final[Mapping[Topic, str]] = {
    Topic.AGENDA: "agenda na | verder na | agenda after | further after",
    Topic.GATHERING: "toon | bekijk | show | details",
    Topic.CIRCLES: "kringen na | circles after",
    Topic.CIRCLE: "kring | circle",
    Topic.JOIN: """
        word lid van | lid worden van | ik wil lid worden van | ik word lid van | doe mee met | meedoen met
        join | become a member of | i want to join
    """,
    Topic.LEAVE: "verlaat | verlaten | leave | i want to leave | ik verlaat",
    Topic.CALENDAR: """
        ics | agendabestand | kalender | zet in mijn agenda | in mijn agenda
        calendar | calendar file | add to my calendar
    """,
    Topic.UNANSWERED: """
        wie nog niet | nog niet | wie heeft nog niet geantwoord | wie heeft nog niet geantwoord op
        wie hebben nog niet geantwoord | wie moet nog | who has not answered | who hasnt answered | not answered
        no answer yet | who still has to answer
    """,
    Topic.ATTENDANCE: "aanwezigheid | presentie | wie was er bij | attendance | who was at",
    Topic.ATTENDEE: "deelnemer | participant",
    Topic.PRESENT: "aanwezig | present",
    Topic.ABSENT: "afwezig | absent",
    Topic.EXCUSED: "afgemeld | excused",
    Topic.UNMARK: "wis | ongedaan | undo | unmark",
    Topic.MESSAGE: "bericht | bericht aan | stuur een bericht aan | message | send a message to",
    Topic.CALL_OFF: """
        bericht tegenhouden | houd bericht tegen | bericht intrekken | trek bericht in | call off message | call off
    """,
    Topic.PLAN: "plan | plan voor | nieuwe bijeenkomst van | plan for | new gathering of",
    Topic.PUBLISH: "publiceer | publish",
    Topic.MOVE: "verzet | verplaats | move | reschedule",
    Topic.REPLAN: "andere datum | andere datum voor | nieuwe datum | another date | another date for | new date",
    Topic.CANCEL: "afgelasten | afgelast | gelast af | annuleer | annuleren | cancel",
    Topic.ROSTER: """
        lijst | lijst van | deelnemerslijst | presentielijst | deelnemers | wie komt er naar | wie komen er naar
        list | list of | roster | roster of | attendance list | participants | whos coming to
    """,
    Topic.POLL: "datum | data | mij past | date | dates | suits me",
    Topic.CARD: "kaart | kaart van | deel | card | card of | share",
    Topic.RATE: "cijfer | mijn cijfer is | ik geef een | mark | my mark is | rate",
    Topic.LANGUAGE: """
        taal | mijn taal is | taal naar | spreek | praat | language | my language is | speak
    """,
    Topic.STOP: "stop mail van | stop mails van | geen mail van | stop mail from | stop mails from | no mail from",
}
"""Questions followed by one word: a number, the short name of a circle, or a language."""

LANGUAGES: Final[Mapping[Language, str]] = {
    Language.DUTCH: "nl | nederlands | dutch | in het nederlands | in dutch",
    Language.ENGLISH: "en | engels | english | in het engels | in english",
}

BETWEEN: Final = "als | in | pagina | blz | as | page | -"
"""What may stand before the second of two things, as in: list 12 as excel."""

FILES: Final[Mapping[str, str]] = {"csv": "csv", "xlsx": "xlsx", "excel": "xlsx", "xls": "xlsx"}
"""The forms of a file."""

NUMBER: Final = "nr | nummer | number | bijeenkomst | gathering"
"""What may stand before a number."""

COMPANY: Final = """
    met | samen | plus | wij | we | ons | onze | collega | collegas | partner | introducee | introducees | gast | gasten
    persoon | personen | mensen | allebei | beiden | tweeën | drieën | zn
    with | together | us | our | colleague | colleagues | guest | guests | person | persons | people | both
"""
"""What tells that somebody means to bring others."""

RESERVATION: Final = """
    maar | tenzij | mits | als | indien | behalve | alleen | misschien | wellicht | echter | eerst | onder | voorbehoud
    toch | wel | later | liever | of | but | unless | if | except | only | maybe | perhaps | however | though | actually
    either | rather | instead | first | oeps | oops | wacht | wait
"""
"""What makes an answer given above doubtful."""

AGAINST: Final[Mapping[Topic, str]] = {
    Topic.ACCEPT: "nee | niet | geen | nooit | helaas | no | not | cannot | cant | wont | dont | unable | sorry",
    Topic.ACCEPT_ONLINE: "nee | niet | geen | nooit | helaas | no | not | cannot | cant | wont | dont | unable | sorry",
    Topic.DECLINE: "ja | graag | yes | can",
    Topic.TENTATIVE: "ja | nee | yes | no",
}
"""What contradicts an answer given above."""

AFTERTHOUGHT: Final = "ps | pps | p s | nb | maar | toch | let op | but | actually | note"
"""What may begin a second thought below a signature."""

KEYWORDS: Final[Mapping[Topic, Mapping[str, str]]] = {
    Topic.ACCEPT: {"nl": "ja %s", "en": "yes %s"},
    Topic.ACCEPT_ONLINE: {"nl": "ja online %s", "en": "yes online %s"},
    Topic.DECLINE: {"nl": "nee %s", "en": "no %s"},
    Topic.TENTATIVE: {"nl": "misschien %s", "en": "maybe %s"},
    Topic.GATHERING: {"nl": "%s", "en": "%s"},
    Topic.MINE: {"nl": "mijn", "en": "mine"},
    Topic.CIRCLE: {"nl": "kring %s", "en": "circle %s"},
    Topic.JOIN: {"nl": "word lid van %s", "en": "join %s"},
    Topic.LEAVE: {"nl": "verlaat %s", "en": "leave %s"},
    Topic.CALENDAR: {"nl": "agendabestand %s", "en": "calendar %s"},
    Topic.FEED: {"nl": "feed", "en": "feed"},
    Topic.ROSTER: {"nl": "lijst %s", "en": "list %s"},
    Topic.UNANSWERED: {"nl": "wie nog niet %s", "en": "not answered %s"},
    Topic.ATTENDANCE: {"nl": "aanwezigheid %s", "en": "attendance %s"},
    Topic.ATTENDEE: {"nl": "deelnemer %s", "en": "participant %s"},
    Topic.PRESENT: {"nl": "aanwezig %s", "en": "present %s"},
    Topic.ABSENT: {"nl": "afwezig %s", "en": "absent %s"},
    Topic.EXCUSED: {"nl": "afgemeld %s", "en": "excused %s"},
    Topic.UNMARK: {"nl": "wis %s", "en": "undo %s"},
    Topic.MESSAGE: {"nl": "bericht %s", "en": "message %s"},
    Topic.CALL_OFF: {"nl": "bericht tegenhouden %s", "en": "call off message %s"},
    Topic.CARD: {"nl": "kaart %s", "en": "card %s"},
    Topic.PLAN: {"nl": "plan %s", "en": "plan %s"},
    Topic.PUBLISH: {"nl": "publiceer %s", "en": "publish %s"},
    Topic.MOVE: {"nl": "verzet %s", "en": "move %s"},
    Topic.REPLAN: {"nl": "andere datum %s", "en": "another date %s"},
    Topic.CANCEL: {"nl": "afgelasten %s", "en": "cancel %s"},
    Topic.DROP: {"nl": "laat maar", "en": "never mind"},
    Topic.POLL: {"nl": "datum %s", "en": "date %s"},
    Topic.RATE: {"nl": "cijfer %s", "en": "mark %s"},
    Topic.LANGUAGE: {"nl": "taal %s", "en": "language %s"},
    Topic.HELP: {"nl": "help", "en": "help"},
    Topic.STOP: {"nl": "stop mail van %s", "en": "stop mail from %s"},
    Topic.AGENDA: {"nl": "agenda na %s", "en": "agenda after %s"},
    Topic.CIRCLES: {"nl": "kringen na %s", "en": "circles after %s"},
}
"""What to type for each topic."""

BARE_KEYWORDS: Final[Mapping[Topic, Mapping[str, str]]] = {
    Topic.AGENDA: {"nl": "agenda", "en": "agenda"},
    Topic.CIRCLES: {"nl": "kringen", "en": "circles"},
    Topic.ROSTER: {"nl": "lijst", "en": "list"},
    Topic.UNANSWERED: {"nl": "wie nog niet", "en": "not answered"},
    Topic.ATTENDANCE: {"nl": "aanwezigheid", "en": "attendance"},
    Topic.MESSAGE: {"nl": "bericht", "en": "message"},
    Topic.CARD: {"nl": "kaart", "en": "card"},
    Topic.PLAN: {"nl": "plan", "en": "plan"},
    Topic.PUBLISH: {"nl": "publiceer", "en": "publish"},
    Topic.MOVE: {"nl": "verzet", "en": "move"},
    Topic.REPLAN: {"nl": "andere datum", "en": "another date"},
    Topic.CANCEL: {"nl": "afgelasten", "en": "cancel"},
    Topic.POLL: {"nl": "datum", "en": "date"},
    Topic.RATE: {"nl": "cijfer", "en": "mark"},
    Topic.LANGUAGE: {"nl": "taal", "en": "language"},
    Topic.STOP: {"nl": "stop", "en": "stop"},
    Topic.ACCEPT: {"nl": "ja", "en": "yes"},
    Topic.ACCEPT_ONLINE: {"nl": "ja online", "en": "yes online"},
    Topic.DECLINE: {"nl": "nee", "en": "no"},
    Topic.TENTATIVE: {"nl": "misschien", "en": "maybe"},
}
"""The same without anything behind it, where that can be."""
