"""Turn a due notice into one finished mail: a letter that `writing` keeps, filled in for one person.

Pure: the same notice is the same mail. Its bytes are made in `mime`, and it is handed over in `channel`.
"""

from datetime import datetime
from html import escape
from quopri import decodestring
from typing import Any, Final

from bots.mail.answers import Answers
from bots.mail.mime import Mail
from bots.mail.names import called
from bots.mail.writing import Letterhead, Writer, Written
from service.channels import DueNotice, DueRegistration, Sample
from service.formats import itip
from service.formats.tokens import ANSWER, BOUNCE, BOUNCE_OF_PERSON, POLL, PRESENT, QUESTION, UNSUBSCRIBE, Keys, handle
from service.model import CalendarStatus, Partstat, Purpose
from service.texts.catalogue import translator

_TO_STRANGERS: Final = frozenset(
    {Purpose.SIGN_IN.value, Purpose.VISITOR.value, Purpose.REGISTER_HERE.value, Purpose.CHECK_IN.value}
)
"""Mails to whoever an address was typed for: nothing else that was typed, a name above all, may stand in them."""


_OPEN: Final = "…"
"""What stands in a sample for whatever differs from person to person."""


class Renderer:
    """Makes the mails of one association."""

    def __init__(self, head: Letterhead, keys: Keys) -> None:
        self._head = head
        self._keys = keys
        self._writer = Writer(head)
        self._answers = Answers(head)

    def mail(self, due: DueNotice) -> tuple[str, Mail]:
        """Make the mail of a notice; also return the address that its bounces go to."""
        if due.purpose == Purpose.ANSWER:
            return self._answered(due)
        written = self._writer.written(due)
        values = self._values(due)
        if due.registration is None:
            more = {"message_id": self._single(due)}
            if "voter" in due.facts:
                values["answer"] = f"{self._head.base_url}/p/{handle(self._keys, POLL, due.facts['voter'])}"
                more["reply_to"] = f"kring@{self._head.mail_domain}"  # where words are read
            return self._bounces(due), self._mail(due, written, values, **more)
        return self._registered(due, due.registration, written, values)

    def _answered(self, due: DueNotice) -> tuple[str, Mail]:
        """Make a mail that answers a message, below it and marked as written by a program (RFC 3834 section 3.1)."""
        assert due.address is not None
        question = handle(self._keys, QUESTION, due.facts["asks"]) if "asks" in due.facts else None
        commands = self._at(QUESTION, question) if question else f"kring@{self._head.mail_domain}"
        answer, asked = self._answers.written(due, commands), str(due.facts.get("in_reply_to", ""))
        return self._bounces(due), Mail(
            message_id=self._ident(f"q-{question}.{due.id}") if question else self._single(due),
            date=due.due_at,
            from_name=self._head.association,
            from_address=self._head.mail_from,
            to_name=due.name,
            to_address=due.address,
            subject=answer.subject,
            text=answer.text,
            html=answer.html,
            reply_to=commands,
            in_reply_to=asked or None,
            references=(asked,) if asked else (),
            auto_replied=True,
            attachments=answer.attachments,
        )

    def _bounces(self, due: DueNotice) -> str:
        """Return where the bounces of a mail go that is about no registration."""
        assert due.person_id is not None
        return self._at(BOUNCE, handle(self._keys, BOUNCE_OF_PERSON, due.person_id))

    def _single(self, due: DueNotice) -> str:
        return self._ident(f"{due.id}.{int(due.created_at.timestamp())}")

    def sample(self, due: DueNotice) -> Sample:
        """Write a mail for nobody in particular, as a preview shows it."""
        written = self._writer.written(due)
        base = self._head.base_url
        page = "p" if due.purpose == Purpose.POLL else "r"
        links = {"answer": f"{base}/{page}/{_OPEN}", "stop": f"{base}/u/{_OPEN}"}
        values = {"name": _OPEN, "position": _OPEN, "deadline": _OPEN, **links}
        return Sample(written.subject, decodestring(written.text.filled(values)).decode().replace("\r\n", "\n"))

    def _registered(
        self, due: DueNotice, registration: DueRegistration, written: Written, values: dict[str, str]
    ) -> tuple[str, Mail]:
        """Make a mail about a registration: answers come back to it, and it stands in one thread with the others."""
        row, generation = registration.id, registration.generation
        answer, bounces = (handle(self._keys, purpose, row, generation) for purpose in (ANSWER, BOUNCE))
        values["answer"] = f"{self._head.base_url}/r/{answer}"
        if due.purpose == Purpose.CHECK_IN:
            values["present"] = f"{self._head.base_url}/present/{handle(self._keys, PRESENT, row, generation)}"
        reply_to = self._at(ANSWER, answer)
        more: dict[str, Any] = {"reply_to": reply_to, **self._threaded(due, registration)}
        if "method" in due.facts:
            more |= _calendar(due, registration, written, reply_to)
        if written.listed:
            stop = handle(self._keys, UNSUBSCRIBE, row, generation)
            values["stop"] = f"{self._head.base_url}/u/{stop}"
            links = (values["stop"], f"mailto:{self._at(UNSUBSCRIBE, stop)}")
            more |= {"list_unsubscribe": links, "list_id": written.list_id, "list_name": written.sender}
        return self._at(BOUNCE, bounces), self._mail(due, written, values, **more)

    def _values(self, due: DueNotice) -> dict[str, str]:
        """Return what differs from reader to reader, as it stands in the text part."""
        facts = due.facts
        values = {"name": called(due.name), "position": str(facts.get("position", ""))}
        if "token" in facts:
            values["login"] = f"{self._head.base_url}/login/{facts['token']}"
        values |= {"code": str(facts.get("code", "")), "me": f"{self._head.base_url}/me"}
        if "offer_expires_at" in facts and due.gathering is not None:
            until = datetime.fromisoformat(facts["offer_expires_at"])
            zone, home = due.gathering.timezone, self._head.timezone
            values["deadline"] = translator(due.language).moment(until, zone, home=home)
        return values

    def _threaded(self, due: DueNotice, registration: DueRegistration) -> dict[str, Any]:
        """Name the mail, and the first invitation as its parent.

        Only the first invitation has SEQUENCE 0; where somebody registered without one, the thread has no first mail.
        """
        local = registration.uid.partition("@")[0]
        first = self._ident(local)
        if "in_reply_to" in due.facts:
            # RFC 3834 section 3.1.5: below the mail that it answers, and marked as written by a program
            answered = str(due.facts["in_reply_to"])
            chain = (first, answered) if registration.invited else (answered,)
            ident = self._ident(f"{local}.{due.id}")
            return {"message_id": ident, "in_reply_to": answered, "references": chain, "auto_replied": True}
        if due.purpose == Purpose.INVITATION and due.facts.get("sequence") == 0:
            return {"message_id": first}
        return {"message_id": self._ident(f"{local}.{due.id}"), "in_reply_to": first, "references": (first,)}

    def _mail(self, due: DueNotice, written: Written, values: dict[str, str], **more: Any) -> Mail:
        assert due.address is not None
        return Mail(
            date=due.due_at,
            from_name=written.sender,
            from_address=self._head.mail_from,
            to_name="" if due.purpose in _TO_STRANGERS else due.name,
            to_address=due.address,
            subject=written.subject,
            text=written.text.filled(values),
            html=written.html.filled({name: escape(value) for name, value in values.items()}),
            **more,
        )

    def _ident(self, local: str) -> str:
        return f"<{local}@{self._head.mail_domain}>"

    def _at(self, kind: str, text: str) -> str:
        return f"{kind}-{text}@{self._head.mail_domain}"


def _calendar(due: DueNotice, registration: DueRegistration, written: Written, organizer: str) -> dict[str, Any]:
    """Write the calendar part (RFC 5546), from the numbers that were frozen when the notice was made."""
    assert written.block is not None and due.address is not None
    facts = due.facts
    status = CalendarStatus(facts["status"])
    waits = status is CalendarStatus.TENTATIVE
    invitee = itip.Invitee(
        uid=registration.uid,
        sequence=facts["sequence"],
        dtstamp=datetime.fromisoformat(facts["dtstamp"]),
        status=status,
        prefix=written.waiting if waits else "",
        transparent=waits,
        organizer_address=organizer,
        organizer_name=written.sender,
        attendee_address=due.address,
        attendee_name=due.name,
        partstat=Partstat(facts["partstat"]),
        rsvp=facts["rsvp"],
    )
    write = itip.cancel if facts["method"] == "CANCEL" else itip.request
    return {"method": facts["method"], "calendar": write(written.block, invitee)}
