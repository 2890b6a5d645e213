"""Credentials, sign-ins and ceremonies. Private to this module."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accord.agencies.models import Agency, Member, Membership


class Passkey(models.Model):
    """A public key that an authenticator holds the other half of; `mac` seals the row."""

    id = models.UUIDField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField()  # COSE
    sign_count = models.BigIntegerField()
    aaguid = models.UUIDField()
    device_bound = models.BooleanField()
    attested = models.BooleanField()
    mac = models.BinaryField(max_length=32)
    name = models.TextField()
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkey"


class Ceremony(models.Model):
    """A challenge that one session was given, to be answered once."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    session = models.CharField(max_length=40)
    member_id = models.TextField(null=True)
    challenge = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ceremony"
        indexes = [models.Index(fields=["expires_at"], name="ceremony_over")]


class SignInRow(models.Model):
    """How one session was proven, from where, and whether it is over; `mac` seals what it proves."""

    id = models.UUIDField(primary_key=True)
    session = models.CharField(max_length=40, unique=True)
    member = models.ForeignKey(Member, models.PROTECT)
    membership_id = models.TextField()
    method = models.TextField()
    assurance = models.SmallIntegerField()
    credentials = ArrayField(models.UUIDField())  # that opened or proved it, the last one last
    family = models.SmallIntegerField()  # 4 or 6
    place = models.TextField()  # a network, /24 or /48: enough to know one's own sessions by
    client = models.TextField()
    began_at = models.DateTimeField()
    proven_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(default="")
    mac = models.BinaryField(max_length=32)

    class Meta:
        db_table = "signin"
        indexes = [models.Index(fields=["member", "-began_at"], name="signin_of_member")]


class MemberSignature(models.Model):
    """A document that a member signed with a passkey, and what proves it; never altered."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()  # accord.identity.signed.Signs
    subject = models.TextField()  # the hash of an agreement version, the id of a statement
    document = models.BinaryField()  # exactly what was shown, in canonical form
    signed = models.BinaryField()  # accord.identity.signed: what the challenge is the hash of
    member = models.ForeignKey(Member, models.PROTECT)
    membership_id = models.TextField()
    agency = models.TextField()
    shown_at = models.DateTimeField()
    kept_at = models.DateTimeField()
    passkey = models.UUIDField()
    credential_id = models.BinaryField(max_length=1023)
    public_key = models.BinaryField()  # COSE
    authenticator_data = models.BinaryField()
    client_data = models.BinaryField()
    signature = models.BinaryField()
    rp_id = models.TextField()
    origin = models.TextField()
    mac = models.BinaryField(max_length=32)

    class Meta:
        db_table = "member_signature"
        indexes = [models.Index(fields=["subject", "kept_at"], name="member_signature_of")]


class NodeSetup(models.Model):
    """That a node for real work waits for its first agency; one row, and none in a demonstration."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    token_hash = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()
    agency_id = models.TextField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "node_setup"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="node_setup_once")]


class AgencyInvitation(models.Model):
    """That the operator invited an agency to this node, as a full or a light member."""

    id = models.UUIDField(primary_key=True)
    agency_id = models.TextField()
    light = models.BooleanField()
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "agency_invitation"
        constraints = [
            models.UniqueConstraint(
                fields=["agency_id"],
                condition=models.Q(used_at=None, voided_at=None),
                name="agency_invitation_once",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(voided_at=None),
                name="agency_invitation_end",
            ),
        ]


class AccessToken(models.Model):
    """A bearer token of a member, or of a system's client; `mac` seals the row."""

    id = models.UUIDField(primary_key=True)
    token_hash = models.BinaryField(max_length=32, unique=True)
    membership_id = models.TextField()
    name = models.TextField()
    purposes = ArrayField(models.TextField())
    actions = ArrayField(models.TextField())
    assurance = models.SmallIntegerField()
    passkey = models.ForeignKey(Passkey, models.PROTECT, null=True)
    credential = models.ForeignKey("ClientCredential", models.PROTECT, null=True)
    mac = models.BinaryField(max_length=32)
    proven_at = models.DateTimeField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "access_token"
        indexes = [
            models.Index(fields=["membership_id", "-made_at"], name="access_token_of_member")
        ]


