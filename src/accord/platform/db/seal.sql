-- The seal: what one transaction may see, bound to this backend and this transaction.
--
-- The application sets `accord.seal` (transaction-local) to
--     standing|action|key,key,...|expires_us|pid|transaction_us|mac
-- and the functions below believe it only while the HMAC-SHA-256 under a key that the
-- application's role cannot read matches, the backend is the same, the transaction is the
-- same, and the time has not come. Missing seal: NULL, hence no rows. False seal: an error.
-- INVARIANT: nothing here knows what an agency, an agreement or a case is.

create table accord.seal_key (
    id      smallint primary key check (id = 1),
    inner_pad bytea not null check (octet_length(inner_pad) = 64),
    outer_pad bytea not null check (octet_length(outer_pad) = 64)
);

create table accord.policy_epoch (
    id    smallint primary key check (id = 1),
    epoch bigint not null
);
insert into accord.policy_epoch values (1, 1);

-- One row a standing; append-only. Each *_bits holds 65,536 + 64 bytes, and 65,536 + 256 since 0003: see docs/decisions/0004.
create table accord.standing (
    id           uuid primary key,
    member_id    text not null,
    agency_id    text not null,
    roles        text[] not null,
    epoch        bigint not null,
    valid_until  timestamptz not null,
    created_at   timestamptz not null default clock_timestamp(),
    facts        jsonb not null,
    match_bits   bytea not null,
    hit_bits     bytea not null,
    view_bits    bytea not null,
    export_bits  bytea not null,
    onward_bits  bytea not null,
    contribute_bits bytea not null,
    alter_bits   bytea not null,
    relabel_bits bytea not null,
    place_bits   bytea not null,
    release_bits bytea not null,
    check (octet_length(match_bits) = 65600), check (octet_length(hit_bits) = 65600),
    check (octet_length(view_bits) = 65600), check (octet_length(export_bits) = 65600),
    check (octet_length(onward_bits) = 65600), check (octet_length(contribute_bits) = 65600),
    check (octet_length(alter_bits) = 65600), check (octet_length(relabel_bits) = 65600),
    check (octet_length(place_bits) = 65600), check (octet_length(release_bits) = 65600)
);

-- functions --
create type accord.claims as (
    standing uuid, action text, keys uuid[]
);

create function accord.seal_claims() returns accord.claims
language plpgsql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp as $$
declare
    raw    text := nullif(current_setting('accord.seal', true), '');
    fields text[];
    body   text;
    k      accord.seal_key;
    result accord.claims;
begin
    if raw is null then
        return null;
    end if;
    fields := string_to_array(raw, '|');
    if array_length(fields, 1) <> 7 then
        raise exception 'accord: the seal is malformed' using errcode = '42501';
    end if;
    body := left(raw, length(raw) - length(fields[7]) - 1);
    select * into strict k from accord.seal_key where id = 1;
    if encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(body, 'UTF8'))), 'hex')
       is distinct from fields[7] then
        raise exception 'accord: the seal does not verify' using errcode = '42501';
    end if;
    if fields[5]::integer <> pg_backend_pid()
       or fields[6]::bigint <> (extract(epoch from transaction_timestamp()) * 1000000)::bigint then
        raise exception 'accord: the seal belongs to another transaction' using errcode = '42501';
    end if;
    if fields[4]::bigint <= (extract(epoch from clock_timestamp()) * 1000000)::bigint then
        raise exception 'accord: the seal has expired' using errcode = '42501';
    end if;
    result.standing := fields[1]::uuid;
    result.action := fields[2];
    result.keys := string_to_array(nullif(fields[3], ''), ',')::uuid[];
    if result.keys is null then
        result.keys := array[]::uuid[];
    end if;
    return result;
end $$;

create function accord.seal_member() returns text
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp as $$
    select s.member_id from accord.standing s
     where s.id = (select (accord.seal_claims()).standing) and s.valid_until > now()
$$;

create function accord.seal_agency() returns text
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp as $$
    select s.agency_id from accord.standing s
     where s.id = (select (accord.seal_claims()).standing) and s.valid_until > now()
$$;

create function accord.seal_roles() returns text[]
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp as $$
    select s.roles from accord.standing s
     where s.id = (select (accord.seal_claims()).standing) and s.valid_until > now()
$$;

create function accord.seal_keys() returns uuid[]
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp as $$
    select (accord.seal_claims()).keys
$$;

-- The bytes of one action of the sealed standing, detoasted once a statement.
-- The epoch is compared where the standing is chosen (accord.platform.db.scope), at the start of
-- the same transaction: an act that itself changes policy must be able to finish what it began.
-- `wanted` NULL means the read action named in the seal.
create function accord.bits(wanted text default null) returns bytea
language plpgsql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp as $$
declare
    c   accord.claims := accord.seal_claims();
    out bytea;
begin
    if c is null or c.standing is null then
        return null;
    end if;
    select case coalesce(wanted, c.action)
             when 'match' then match_bits      when 'hit' then hit_bits
             when 'view' then view_bits        when 'export' then export_bits
             when 'onward' then onward_bits    when 'contribute' then contribute_bits
             when 'alter' then alter_bits      when 'relabel' then relabel_bits
             when 'place' then place_bits      when 'release' then release_bits
           end || ''::bytea
      into out
      from accord.standing s
     where s.id = c.standing and s.valid_until > now();
    if not found then
        raise exception 'accord: the standing is spent' using errcode = '42501';
    end if;
    return out;
end $$;

-- Whatever decides access bumps the epoch; attached as a statement trigger, so nobody can forget.
create function accord.bump_epoch() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update accord.policy_epoch set epoch = epoch + 1 where id = 1;
    return null;
end $$;
