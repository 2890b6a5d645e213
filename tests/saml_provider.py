"""An agency's SAML 2.0 provider: answers a request by redirect with a form, over HTTP on loopback.

It signs with xmlsec. `wrong` replaces pieces of what it says before signing; `after` changes the
document that was signed, as somebody between would.
"""

from __future__ import annotations

import base64
import html
import re
import secrets
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

POLL_S = 0.01
"""How long a server takes to notice that it is to end; at the usual half second, most of a test."""
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
AAL2 = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"

RESPONSE = """\
<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{response}" Version="2.0"
 IssueInstant="{at}" Destination="{destination}" InResponseTo="{answers}">\
<saml:Issuer>{issuer}</saml:Issuer>\
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>\
<saml:Assertion ID="{assertion}" Version="2.0" IssueInstant="{at}">\
<saml:Issuer>{issuer}</saml:Issuer>\
<saml:Subject><saml:NameID Format="{format}">{subject}</saml:NameID>\
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">\
<saml:SubjectConfirmationData InResponseTo="{confirms}" Recipient="{recipient}" {ends}/>\
</saml:SubjectConfirmation></saml:Subject>\
<saml:Conditions NotBefore="{before}" {until}><saml:AudienceRestriction>\
<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
<saml:AuthnStatement AuthnInstant="{proven}"><saml:AuthnContext>\
<saml:AuthnContextClassRef>{context}</saml:AuthnContextClassRef></saml:AuthnContext>\
</saml:AuthnStatement>\
<saml:AttributeStatement><saml:Attribute Name="mail">\
<saml:AttributeValue>m.alvarez@riverbend.example</saml:AttributeValue></saml:Attribute>\
</saml:AttributeStatement>\
</saml:Assertion></samlp:Response>"""
METADATA = """\
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{issuer}">\
<md:IDPSSODescriptor WantAuthnRequestsSigned="false"
 protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">\
<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data>\
<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
</md:KeyDescriptor>\
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="{issuer}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"""


def at(moment: datetime) -> str:
    """A moment as SAML writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Key:
    """A signing key with its certificate."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider")])
        began = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began - timedelta(days=1))
            .not_valid_after(began + timedelta(days=30))
            .sign(key, hashes.SHA256())
        )
        self.pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.certificate = made.public_bytes(serialization.Encoding.PEM)

    @property
    def bare(self) -> str:
        """The certificate without its frame."""
        return "".join(self.certificate.decode().strip().splitlines()[1:-1])

    def sign(self, node: Any, method: Any = xmlsec.Transform.RSA_SHA256) -> None:
        """Put an enveloped signature into an element, behind its Issuer."""
        signature = xmlsec.template.create(node, xmlsec.Transform.EXCL_C14N, method, ns="ds")
        node.insert(1, signature)
        xmlsec.tree.add_ids(node, ["ID"])
        digest = (
            xmlsec.Transform.SHA1
            if method == xmlsec.Transform.RSA_SHA1
            else xmlsec.Transform.SHA256
        )
        reference = xmlsec.template.add_reference(signature, digest, uri="#" + node.get("ID"))
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        info = xmlsec.template.ensure_key_info(signature)
        xmlsec.template.add_x509_data(info)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.pem, xmlsec.KeyFormat.PEM)
        context.key.load_cert_from_memory(self.certificate, xmlsec.KeyFormat.PEM)
        context.sign(signature)


