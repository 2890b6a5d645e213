-- Who answers for a system, where that person leaves or the work passes to another: one administrator
-- names somebody, another approves. Owned by accord_probe; each function asks the seal who acts.

-- Names another person of the agency, who has to be approved; in the place of whoever was named before
-- and not approved. Says whether there is such a system at work.
create function accord.propose_system_owner(wanted uuid, owner text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.administered();
begin
    if agency is null or accord.administers() is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    if not exists (
        select 1 from public.membership h
         where h.id = owner and h.agency_id = agency and accord.in_force(h, accord.clock())
           and not exists (
               select 1 from public.service_member s where s.membership_id = h.id))
       or exists (select 1 from public.service_member s
                   where s.id = wanted and s.owner_id = owner) then
        raise exception 'accord: no such owner can be' using errcode = '22023';
    end if;
    update public.service_member s
       set next_owner_id = owner, next_owner_by = accord.seal_member(),
           next_owner_at = accord.clock()
     where s.id = wanted and s.agency_id = agency and s.approved_at is not null
       and s.ended_at is null and s.valid_until > accord.clock();
    return found;
end $$;

-- Lets the person who was named answer for the system, within seven days, by an administrator who is
-- another person than the one who named them, and still administers, and than they are; says whether.
-- The owner is named again, so that what is approved is what was seen.
create function accord.approve_system_owner(wanted uuid, owner text) returns boolean
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
    update public.service_member s
       set owner_id = s.next_owner_id, next_owner_id = null, next_owner_by = null,
           next_owner_at = null
     where s.id = wanted and s.agency_id = agency and s.next_owner_id = owner
       and s.next_owner_at > moment - interval '7 days'
       and s.approved_at is not null and s.ended_at is null and s.valid_until > moment
       and exists (select 1 from public.membership h
                    where h.id = s.next_owner_id and h.agency_id = agency
                      and h.member_id <> me and accord.in_force(h, moment))
       and accord.administrator_by(s.next_owner_by, agency) <> me;
    return found;
end $$;

-- Takes back who was named and is not approved, by any administrator; says whether somebody was.
create function accord.withdraw_system_owner(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if accord.administers() is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    update public.service_member s
       set next_owner_id = null, next_owner_by = null, next_owner_at = null
     where s.id = wanted and s.agency_id = accord.administered()
       and s.next_owner_id is not null;
    return found;
end $$;

revoke execute on function accord.propose_system_owner(uuid, text),
    accord.approve_system_owner(uuid, text), accord.withdraw_system_owner(uuid) from public;
grant execute on function accord.propose_system_owner(uuid, text),
    accord.approve_system_owner(uuid, text), accord.withdraw_system_owner(uuid) to accord_app
