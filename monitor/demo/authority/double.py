"""An authority that stamps times, over real HTTP on loopback: valid tokens, signed with a certificate of its own."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from monitor.demo.authority import der

_SHA256 = "2.16.840.1.101.3.4.2.1"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_POLICY = "1.3.6.1.4.1.99999.1"
GRANTED, REJECTION = 0, 2


class Issuer:
    """A root certificate, and the certificate that signs, valid until `until`."""

    def __init__(self, *, name: str = "Jikimi test authority", until: datetime | None = None) -> None:
        now = datetime.now(UTC)
        root_key, self._key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root_name, leaf_name = _name(f"{name} root"), _name(name)
        begun = now - timedelta(days=400)
        self.root = (
            _certificate(root_name, root_name, root_key.public_key(), begun, now + timedelta(days=400))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        self.certificate = (
            _certificate(leaf_name, root_name, self._key.public_key(), begun, until or now + timedelta(days=300))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .sign(root_key, hashes.SHA256())
        )

    @property
    def root_pem(self) -> bytes:
        """What an operator names in `[timestamp] certificates`."""
        return self.root.public_bytes(Encoding.PEM)

    def token(self, imprint: bytes, nonce: int | None, at: datetime, serial: int) -> bytes:
        """A ContentInfo with a signed TSTInfo. `imprint`: the MessageImprint as it was asked for, whole."""
        info = der.sequence(
            der.integer(1),
            der.oid(_POLICY),
            imprint,
            der.integer(serial),
            der.generalized_time(at),
            *([] if nonce is None else [der.integer(nonce)]),
        )
        leaf = self.certificate.public_bytes(Encoding.DER)
        attributes = [
            _attribute(_CONTENT_TYPE, der.oid(_TST_INFO)),
            _attribute(_DIGEST, der.octets(hashlib.sha256(info).digest())),
            _attribute(
                _SIGNING_CERTIFICATE_V2,
                der.sequence(der.sequence(der.sequence(der.octets(hashlib.sha256(leaf).digest())))),
            ),
        ]
        signed = der.set_of(attributes)
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        issuer = self.certificate.issuer.public_bytes()
        signer = der.sequence(
            der.integer(1),
            der.sequence(issuer, der.integer(self.certificate.serial_number)),
            der.sequence(der.oid(_SHA256)),
            der.tlv(0xA0, signed[_header(signed) :]),
            der.sequence(der.oid(_ECDSA_SHA256)),
            der.octets(signature),
        )
        data = der.sequence(
            der.integer(3),
            der.set_of([der.sequence(der.oid(_SHA256))]),
            der.sequence(der.oid(_TST_INFO), der.explicit(0, der.octets(info))),
            der.tlv(0xA0, b"".join(sorted((leaf, self.root.public_bytes(Encoding.DER))))),
            der.set_of([signer]),
        )
        return der.sequence(der.oid(_SIGNED_DATA), der.explicit(0, data))


class AuthorityDouble:
    """`async with AuthorityDouble() as double:` answers at `double.url`. Tests change what it does meanwhile."""

    def __init__(self, issuer: Issuer | None = None, *, now: Callable[[], datetime] | None = None) -> None:
        """`now`: the time that it stamps; without it the real one."""
        self.issuer = issuer or Issuer()
        self.now = now or (lambda: datetime.now(UTC))
        self.asked: list[bytes] = []
        """The imprints that were asked for."""
        self.status = 200
        """Of its HTTP answers."""
        self.granted = True
        self.swapped: bytes | None = None
        """An answer that it gives whatever it is asked."""
        self.login: str | None = None
        """The Authorization that it wants."""
        self._port, self._serial = 0, 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}/tsr"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.post("/tsr", self._answer)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.status != 200:
            return web.Response(status=self.status)
        if self.login is not None and request.headers.get("Authorization") != self.login:
            return web.Response(status=401)
        if request.content_type != "application/timestamp-query":
            return web.Response(status=400)
        answer = self.swapped or self.respond(body)
        return web.Response(body=answer, content_type="application/timestamp-reply")

    def respond(self, request: bytes) -> bytes:
        """The TimeStampResp for a TimeStampReq."""
        imprint, nonce = _asked(request)
        self.asked.append(imprint)
        if not self.granted:
            return der.sequence(der.sequence(der.integer(REJECTION)))
        self._serial += 1
        token = self.issuer.token(imprint, nonce, self.now(), self._serial)
        return der.sequence(der.sequence(der.integer(GRANTED)), token)


def _asked(request: bytes) -> tuple[bytes, int | None]:
    """The MessageImprint, whole, and the nonce. Version and imprint come first; policy is an OID, certReq a BOOLEAN."""
    (_, inside), *_ = der.children(request)
    _, (tag, imprint), *rest = der.children(inside)
    nonce = next((int.from_bytes(content, "big") for kind, content in rest if kind == 0x02), None)
    return der.tlv(tag, imprint), nonce


def _attribute(kind: str, value: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.set_of([value]))


def _header(value: bytes) -> int:
    """Bytes of a value's tag and length."""
    return 2 if value[1] < 128 else 2 + (value[1] & 0x7F)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begun: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(until)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
