"""Messages come back from plain values as they went in."""

import json

from hypothesis import given
from hypothesis import strategies as st

from service.channels import Block, Choice, Document, Facts, Heading, Intent, Outbound, Paragraph, Topic
from service.formats.outbounds import packed, unpacked

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, WORDS),
    st.builds(Paragraph, WORDS),
    st.builds(Facts, st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)),
    st.builds(Document, WORDS, WORDS, st.binary(max_size=50)),
)
CHOICES = st.builds(
    Choice, WORDS, st.builds(Intent, st.sampled_from(Topic), st.none() | WORDS), WORDS, st.none() | WORDS
)
OUTBOUNDS = st.builds(
    Outbound,
    WORDS,
    st.lists(BLOCKS, max_size=4).map(tuple),
    st.lists(CHOICES, max_size=4).map(tuple),
    st.sampled_from(["person", "conversation"]),
    st.booleans(),
)


@given(OUTBOUNDS)
def test_a_message_comes_back_from_json_as_it_went_in(outbound: Outbound) -> None:
    assert unpacked(json.loads(json.dumps(packed(outbound)))) == outbound
