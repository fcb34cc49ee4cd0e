"""The mail channel as the outbox sees it: a due notice in, a receipt out."""

from bots.mail.mime import build
from bots.mail.render import Renderer
from bots.mail.send import Transport
from service.channels import Capabilities, DueNotice, Receipt


class MailSender:
    """Sends each notice as one mail to one address; a mail sent twice is one message under one Message-ID."""

    capabilities = Capabilities(files=True, idempotent_send=True)
    pace = None

    def __init__(self, renderer: Renderer, transport: Transport) -> None:
        self._renderer = renderer
        self._transport = transport

    async def deliver(self, due: DueNotice) -> Receipt:
        """Write the mail of a notice and hand it to the relay; raises DeliveryFailed."""
        bounces, mail = self._renderer.mail(due)
        answer = await self._transport.send(bounces, mail.to_address, build(mail))
        return Receipt(answer)

    async def check(self) -> None:
        """Find out whether the relay could be reached now; raises DeliveryFailed if not."""
        await self._transport.check()
