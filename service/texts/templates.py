"""Make the template environment of a language: newstyle gettext, HTML escaped, a missing name is an error.

Which templates there are, and what they show, is the business of whoever renders them.
"""

from types import CodeType

from jinja2 import BaseLoader, BytecodeCache, Environment, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context

from service.texts.catalogue import translator

JINJA = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}
"""How templates treat white space; `update` reads them with the same options."""


class _Compiled(BytecodeCache):
    """What templates compile to, kept for as long as the process runs: the languages differ in words, not in code."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template the code that it compiled to before, in whichever language."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a template has just compiled to."""
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


def environment(language: str, loader: BaseLoader) -> Environment:
    """Make an environment that speaks one language.

    Everything is escaped for HTML but templates named .txt or .txt.j2. In all of them stand `gettext`, `ngettext`,
    `pgettext`, `_`, `{% trans count=n %}`, `say(sentence)` for one that was `marked` in Python, and `texts`, which
    also writes dates: `{{ texts.when(…) }}`. One environment per language, so that imported macros speak it too.
    """
    made = Environment(
        loader=loader,
        autoescape=_is_markup,  # noqa: S701 - the text part of a mail is no HTML
        undefined=StrictUndefined,
        bytecode_cache=_COMPILED,
        extensions=["jinja2.ext.i18n"],
        **JINJA,  # type: ignore[arg-type]
    )
    made.policies["ext.i18n.trimmed"] = True
    texts = translator(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        texts.message,
        texts.plural_message,
        newstyle=True,
        pgettext=lambda context, message: texts.message(message, context),
    )
    made.globals |= {"texts": texts, "language": texts.language, "say": _say}
    return made


@pass_context
def _say(context: Context, message: str, **variables: object) -> str:
    """Translate a sentence that was marked elsewhere; as a function of its own, so that `update` skips it."""
    said: str = context["gettext"](context, message, **variables)
    return said


def _is_markup(name: str | None) -> bool:
    return name is None or not name.endswith((".txt", ".txt.j2"))
