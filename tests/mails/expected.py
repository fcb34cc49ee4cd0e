"""What is read in each mail of the corpus, as it differs from a mail of the invited person to the handle."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bots.mail.recipients import Ours
from service.formats.received import Authentication, CalendarMessage, DeliveryReport, Handled, Method, ReceivedMail
from tests.conftest import NOW
from tests.mails.corpus import Filling

OURS = Ours("in.kring.example.org", "mx.kring.example.org")
FILLING = Filling(sequence=3)
ZOE = FILLING.invited
GOOGLE = "3abcdefghijklmnop@calendar-server.bounces.google.example"
CLICKED = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
SUBJECT = "Kwaliteit in de praktijk"

MAIL_FROM_ZOE = ReceivedMail(
    handled=Handled.ANSWER,
    handle=FILLING.handle,
    envelope_from=ZOE,
    from_address=ZOE,
    from_name=FILLING.name,
    received_at=NOW,
)
REPLY = CalendarMessage(
    method=Method.REPLY,
    uid=FILLING.uid,
    sequence=3,
    dtstamp=CLICKED,
    attendees=((ZOE, "accepted"),),
    organizer=f"r-{FILLING.handle}@in.kring.example.org",
)


def answer(partstat: str | None, **other: Any) -> CalendarMessage:
    """Return the plain answer of the invited person, but for what is given."""
    return replace(REPLY, **{"attendees": ((ZOE, partstat),)} | other)


GOOGLE_LINES = ("", SUBJECT, "dinsdag 1 dec. 2026 ⋅ 16:00 – 17:30")
APPLE_LINES = ("Zoe de Vries has accepted the invitation to the event: Kwaliteit in de praktijk",)
CALENDARS: dict[str, dict[str, Any]] = {
    "google-accepted": {
        "calendar": REPLY,
        "automatic": "auto-submitted",
        "envelope_from": GOOGLE,
        "lines": ("Zoë de Vries heeft deze uitnodiging geaccepteerd.", *GOOGLE_LINES),
    },
    "google-declined": {
        "calendar": answer("declined", comment="Ik ben op vakantie"),
        "automatic": "auto-submitted",
        "envelope_from": GOOGLE,
        "lines": ("Zoë de Vries heeft deze uitnodiging geweigerd.", *GOOGLE_LINES),
    },
    "google-several-instances": {
        "calendar": answer("accepted", damaged=True),
        "automatic": "auto-submitted",
        "envelope_from": GOOGLE,
        "lines": ("Zoë de Vries heeft deze uitnodiging geaccepteerd.", *GOOGLE_LINES),
    },
    "exchange-online-accepted": {"calendar": answer("accepted", organizer=None)},
    "exchange-online-declined": {
        "calendar": answer("declined", organizer=None, comment="Helaas, ik ben dan in Gent.\n\nZoë")
    },
    "exchange-assistant": {
        "calendar": answer("accepted", organizer=None, sent_by="ans@lid.example.org"),
        "envelope_from": "ans@lid.example.org",
        "from_address": "ans@lid.example.org",
        "from_name": "Ans Bakker",
    },
    "exchange-delegated": {"calendar": answer("delegated", organizer=None)},
    "exchange-forwarded": {
        "calendar": answer("", organizer=None, attendees=(("piet@elders.example.org", "accepted"),)),
        "envelope_from": "piet@elders.example.org",
        "from_address": "piet@elders.example.org",
        "from_name": "Piet Jansen",
    },
    "outlook-com-alias": {
        "calendar": answer("accepted", organizer=None),
        "envelope_from": "zoe.login@outlook.example",
        "from_address": "zoe.login@outlook.example",
    },
    "outlook-desktop-tentative": {"calendar": answer("tentative", organizer=None)},
    "outlook-tnef": {"unreadable": True},
    "outlook-new-time": {
        "calendar": answer("tentative", method=Method.COUNTER, organizer=None, comment="Can we start an hour later?")
    },
    "outlook-2003-new-time": {"calendar": answer("tentative", method=Method.COUNTER, organizer=None)},
    "apple-macos-accepted": {"calendar": REPLY, "lines": APPLE_LINES},
    "apple-ios-declined": {"calendar": answer("declined"), "lines": APPLE_LINES},
    "apple-ios-new-time": {"calendar": answer("tentative", method=Method.COUNTER), "lines": APPLE_LINES},
    "thunderbird-accepted": {"calendar": REPLY},
    "yahoo-accepted": {"calendar": REPLY, "lines": (f"Accepted: {SUBJECT}",)},
    "yahoo-user-status": {"calendar": answer("accepted", comment="Leuk!"), "lines": (f"Accepted: {SUBJECT}",)},
    "fastmail-accepted": {"calendar": REPLY, "lines": ("Zoë de Vries has accepted this event.",)},
    "spark-no-attendee": {"calendar": answer("", attendees=(), comment="Accepted")},
    "gateway-calendar-stripped": {
        "lines": ("Zoë de Vries has accepted this invitation.", "", "[The gateway removed the file invite.ics]")
    },
    "gateway-two-answers": {"calendar": answer("accepted", damaged=True)},
    "nextcloud-accepted": {"calendar": REPLY},
    "nextcloud-attachment": {
        "calendar": answer("tentative"),
        "lines": ("Zoë de Vries has accepted your invitation.",),
    },
    "refresh": {"calendar": answer(None, method=Method.REFRESH)},
    "request-to-us": {
        "calendar": answer("", method=Method.OTHER, organizer=ZOE, attendees=((REPLY.organizer or "", "needs-action"),))
    },
    "upper-cased-address": {"calendar": REPLY},
    "organizer-only": {"calendar": REPLY},
    "delivered-to": {"calendar": REPLY},
    "broken-boundary": {"calendar": REPLY},
    "broken-cn-mailto": {"calendar": REPLY},
    "broken-comment": {"calendar": answer("accepted", comment=f"{'Ik kom. ' * 249}Ik kom.…")},
    "broken-cr-only": {"calendar": REPLY},
    "broken-dtstamp": {"calendar": REPLY},
    "broken-dtstamp-zone": {"calendar": answer("accepted", dtstamp=None)},
    "broken-empty": {"unreadable": True},
    "broken-fold": {"calendar": REPLY},
    "broken-fold-in-address": {"calendar": answer("", attendees=(("jan@example.org", "accepted"),))},
    "broken-in-part-header": {"calendar": REPLY},
    "broken-latin-1": {"calendar": REPLY},
    "broken-lower-case": {"calendar": REPLY},
    "broken-method-differs": {"calendar": answer("accepted", damaged=True)},
    "broken-method-twice": {"calendar": REPLY},
    "broken-no-end": {"calendar": REPLY},
    "broken-no-method": {"calendar": REPLY},
    "broken-no-prodid": {"calendar": REPLY},
    "broken-percent": {"calendar": answer("", attendees=(("zoe+kring@lid.example.org", "accepted"),))},
    "broken-quotes": {"calendar": REPLY},
    "broken-sequence": {"calendar": answer("accepted", sequence=2**31 - 1)},
    "broken-two-calendars": {"calendar": REPLY},
    "broken-uid-twice": {"calendar": answer("accepted", damaged=True)},
    "broken-utf-16": {"calendar": REPLY},
    "broken-utf-16-no-mark": {"calendar": REPLY},
}
PIET = {"envelope_from": ZOE, "from_address": "piet@elders.example.org"}
WORDS: dict[str, dict[str, Any]] = {
    "text-gmail-nl": {"lines": ("Ja, leuk!", "", "Groet,", "Zoë")},
    "text-gmail-en": {"lines": ("Unfortunately not",)},
    "text-gmail-html-only": {"lines": ("Ja graag & tot dan",)},
    "text-outlook-nl": {"lines": ("Afmelden", "", "Met vriendelijke groet,", "Zoë de Vries")},
    "text-outlook-en": {"lines": ("I will be there.",)},
    "text-outlook-original-message": {"lines": ("Nee helaas",)},
    "text-outlook-html": {"lines": ("Ja, ik kom",)},
    "text-outlook-ios": {"lines": ("Ik kom graag",)},
    "text-apple-nl": {"lines": ("Misschien",)},
    "text-apple-mail-nl": {"lines": ("Yes please",)},
    "text-iphone": {"lines": ("Ja",)},
    "text-samsung": {"lines": ("Ja hoor",)},
    "text-thunderbird-nl": {"lines": ("Ja",)},
    "text-thunderbird-bottom": {},
    "text-signature": {"lines": ("Nee",)},
    "text-own-line": {"lines": ("Ja",)},
    "text-german": {"lines": ("Ja, gerne",)},
    "text-french": {"lines": ("Oui",)},
    "text-yahoo": {"lines": ("Ja",)},
    "text-flowed": {"lines": ("Ik kom graag en neem mijn collega uit Utrecht mee",)},
    "text-long": {
        "lines": ("Ja", *(line for number in range(1, 20) for line in ("", f"En nog iets, nummer {number}."))),
        "cut": True,
    },
    "text-latin-1": {"lines": ("Ja, ik kom – Zoë",)},
    "text-unknown-charset": {"lines": ("Ja, ik kom. Zoë",)},
    "text-no-mime": {"lines": ("Ja",), "from_name": "", "answers_uid": None},
    "text-forwarded-invitation": {"lines": ("Kan Piet in mijn plaats?",), "answers_uid": None},
    "text-to-the-sender": {"lines": ("Ja",), "handled": Handled.OTHER, "handle": None},
    "command-agenda": {"lines": ("agenda",), "handled": Handled.COMMAND, "handle": None, "answers_uid": None},
    "unsubscribe": {"handled": Handled.UNSUBSCRIBE},
    "auth-pass": {"lines": ("Ja",), "authentication": Authentication.PASS},
    "auth-fail": {"lines": ("Ja",), "authentication": Authentication.FAIL},
    "auth-no-policy": {"lines": ("Ja",), "authentication": Authentication.PASS},
    "auth-other-domain": {"lines": ("Ja",)},
    "auth-foreign": {"lines": ("Ja",)},
    "auth-forged-below": {"lines": ("Ja",)},
    "auth-two-senders": {"lines": ("Ja",), "from_address": None, "from_name": ""},
    "auth-encoded-sender": {"lines": ("Ja",), "from_name": f"Zoe <{ZOE}>"} | PIET,
    "auth-comment-sender": {"lines": ("Ja",), "from_address": None, "from_name": ""},
    "person-auto-submitted-no": {"lines": ("Ja",)},
}
AWAY = ("Ik ben er niet. Ja, echt.",)
ROBOTS: dict[str, dict[str, Any]] = {
    "robot-outlook-nl": {"automatic": "auto-submitted", "lines": AWAY, "envelope_from": ""},
    "robot-auto-replied": {"automatic": "auto-submitted", "lines": AWAY},
    "robot-icloud": {"automatic": "vacation", "lines": AWAY},
    "robot-subject": {"automatic": "subject", "lines": AWAY},
    "robot-gmail": {"automatic": "precedence", "lines": AWAY},
    "robot-null-sender": {"automatic": "null sender", "lines": AWAY, "envelope_from": ""},
    "robot-list": {"automatic": "list", "lines": AWAY},
    "robot-no-reply": {
        "automatic": "robot",
        "lines": AWAY,
        "from_address": "no-reply@tickets.example.org",
        "from_name": "Tickets",
    },
    "robot-read-receipt": {"automatic": "report", "lines": ("Uw bericht is gelezen.",), "answers_uid": None},
    "robot-vacation-to-bounces": {
        "automatic": "null sender",
        "lines": ("Tot 4.5.26 ben ik weg; bel 550 123.",),
        "handled": Handled.BOUNCE,
        "envelope_from": "",
        "answers_uid": None,
    },
    "own-looped": {
        "automatic": "auto-submitted",
        "own": True,
        "lines": ("Kom je ook?",),
        "envelope_from": "doorstuurder@lid.example.org",
        "from_address": "kring@example.org",
        "from_name": "Kring kwaliteit",
        "answers_uid": None,
    },
}
DAEMON = "mailer-daemon@mx.lid.example.org"
TIMED_OUT = "smtp; connect to mx.lid.example.org[192.0.2.1]:25: Connection timed out"
REPORTS: dict[str, tuple[DeliveryReport, dict[str, Any]]] = {
    "bounce-postfix-unknown": (
        DeliveryReport(
            kind="hard",
            status="5.1.1",
            detail=f"smtp; 550 5.1.1 <{ZOE}>: Recipient address rejected: User unknown in virtual mailbox table",
        ),
        {},
    ),
    "bounce-symantec": (
        DeliveryReport(kind="hard", status="5.1.1", detail="smtp; 550 5.1.1 unknown user (#5.1.1)"),
        {},
    ),
    "bounce-exchange": (
        DeliveryReport(
            kind="hard",
            status="5.1.10",
            detail=f"smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {ZOE} not found by SMTP address lookup",
        ),
        {
            "from_address": "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@lid.example.org",
            "from_name": "Microsoft Outlook",
        },
    ),
    "bounce-dmarc": (
        DeliveryReport(
            kind="policy",
            status="5.7.26",
            detail="smtp; 550-5.7.26 This mail has been blocked because the sender is unauthenticated.",
        ),
        {},
    ),
    "bounce-spam-without-code": (
        DeliveryReport(kind="policy", status="5.0.0", detail="smtp; 554 Message rejected as spam"),
        {},
    ),
    "bounce-full": (DeliveryReport(kind="soft", status="5.2.2", detail="smtp; 552 5.2.2 Over quota"), {}),
    "bounce-expired": (DeliveryReport(kind="soft", status="4.4.1", detail=TIMED_OUT), {}),
    "bounce-delayed": (DeliveryReport(kind="delayed", status="4.4.1", detail=TIMED_OUT), {}),
    "bounce-relayed": (DeliveryReport(kind="delayed", status="2.6.0", detail="2.6.0"), {}),
    "bounce-other-hard": (
        DeliveryReport(
            kind="hard", status="5.4.1", detail="smtp; 550 5.4.1 Recipient address rejected: Access denied."
        ),
        {},
    ),
    "bounce-with-our-request": (
        DeliveryReport(kind="hard", status="5.1.1", detail="smtp; 550 5.1.1 User unknown"),
        {},
    ),
    "bounce-to-from": (DeliveryReport(kind="hard", status="5.1.1", detail="smtp; 550 5.1.1 User unknown"), {}),
    "bounce-from-our-relay": (
        DeliveryReport(kind="hard", status="5.1.2", detail="smtp; Host or domain name not found"),
        {"from_address": "mailer-daemon@in.kring.example.org"},
    ),
    "bounce-qmail": (
        DeliveryReport(
            kind="hard", status="5.1.1", detail=f"Remote host said: 550 5.1.1 <{ZOE}>: Recipient address rejected"
        ),
        {"automatic": "null sender"},
    ),
    "bounce-exim": (
        DeliveryReport(
            kind="hard",
            status="550",
            detail="host mx.lid.example.org [192.0.2.1]: 550 No such person at this address",
        ),
        {"automatic": "null sender", "from_name": "Mail Delivery System"},
    ),
    "bounce-without-code": (
        DeliveryReport(kind="soft", detail="Niet bezorgd: Kwaliteit"),
        {"automatic": "null sender", "from_address": "postmaster@lid.example.org"},
    ),
    "complaint": (
        DeliveryReport(kind="complaint", detail="abuse"),
        {
            "handled": Handled.UNSUBSCRIBE,
            "automatic": "report",
            "envelope_from": "fbl@mailbox.example.org",
            "from_address": "fbl@mailbox.example.org",
            "from_name": "Feedback",
        },
    ),
}
