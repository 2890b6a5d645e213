-- Whether an agency lets its members sign in with one-time codes: one administrator asks for it,
-- another approves, and either ends it. Owned by accord_probe; each function asks the seal who acts
-- (accord.administers, in the directory's own file).

-- Asks for codes to be allowed; false where that is asked already, or is so.
create function accord.propose_codes(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.seal_agency();
    moment timestamptz := accord.clock();
begin
    if accord.administers() is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    update public.code_allowance c set ended_by = accord.seal_member(), ended_at = moment
     where c.agency_id = agency and c.ended_at is null and c.approved_at is null
       and c.proposed_at <= moment - interval '7 days';
    insert into public.code_allowance (id, agency_id, proposed_by, proposed_at)
    values (wanted, agency, accord.seal_member(), moment)
    on conflict do nothing;
    return found;
end $$;

-- Allows codes, by an administrator who is another person than the one who asked and who still
-- administers the agency; says whether.
create function accord.approve_codes(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    me text := accord.administers();
    moment timestamptz := accord.clock();
begin
    if me is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    update public.code_allowance c
       set approved_by = accord.seal_member(), approved_at = moment
     where c.id = wanted and c.agency_id = accord.seal_agency() and c.approved_at is null
       and c.ended_at is null and c.proposed_at > moment - interval '7 days'
       and accord.administrator_by(c.proposed_by, c.agency_id) <> me;
    return found;
end $$;

-- Takes back what is asked for, or ends what is allowed, by any administrator, at once; says whether.
create function accord.end_codes(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if accord.administers() is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    update public.code_allowance c
       set ended_by = accord.seal_member(), ended_at = accord.clock()
     where c.id = wanted and c.agency_id = accord.seal_agency() and c.ended_at is null;
    return found;
end $$;

-- After a lost device the administrators enrol a member anew: codes end with the passkeys.
create function accord.end_codes_of_enrolled() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.code_device d set revoked_at = new.decided_at
     where d.member_id = new.member_id and d.revoked_at is null;
    update public.recovery_code r set revoked_at = new.decided_at
     where r.member_id = new.member_id and r.revoked_at is null and r.used_at is null;
    -- A session that the code device began while this waited for its row was not there before.
    update public.signin s
       set ended_at = new.decided_at, ended_why = 'what it was proven with was revoked'
     where s.member_id = new.member_id and s.ended_at is null;
    return null;
end $$;

revoke execute on function accord.propose_codes(uuid), accord.approve_codes(uuid),
    accord.end_codes(uuid), accord.end_codes_of_enrolled() from public;
grant execute on function accord.propose_codes(uuid), accord.approve_codes(uuid),
    accord.end_codes(uuid) to accord_app;
grant execute on function accord.end_codes_of_enrolled() to accord_owner
