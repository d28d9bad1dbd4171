"""Makes tokens with PyJWT, good ones and bad ones, and tells in JSON what each is and whether it is good.

    MILLWRIGHT_INPUT    {"secret", "issuer", "audience", "person", "key": the private JWK or null}

With a key the tokens are ES256, as Supabase Auth makes them; without one HS256, as we do.
"""

import base64
import hashlib
import hmac
import json
import os
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

given = json.loads(os.environ["MILLWRIGHT_INPUT"])
secret, key = given["secret"], given["key"]
now = int(time.time())
ours = jwt.PyJWK(key).key if key else secret
algorithm = "ES256" if key else "HS256"
header = {"kid": key["kid"]} if key else {}
claims = {
    "sub": given["person"], "role": "authenticated", "iss": given["issuer"], "aud": given["audience"],
    "iat": now, "exp": now + 300,
}  # fmt: skip
stranger = ec.generate_private_key(ec.SECP256R1())
another = stranger if key else "another secret, which is as long as it must be"


def encoded(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(signer=ours, by=algorithm, head=None, **more):
    """A token with other claims; those that are None are left out."""
    kept = {name: value for name, value in {**claims, **more}.items() if value is not None}
    return jwt.encode(kept, signer, algorithm=by, headers=header if head is None else head)


def by_hand(head, material):
    """HS256 with what PyJWT itself refuses to take for a secret."""
    text = f"{encoded(head)}.{encoded(claims)}"
    return f"{text}.{encoded(hmac.new(material, text.encode(), hashlib.sha256).digest())}"


good = signed()
head, body, signature = good.split(".")
tokens = {
    "good": {
        "plain": good,
        "several audiences": signed(aud=[given["audience"], "another"]),
        "expired within the skew": signed(exp=now - 15),
        "valid within the skew": signed(nbf=now + 15),
        "times with fractions": signed(exp=now + 300.5),
    },
    # The gateway and the API both refuse these.
    "bad": {
        "one part": head,
        "padding": f"{head}.{body}.{signature}==.",
        "no header": f".{body}.{signature}",
        "a list of claims": f"{head}.{encoded([claims])}.{signature}",
        "changed signature": f"{head}.{body}.{signature[:-4]}AAAA",
        "alg none": jwt.encode(claims, None, algorithm="none"),
        "alg nOnE": f"{encoded({'alg': 'nOnE', 'typ': 'JWT'})}.{body}.",
        "no alg": f"{encoded({'typ': 'JWT'})}.{body}.{signature}",
        "another key": signed(another),
        "an empty key": by_hand({"alg": "HS256", **header}, b""),
        "RS256": signed(rsa.generate_private_key(65537, 2048), "RS256"),
        "expired": signed(exp=now - 120),
        "not yet valid": signed(nbf=now + 120),
    },
    # The API refuses these; the gateway has no say in them, or another one.
    "strict": {
        "another audience": signed(aud=["another"]),
        "no audience": signed(aud=None),
        "another issuer": signed(iss="https://example.com"),
        "no issuer": signed(iss=None),
        "no expiry": signed(exp=None),
        "no subject": signed(sub=None),
        "the role of a service": signed(role="service_role"),
        "no role": signed(role=None),
    },
}
if key:
    public = ours.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    for name, material in (("PEM", pem), ("a point", point)):
        tokens["bad"][f"HS256 with the public key as {name}"] = by_hand({"alg": "HS256", **header}, material)
    tokens["strict"]["HS256 with the gateway's secret"] = signed(secret, "HS256")
    tokens["strict"]["no kid"] = signed(head={})
else:
    tokens["bad"]["ES256"] = signed(stranger, "ES256")
    for other in ("HS384", "HS512"):
        tokens["strict"][other] = signed(secret.ljust(64, "x"), other)
print(json.dumps(tokens))
