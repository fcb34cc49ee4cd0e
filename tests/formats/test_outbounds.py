import json

from service.channels import Choice, Document, Facts, Heading, Intent, Outbound, Paragraph, Topic
from service.formats import outbounds

WHOLE = Outbound(
    "gathering:12:person:3",
    (
        Heading("Kick-off <&>"),
        Paragraph("Twee\nregels 😀"),
        Facts((("Wanneer", "dinsdag"), ("Waar", "Utrecht"))),
        Document("wie-komt.csv", "text/csv", b"\xef\xbb\xbfnaam\r\n\x00\xff"),
    ),
    (
        Choice("Ja, ik kom", Intent(Topic.ACCEPT, "12"), "ja 12", "https://kring.example/r/x"),
        Choice("Agenda", Intent(Topic.AGENDA), "agenda"),
    ),
    audience="conversation",
    confidential=True,
)


def test_a_message_survives_the_outbox_as_it_was() -> None:
    assert outbounds.load(json.loads(json.dumps(outbounds.dump(WHOLE)))) == WHOLE


def test_what_an_older_version_left_out_has_its_default() -> None:
    assert outbounds.load({"view_key": "x", "blocks": []}) == Outbound("x", ())