@dataclass
class Provider:
    """One provider, and what it gets wrong."""

    subject: str = "u-4711"
    context: str = AAL2
    key: Key = field(default_factory=Key)
    signs: Key | None = None
    method: Any = xmlsec.Transform.RSA_SHA256
    signs_response: bool = False
    signs_assertion: bool = True
    issuer: str = ""
    wrong: dict[str, str] = field(default_factory=dict)
    after: Callable[[Any], Any] = lambda root: root
    raw: Callable[[bytes], bytes] = lambda sent: sent
    asked: list[Any] = field(default_factory=list)

    def metadata(self) -> str:
        """What the operator is given."""
        return METADATA.format(issuer=self.issuer, certificate=self.key.bare, DS=DS)

    def answer(self, query: str) -> str:
        """The signed response to a request by redirect, in base64."""
        packed = base64.b64decode(parse_qs(query)["SAMLRequest"][0])
        request = etree.fromstring(zlib.decompress(packed, -15))
        self.asked.append(request)
        return self.response(
            request.get("ID"),
            request.get("AssertionConsumerServiceURL"),
            request.findtext(f"{{{SAML}}}Issuer"),
        )

    def response(self, request: str, acs: str, entity: str) -> str:
        """A response to a request, or to one that nobody made."""
        began = datetime.now(UTC)
        soon = at(began + timedelta(minutes=5))
        said = {
            "response": "_" + secrets.token_hex(16),
            "assertion": "_" + secrets.token_hex(16),
            "at": at(began),
            "destination": acs,
            "answers": request,
            "confirms": request,
            "recipient": acs,
            "audience": entity,
            "issuer": self.issuer,
            "format": PERSISTENT,
            "subject": self.subject,
            "context": self.context,
            "before": at(began - timedelta(minutes=1)),
            "until": f'NotOnOrAfter="{soon}"',
            "ends": f'NotOnOrAfter="{soon}"',
            "proven": at(began),
        }
        root = etree.fromstring(
            RESPONSE.format(**(said | self.wrong), SAMLP=SAMLP, SAML=SAML, DS=DS)
        )
        if self.signs_assertion:
            (self.signs or self.key).sign(root.find(f"{{{SAML}}}Assertion"), self.method)
        if self.signs_response:
            (self.signs or self.key).sign(root, self.method)
        sent = self.raw(etree.tostring(self.after(root)))
        return base64.b64encode(sent).decode()


# -- what somebody between does to a signed document -------------------------------------------------


def _forged(assertion: Any, subject: str) -> Any:
    """A copy of an assertion without its signature, for somebody else."""
    made = deepcopy(assertion)
    signature = made.find(f"{{{DS}}}Signature")
    if signature is not None:
        made.remove(signature)
    made.set("ID", "_forged")
    made.find(f".//{{{SAML}}}NameID").text = subject
    return made


@dataclass
class Pieces:
    """A signed response taken apart, with a forged assertion beside it."""

    root: Any
    assertion: Any
    signature: Any
    forged: Any
    bare: Any

    def replace(self, *, with_signature: bool = False) -> None:
        """Put the forged assertion where the signed one was."""
        self.root.replace(self.assertion, self.forged)
        if with_signature:
            self.forged.insert(1, self.signature)

    def name(self, subject: str) -> None:
        """Change the name where it stands."""
        self.assertion.find(f".//{{{SAML}}}NameID").text = subject


def _around(p: Pieces, _: str) -> None:
    p.replace()
    p.forged.append(p.assertion)


def _beside(p: Pieces, _: str) -> None:
    p.replace(with_signature=True)
    p.root.append(p.bare)


def _inside(p: Pieces, _: str) -> None:
    p.replace(with_signature=True)
    p.signature.append(p.bare)


def _in_object(p: Pieces, _: str) -> None:
    p.replace(with_signature=True)
    etree.SubElement(p.signature, f"{{{DS}}}Object").append(p.bare)


def _in_object_same_id(p: Pieces, subject: str) -> None:
    p.forged.set("ID", p.assertion.get("ID"))
    _in_object(p, subject)


def _in_extensions(p: Pieces, _: str) -> None:
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    p.root.insert(1, extensions)
    p.replace()
    extensions.append(p.assertion)


def _in_confirmation(p: Pieces, _: str) -> None:
    p.replace()
    p.forged.find(f".//{{{SAML}}}SubjectConfirmationData").append(p.assertion)


def _same_id(p: Pieces, _: str) -> None:
    p.forged.set("ID", p.assertion.get("ID"))
    p.root.insert(p.root.index(p.assertion), p.forged)


