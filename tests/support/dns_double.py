"""A name server on loopback that knows some TXT records and nothing else."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class DnsDouble(asyncio.DatagramProtocol):
    """`async with DnsDouble({"example.org": ["v=spf1 -all"]}) as double:` answers at `double.address`."""

    def __init__(self, texts: Mapping[str, Sequence[str]], *, silent: bool = False) -> None:
        self._texts = {f"{name}.": list(values) for name, values in texts.items()}
        self._silent = silent
        self.asked: list[str] = []
        self.address = ""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.address = "127.0.0.1:{}".format(self._transport.get_extra_info("sockname")[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """One question, one answer."""
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text().lower()
        self.asked.append(name)
        if self._silent:
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name not in self._texts:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif self._texts[name]:
            # A long text stands in strings of at most 255 bytes.
            quoted = [
                " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in self._texts[name]
            ]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        self._transport.sendto(answer.to_wire(), address)
