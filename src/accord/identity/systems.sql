-- Systems: members that are programs, and the clients by which they get tokens. Owned by accord_probe:
-- the application changes the directory by these functions alone, and each asks the seal who acts
-- (accord.administered, in the directory's own file).

-- A new system, with the roles it is to have, as one administrator asks for it. Nobody is made a
-- member by this: another administrator approves it first.
--   facts   {membership, name, owner, roles, clearance, assurance, until}
create function accord.propose_system(wanted uuid, facts jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.administered();
    roles text[] := array(select jsonb_array_elements_text(facts -> 'roles') order by 1);
begin
    if agency is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    if facts ->> 'membership' not like agency || '.%' or cardinality(roles) = 0
       or roles && array['system-administrator']
       or exists (select 1 from public.member m where m.id = facts ->> 'membership')
       or not exists (
           select 1 from public.membership h
            where h.id = facts ->> 'owner' and h.agency_id = agency
              and accord.in_force(h, accord.clock())
              and not exists (
                  select 1 from public.service_member s where s.membership_id = h.id)) then
        raise exception 'accord: no such system can be' using errcode = '22023';
    end if;
    insert into public.service_member
        (id, agency_id, membership_id, name, owner_id, roles, clearance, assurance, valid_until,
         proposed_by, proposed_at)
    values (wanted, agency, facts ->> 'membership', facts ->> 'name', facts ->> 'owner', roles,
            facts ->> 'clearance', (facts ->> 'assurance')::smallint,
            (facts ->> 'until')::timestamptz, accord.seal_member(), accord.clock());
end $$;

-- Makes a proposed system a member within seven days, by an administrator who is another person
-- than the one who asked for it, and still administers, and than its owner; says whether.
create function accord.approve_system(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.administered();
    person text := (select h.member_id from public.membership h where h.id = accord.seal_member());
    made public.service_member;
begin
    update public.service_member s
       set approved_by = accord.seal_member(), approved_at = accord.clock()
     where s.id = wanted and s.agency_id = agency and s.approved_at is null and s.ended_at is null
       and s.proposed_at > accord.clock() - interval '7 days'
       and not exists (select 1 from public.membership h
                        where h.id = s.proposed_by and h.member_id = person)
       and not exists (select 1 from public.membership h
                        where h.id = s.owner_id and h.member_id = person)
       and accord.administrator_by(s.proposed_by, agency) is not null
    returning s.* into made;
    if made.id is null then
        return false;
    end if;
    insert into public.member (id, name, nationality, persona)
    select made.membership_id, made.name, a.country, '' from public.agency a where a.id = agency;
    insert into public.membership
        (id, member_id, agency_id, title, roles, clearance, assurance, valid_from, valid_until)
    values (made.membership_id, made.membership_id, agency, 'System', made.roles, made.clearance,
            made.assurance, accord.clock(), made.valid_until);
    return true;
end $$;

-- Ends a system, proposed or at work; what it is a client by opens nothing from then on.
create function accord.end_system(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    membership text;
begin
    update public.service_member s set ended_at = accord.clock()
     where s.id = wanted and s.agency_id = accord.administered() and s.ended_at is null
    returning s.membership_id into membership;
    if membership is null then
        return false;
    end if;
    update public.membership h set valid_until = accord.clock()
     where h.id = membership and (h.valid_until is null or h.valid_until > accord.clock());
    return true;
end $$;

-- A client of a system that is at work, and the purposes and actions it may ask tokens for.
create function accord.register_client(
    wanted uuid, service uuid, called text, purposes text[], actions text[]
) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    insert into public.oauth_client
        (id, system_id, name, purposes, actions, registered_by, registered_at)
    select wanted, s.id, called, purposes, actions, accord.seal_member(), accord.clock()
      from public.service_member s
     where s.id = service and s.agency_id = accord.administered() and s.approved_at is not null
       and s.ended_at is null;
    return found;
end $$;

-- One more credential of a client: the digest of a secret, or a public key. It opens nothing until
-- another administrator approves it. Two may be valid or wait at a time, so that a system can be
-- moved from one to the other; one more is refused.
create function accord.add_client_credential(
    wanted uuid, client uuid, digest bytea, key jsonb, until timestamptz
) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    perform 1
       from public.oauth_client c
       join public.service_member s on s.id = c.system_id
      where c.id = client and s.agency_id = accord.administered() and c.revoked_at is null
        and s.ended_at is null
        for update of c;
    if not found then
        return false;
    end if;
    if (select count(*) from public.client_credential k
         where k.client_id = client and k.revoked_at is null
           and k.expires_at > accord.clock()
           and (k.approved_at is not null
                or k.made_at > accord.clock() - interval '7 days')) >= 2 then
        raise exception 'accord: two are valid already' using errcode = '22023';
    end if;
    insert into public.client_credential
        (id, client_id, secret_hash, public_key, made_by, made_at, expires_at)
    values (wanted, client, digest, key, accord.seal_member(), accord.clock(), until);
    return true;
end $$;

-- Makes a credential count, within seven days, by an administrator who is another person than those
-- who made it, registered its client and answer for the system; says whether. Who made it must
-- still administer the agency.
create function accord.approve_client_credential(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.administered();
    me text := accord.administers();
    moment timestamptz := accord.clock();
begin
    if agency is null or me is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    update public.client_credential k
       set approved_by = accord.seal_member(), approved_at = moment
      from public.oauth_client c
      join public.service_member s on s.id = c.system_id
     where k.id = wanted and c.id = k.client_id and s.agency_id = agency
       and k.approved_at is null and k.revoked_at is null and k.expires_at > moment
       and k.made_at > moment - interval '7 days'
       and c.revoked_at is null and s.approved_at is not null and s.ended_at is null
       and s.valid_until > moment
       and not exists (select 1 from public.membership h
                        where h.id in (k.made_by, c.registered_by, s.owner_id)
                          and h.member_id = me)
       and accord.administrator_by(k.made_by, agency) is not null;
    return found;
end $$;

create function accord.revoke_client_credential(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.client_credential k set revoked_at = accord.clock()
      from public.oauth_client c
      join public.service_member s on s.id = c.system_id
     where k.id = wanted and c.id = k.client_id and k.revoked_at is null
       and s.agency_id = accord.administered();
    return found;
end $$;

create function accord.revoke_client(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.oauth_client c set revoked_at = accord.clock()
      from public.service_member s
     where c.id = wanted and s.id = c.system_id and c.revoked_at is null
       and s.agency_id = accord.administered();
    return found;
end $$;

revoke execute on function accord.propose_system(uuid, jsonb),
    accord.approve_system(uuid), accord.end_system(uuid),
    accord.register_client(uuid, uuid, text, text[], text[]),
    accord.add_client_credential(uuid, uuid, bytea, jsonb, timestamptz),
    accord.approve_client_credential(uuid),
    accord.revoke_client_credential(uuid), accord.revoke_client(uuid) from public;
grant execute on function accord.propose_system(uuid, jsonb),
    accord.approve_system(uuid), accord.end_system(uuid),
    accord.register_client(uuid, uuid, text, text[], text[]),
    accord.add_client_credential(uuid, uuid, bytea, jsonb, timestamptz),
    accord.approve_client_credential(uuid),
    accord.revoke_client_credential(uuid), accord.revoke_client(uuid) to accord_app