def _foreign_id(p: Pieces, subject: str) -> None:
    """The ID that was signed stands on something else as well, in another spelling."""
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    etree.SubElement(extensions, "{urn:example}kept").set("Id", p.assertion.get("ID"))
    p.root.insert(1, extensions)
    p.name(subject)


def _no_reference(p: Pieces, subject: str) -> None:
    info = p.signature.find(f"{{{DS}}}SignedInfo")
    info.remove(info.find(f"{{{DS}}}Reference"))
    p.name(subject)


def _to_everything(p: Pieces, subject: str) -> None:
    p.signature.find(f".//{{{DS}}}Reference").set("URI", "")
    p.name(subject)


def _no_signature(p: Pieces, subject: str) -> None:
    p.assertion.remove(p.signature)
    p.name(subject)


NOT_ONE = "there is not one Assertion where it belongs"
WRAPPINGS: dict[str, tuple[Callable[[Pieces, str], object], str]] = {
    "before the signed one": (
        lambda p, _: p.root.insert(p.root.index(p.assertion), p.forged),
        NOT_ONE,
    ),
    "after the signed one": (lambda p, _: p.root.append(p.forged), NOT_ONE),
    "around the signed one": (_around, NOT_ONE),
    "its signature, the signed one beside": (_beside, NOT_ONE),
    "its signature, the signed one inside it": (_inside, NOT_ONE),
    "its signature, the signed one in its Object": (_in_object, NOT_ONE),
    "the same under the same ID": (_in_object_same_id, NOT_ONE),
    "the signed one in Extensions": (_in_extensions, NOT_ONE),
    "the signed one in the subject's confirmation": (_in_confirmation, NOT_ONE),
    "the same ID": (_same_id, NOT_ONE),
    "its ID on something else": (_foreign_id, "two elements have the same ID"),
    "the name changed in place": (lambda p, subject: p.name(subject), "python3-saml 42"),
    "no reference": (_no_reference, "a signature does not refer to one thing"),
    "a reference to everything": (_to_everything, "a signature refers to something else"),
    "no signature": (_no_signature, "the Assertion is not signed"),
}
"""Ways of signature wrapping, what each does, and what the node finds in it.

After Somorovsky et al., "On Breaking SAML" (2012).
"""


def wrapped(how: str, subject: str) -> Callable[[Any], Any]:
    """One way of signature wrapping, done to a response."""

    def change(root: Any) -> Any:
        assertion = root.find(f"{{{SAML}}}Assertion")
        bare = deepcopy(assertion)
        bare.remove(bare.find(f"{{{DS}}}Signature"))
        pieces = Pieces(
            root, assertion, assertion.find(f"{{{DS}}}Signature"), _forged(assertion, subject), bare
        )
        WRAPPINGS[how][0](pieces, subject)
        return root

    return change


def wrapped_response(how: str, subject: str) -> Callable[[Any], Any]:
    """The same, where the response itself is signed: a forged one around it."""

    def change(root: Any) -> Any:
        forged = deepcopy(root)
        forged.set("ID", "_forged")
        forged.find(f".//{{{SAML}}}NameID").text = subject
        signature = forged.find(f"{{{DS}}}Signature")
        original = deepcopy(root)
        original.remove(original.find(f"{{{DS}}}Signature"))
        if how == "in the Object of its signature":
            etree.SubElement(signature, f"{{{DS}}}Object").append(original)
        else:
            forged.insert(forged.index(signature), original)
        return forged

    return change


class Handler(BaseHTTPRequestHandler):
    """The provider's one page: whoever comes is signed in, and sent back by a form."""

    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        response = self.provider.answer(parts.query)
        acs = html.escape(self.provider.asked[-1].get("AssertionConsumerServiceURL"))
        page = (
            f'<form action="{acs}" method="post"><input type="hidden" name="SAMLResponse" '
            f'value="{response}"><button>Go on</button></form>'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:
        return None


def field_of(page: str, name: str) -> str:
    """What a hidden field of a form holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on a free port of this machine."""
    provider = Provider()
    handler = type("One", (Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