class ServiceMember(models.Model):
    """A member that is a program: whose it is, what it may be, and which two people made it one."""

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, models.PROTECT)
    membership_id = models.TextField(unique=True)
    name = models.TextField()
    owner = models.ForeignKey(Membership, models.PROTECT)
    roles = ArrayField(models.TextField())
    clearance = models.TextField()
    assurance = models.SmallIntegerField()
    valid_until = models.DateTimeField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    approved_by = models.TextField(null=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Who is to answer for it, until another administrator approves.
    next_owner = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    next_owner_by = models.TextField(null=True)
    next_owner_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "service_member"


class OAuthClient(models.Model):
    """What a system authenticates as, and the most that it may ask a token for."""

    id = models.UUIDField(primary_key=True)
    system = models.ForeignKey(ServiceMember, models.PROTECT)
    name = models.TextField()
    purposes = ArrayField(models.TextField())
    actions = ArrayField(models.TextField())
    registered_by = models.TextField()
    registered_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oauth_client"


class ClientCredential(models.Model):
    """The digest of a client's secret, or its public key (JWK); exactly one of both.

    It counts once a second administrator approved it.
    """

    id = models.UUIDField(primary_key=True)
    client = models.ForeignKey(OAuthClient, models.PROTECT)
    secret_hash = models.BinaryField(max_length=32, null=True)
    public_key = models.JSONField(null=True)
    made_by = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    approved_by = models.TextField(null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "client_credential"


class UsedAssertion(models.Model):
    """That an assertion was used, as long as it could be used again (RFC 7523, `jti`)."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "used_assertion"
        indexes = [models.Index(fields=["expires_at"], name="used_assertion_over")]


class IdentityProvider(models.Model):
    """An agency's own identity provider; the operator puts it in, and `mac` seals the row."""

    name = models.SlugField(primary_key=True, max_length=64)
    agency = models.ForeignKey(Agency, models.PROTECT)
    kind = models.TextField()
    issuer = models.TextField()
    client_id = models.TextField()
    settings = models.JSONField()  # addresses and certificates of the protocol
    names_member = models.TextField()  # the claim or attribute
    assurance = models.JSONField()  # {asserted context: level}
    sealed_secret = models.BinaryField()
    mac = models.BinaryField(max_length=32)
    put_at = models.DateTimeField()

    class Meta:
        db_table = "identity_provider"


class ProviderLink(models.Model):
    """That a provider's subject is this member; `mac` seals the row."""

    id = models.UUIDField(primary_key=True)
    provider = models.ForeignKey(IdentityProvider, models.CASCADE)
    subject = models.TextField()
    member = models.ForeignKey(Member, models.PROTECT)
    mac = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "provider_link"
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="provider_link_once")
        ]


class CodeAllowance(models.Model):
    """That an agency allows one-time codes: asked for by one administrator, approved by another."""

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, models.PROTECT)
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    approved_by = models.TextField(null=True)
    approved_at = models.DateTimeField(null=True)
    ended_by = models.TextField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "code_allowance"
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=models.Q(ended_at=None), name="code_allowance_once"
            )
        ]


class CodeDevice(models.Model):
    """A password and the secret of a member's authenticator app; `mac` seals the row."""

    id = models.UUIDField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT)
    name = models.TextField()
    sealed_secret = models.BinaryField()
    password = models.TextField()  # scrypt
    password_at = models.DateTimeField()
    version = models.IntegerField(default=0)  # of the password; the seal says it, and it only rises
    mac = models.BinaryField(max_length=32)
    last_step = models.BigIntegerField()  # no step counts twice
    failures = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "code_device"
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(revoked_at=None), name="code_device_once"
            )
        ]


class KnownDevice(models.Model):
    """A browser in which the holder of a code device came in; a token of its cookie names it."""

    id = models.UUIDField(primary_key=True)
    device = models.ForeignKey(CodeDevice, models.PROTECT)
    failures = models.SmallIntegerField(default=0)
    known_at = models.DateTimeField()

    class Meta:
        db_table = "known_device"


class RecoveryCode(models.Model):
    """The digest of a code that opens one new enrolment; `mac` seals the row."""

    id = models.UUIDField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT)
    membership_id = models.TextField()
    digest = models.BinaryField(max_length=32, unique=True)
    mac = models.BinaryField(max_length=32)
    failures = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_code"
        indexes = [models.Index(fields=["member"], name="recovery_code_of_member")]


class SignInMiss(models.Model):
    """How often something was tried in vain; `bucket` is a digest that names nobody and no place."""

    bucket = models.BinaryField(primary_key=True, max_length=32)
    misses = models.IntegerField()
    since = models.DateTimeField()

    class Meta:
        db_table = "signin_miss"
        indexes = [models.Index(fields=["since"], name="signin_miss_over")]
