-- Which body of an entry the sealed agency holds, where the sealed member may decide that it be erased:
-- `acting` (complete) where the agency acted, for its oversight officers; else `owning` (its view as owner
-- of records), for those and its records custodians and supervisors. Null for everybody else, and for the
-- person who acted, by whatever membership.
create function accord.erasure_view(wanted uuid) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
    own text := accord.seal_agency();
    me text := accord.seal_member();
    roles text[] := accord.seal_roles();
    actor text;
    held text;
begin
    if own is null then
        return null;
    end if;
    select e.actor_id, 'acting' into actor, held
      from public.ledger_entry e where e.id = wanted and e.agency_id = own;
    if held is null then
        select v.actor_id, 'owning' into actor, held
          from public.ledger_view v where v.entry_id = wanted and v.agency_id = own;
    end if;
    if actor = me or exists (
        select 1 from public.membership a, public.membership b
         where a.id = actor and b.id = me and a.member_id = b.member_id) then
        return null;
    end if;
    if held = 'acting' and not roles && array['oversight-officer'] then
        return null;
    end if;
    if not roles && array['oversight-officer', 'records-custodian', 'supervisor'] then
        return null;
    end if;
    return held;
end $$;

-- What keeps an entry from being erased, as one word; null where nothing does, or where the asker may not
-- decide about it. `named` are records of the own agency that the encrypted body names beside its items.
create function accord.erasure_kept(wanted uuid, named uuid[]) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
declare
    own text := accord.seal_agency();
    entry public.ledger_entry;
    touched uuid[];
begin
    if accord.erasure_view(wanted) is null then
        return null;
    end if;
    select * into entry from public.ledger_entry e where e.id = wanted;
    -- A hit stands in the acting body under a handle, and in its owner's view under its id. An owner's
    -- view names its own records: whether another's of the same entry are held is not the owner's to know.
    select array_agg(distinct case when t.name ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                   then t.name::uuid end) into touched
      from (select unnest(entry.records) as name where entry.agency_id = own
            union
            select unnest(v.records) from public.ledger_view v
             where v.entry_id = wanted and own in (v.agency_id, entry.agency_id)) t;
    if entry.kind = 'erasure' then
        return 'erasure';
    end if;
    if exists (select 1 from public.record r
                where r.legal_hold and (r.id = any (touched)
                                        or (r.id = any (named) and r.owner_id = own))) then
        return 'hold';
    end if;
    if exists (select 1 from public.custody_event c where c.entry_id = wanted) then
        return 'custody';
    end if;
    if exists (select 1 from public.duty d
                where d.entry_id = wanted and d.discharged_at is null
                  and own in (d.agency, d.owner_id)) then
        return 'duty';
    end if;
    -- A recall finds by these views who was shown a record (accord.ledger.queries.disclosed_to).
    if entry.agency_id <> own and entry.kind in ('consultation', 'disclosure')
       and exists (select 1 from public.record r
                    where r.id = any (touched) and r.owner_id = own) then
        return 'recall';
    end if;
    return null;
end $$;

-- The one way by which a body of the ledger is erased: what the sealed agency holds of one entry, under
-- the entry of this very request. The leaf, the tree and what other agencies hold stay.
-- Refused unless: a proposal of this agency stands; another person made it, in office still; the seal
-- names one who may decide and did not act in the entry; one of the two is an oversight officer (both,
-- where the agency acted); and nothing keeps the entry.
create function accord.erase_body(proposal uuid, entry uuid, named uuid[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
declare
    own text := accord.seal_agency();
    me text := accord.seal_member();
    p public.ledger_erasure;
    offices text[];
    gone integer;
    kept text;
begin
    if own is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    select * into p from public.ledger_erasure e
     where e.id = proposal and e.agency_id = own and e.state = 'proposed' for update;
    if not found then
        raise exception 'accord: there is no such proposal' using errcode = '42501';
    end if;
    if accord.erasure_view(p.entry_id) is distinct from p.view then
        raise exception 'accord: this member does not decide about this entry'
            using errcode = '42501';
    end if;
    select accord.held_roles(a, accord.clock()) into offices
      from public.membership a, public.membership b
     where a.id = p.proposed_by and b.id = me and a.member_id <> b.member_id
       and a.agency_id = own and b.agency_id = own
       and accord.in_force(a, accord.clock())
       and accord.held_roles(a, accord.clock())
           && case p.view when 'acting' then array['oversight-officer']
              else array['oversight-officer', 'records-custodian', 'supervisor'] end;
    if offices is null or not (offices || accord.seal_roles()) && array['oversight-officer'] then
        raise exception 'accord: erasing takes two people, and an oversight officer is one of them'
            using errcode = '42501';
    end if;
    -- What is there already was written by another request, about another erasure.
    if exists (select 1 from public.ledger_entry e where e.id = erase_body.entry) then
        raise exception 'accord: a body is erased under an entry of its own' using errcode = '42501';
    end if;
    kept := accord.erasure_kept(p.entry_id, named);
    if kept is not null then
        raise exception 'accord: the entry is kept (%)', kept using errcode = '42501';
    end if;
    update public.ledger_entry e
       set body_cipher = null, body_key = null, records = '{}', clauses = '{}',
           purpose = null, case_id = null, erased_by_id = erase_body.entry
     where e.id = p.entry_id and e.agency_id = own and e.erased_by_id is null;
    get diagnostics gone = row_count;
    update public.ledger_view v
       set body_cipher = null, body_key = null, records = '{}', clauses = '{}',
           erased_by_id = erase_body.entry
     where v.entry_id = p.entry_id and v.agency_id = own and v.erased_by_id is null;
    if gone = 0 and not found then
        raise exception 'accord: it was erased already' using errcode = '42501';
    end if;
    update public.ledger_erasure e
       set state = 'erased', closed_by = me, closed_at = accord.clock(),
           erasure_id = erase_body.entry
     where e.id = proposal;
end $$;

-- When the transaction ends, what erased a body is an erasure, in the name of who approved it.
create function accord.ledger_erasure_says() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select 1 from public.ledger_entry e
                    where e.id = new.erasure_id and e.kind = 'erasure'
                      and e.actor_id = new.closed_by and e.agency_id = new.agency_id) then
        raise exception 'accord: a body is erased under an erasure' using errcode = '42501';
    end if;
    return null;
end $$;

revoke execute on function accord.erasure_view(uuid), accord.erasure_kept(uuid, uuid[]),
    accord.erase_body(uuid, uuid, uuid[]), accord.ledger_erasure_says() from public;
grant execute on function accord.erasure_view(uuid), accord.erasure_kept(uuid, uuid[]),
    accord.erase_body(uuid, uuid, uuid[]) to accord_app;
grant execute on function accord.ledger_erasure_says() to accord_owner
