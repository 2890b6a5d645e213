"""The form that a SAML response must have before a signature on it is worth checking.

Signature wrapping moves what was signed to a place where it is verified and nobody reads it, and
puts something else where it is read. So the place is fixed here, whatever the verifier does:

1. at most so many bytes of XML, no document type, so no entity; no comment, no processing instruction
2. the root is a Response; its Assertion is one of its children and the only one in the document
3. no two elements share an ID, under any spelling of that attribute
4. a signature is a child of the Response or of the Assertion, one each at most; the Assertion has one
5. a signature refers to its own parent, to nothing else, by transforms that leave nothing out, and
   brings nothing along

After that the element whose signature holds is the one element that can be read.
"""

from __future__ import annotations

import base64
import binascii

from lxml import etree

from accord.identity.federation.domain import NotProven

LONGEST_BYTES = 256_000
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
CANONICAL = "http://www.w3.org/2001/10/xml-exc-c14n#"
TRANSFORMS = frozenset({"http://www.w3.org/2000/09/xmldsig#enveloped-signature", CANONICAL})
METHODS = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{name}"
    for name in (
        "rsa-sha256", "rsa-sha384", "rsa-sha512", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512",
    )
)  # fmt: skip
DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


def parsed(raw: bytes) -> etree._Element:
    """The root of bytes from anywhere: nothing is loaded, expanded or fetched; raises NotProven."""
    if len(raw) > LONGEST_BYTES:
        raise NotProven("the XML is too long")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise NotProven("the XML cannot be read") from fault
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise NotProven("the XML has a document type")
    if any(not isinstance(node.tag, str) for node in root.iter()):
        raise NotProven("the XML holds a comment, a processing instruction or an entity")
    if root.getprevious() is not None or root.getnext() is not None:
        raise NotProven("the XML holds something beside its root")
    return root


def decoded(text: str) -> bytes:
    """The bytes of a posted response; raises NotProven."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise NotProven("the response is no base64") from fault


def assertion_of(response: etree._Element) -> etree._Element:
    """The one assertion of a response in the form above; raises NotProven."""
    if response.tag != f"{SAMLP}Response":
        raise NotProven("the root is no Response")
    found = [node for node in response.iter() if etree.QName(node).localname == "Assertion"]
    if len(found) != 1 or found[0].tag != f"{SAML}Assertion" or found[0].getparent() != response:
        raise NotProven("there is not one Assertion where it belongs")
    _check_ids(response)
    _check_signatures(response, found[0])
    return found[0]


def _check_ids(response: etree._Element) -> None:
    held = [
        str(value)
        for node in response.iter()
        for name, value in node.attrib.items()
        if name == XML_ID or str(name).lower() == "id"
    ]
    if len(held) != len(set(held)):
        raise NotProven("two elements have the same ID")


def _check_signatures(response: etree._Element, assertion: etree._Element) -> None:
    signatures = list(response.iter(f"{DS}Signature"))
    named = [node for node in response.iter() if etree.QName(node).localname == "Signature"]
    parents = [signature.getparent() for signature in signatures]
    if len(named) != len(signatures) or any(p not in (response, assertion) for p in parents):
        raise NotProven("a signature stands where none belongs")
    if parents.count(assertion) != 1 or parents.count(response) > 1:
        raise NotProven("the Assertion is not signed, or something is signed twice")
    for signature in signatures:
        _check_signature(signature)


def _check_signature(signature: etree._Element) -> None:
    parent = signature.getparent()
    references = list(signature.iter(f"{DS}Reference"))
    if parent is None or len(references) != 1 or not parent.get("ID"):
        raise NotProven("a signature does not refer to one thing")
    if references[0].get("URI") != f"#{parent.get('ID')}":
        raise NotProven("a signature refers to something else than what it stands in")
    if next(signature.iter(f"{DS}Object", f"{DS}Manifest"), None) is not None:
        raise NotProven("a signature brings something along")
    for name, known in (
        ("Transform", TRANSFORMS),
        ("CanonicalizationMethod", {CANONICAL}),
        ("SignatureMethod", METHODS),
        ("DigestMethod", DIGESTS),
    ):
        if any(node.get("Algorithm") not in known for node in signature.iter(f"{DS}{name}")):
            raise NotProven(f"a signature has a {name} that is not taken")
