-- What evidence asks past row-level security, owned by accord_probe, and the rules that hold whatever
-- the application thinks (docs/decisions/0024). None returns content.

-- Complete uploads whose hashes must be worked out by reading them again: a worker then takes the
-- standing of their member.
create function accord.uploads_to_hash(at timestamptz)
returns table (upload_id uuid, membership_id text, purpose text, legal_basis text, case_number text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select u.id, u.membership_id, u.purpose, u.legal_basis, u.case_number
      from public.upload u
     where u.state = 'hashing' and u.expires_at > at
     order by u.updated_at, u.id limit 20
$$;

-- Removes uploads whose time is over, and no other, whatever moment is asked for; their pieces go to the
-- litter. Returns how many.
create function accord.expire_uploads(at timestamptz) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    gone integer;
begin
    delete from public.upload u where u.expires_at <= least(at, accord.clock());
    get diagnostics gone = row_count;
    return gone;
end $$;

-- What the sealed member has on the way, and what their agency keeps: for limits, as sums.
create function accord.evidence_room()
returns table (uploads bigint, uploading_bytes bigint, agency_bytes bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select (select count(*) from public.upload u where u.membership_id = accord.seal_member()),
           (select coalesce(sum(u.size_bytes), 0)::bigint from public.upload u
             where u.membership_id = accord.seal_member()),
           (select coalesce(sum(u.size_bytes), 0)::bigint from public.upload u
             where u.owner_id = accord.seal_agency())
           + (select coalesce(sum(o.size_bytes), 0)::bigint from public.stored_object o
               where o.owner_id = accord.seal_agency())
$$;

-- An upload or a stored object that goes takes its pieces with it, unless it became the other one.
create function accord.drop_segments() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select 1 from public.upload u where u.id = old.id)
       and not exists (select 1 from public.stored_object o where o.id = old.id) then
        delete from public.object_segment s where s.object_id = old.id;
    end if;
    return null;
end $$;

create function accord.litter_segment() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    insert into public.object_litter (address, at) values (old.address, clock_timestamp())
        on conflict do nothing;
    return null;
end $$;

-- An exhibit's parts have one basis, and one that is not `unrecorded` stands in the core part with
-- its reference: a warrant's number, a section, whose consent.
create function accord.check_exhibit_basis() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if exists (
        select 1
          from added a
          join public.label l on l.id = a.label_id and (l.facts ->> 'schema') = 'Exhibit'
          left join lateral (
                select p.body, k.facts ->> 'basis' as basis
                  from public.part p join public.label k on k.id = p.label_id
                 where p.record_id = a.record_id and p.kind = 'core'
                 order by p.revision desc limit 1) core on true
         where core.basis is distinct from (l.facts ->> 'basis')
            or (core.basis <> 'unrecorded'
                and (core.body -> 'legalBasis' ->> 0 is distinct from core.basis
                     or coalesce(core.body -> 'basisReference' ->> 0, '') = ''))
            or exists (
                select 1 from public.part q join public.label m on m.id = q.label_id
                 where q.record_id = a.record_id and q.superseded_at is null
                   and (m.facts ->> 'basis') is distinct from core.basis
                   and not exists (select 1 from added b
                                    where b.record_id = q.record_id and b.kind = q.kind))
    ) then
        raise exception 'accord: an exhibit states one legal basis, with its reference'
            using errcode = '23514', constraint = 'exhibit_basis_recorded';
    end if;
    return null;
end $$;

-- What has no recorded basis is placed nowhere and granted to nobody.
create function accord.refuse_unrecorded_key() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if exists (
        select 1 from added k
          join public.label l on l.id = k.label_id and (l.facts ->> 'schema') = 'Exhibit'
         where (l.facts ->> 'basis') = 'unrecorded'
    ) then
        raise exception 'accord: no legal basis is recorded for this exhibit'
            using errcode = '23514', constraint = 'exhibit_shared_on_a_basis';
    end if;
    return null;
end $$;

-- No standing opens to one agency what another has no recorded basis for.
create function accord.refuse_unrecorded_standing() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if exists (
        select 1 from public.label l
         where (l.facts ->> 'schema') = 'Exhibit' and (l.facts ->> 'basis') = 'unrecorded'
           and (get_byte(new.place_bits, l.id) | get_byte(new.release_bits, l.id)
                | get_byte(new.export_bits, l.id) | get_byte(new.onward_bits, l.id)
                | case when (l.facts ->> 'owner') = new.agency_id then 0
                       else get_byte(new.match_bits, l.id) end) <> 0
    ) then
        raise exception 'accord: a standing would open what was collected on no recorded basis'
            using errcode = '42501';
    end if;
    return null;
end $$;

revoke execute on function accord.uploads_to_hash(timestamptz), accord.expire_uploads(timestamptz),
    accord.evidence_room(), accord.drop_segments(), accord.litter_segment(),
    accord.check_exhibit_basis(), accord.refuse_unrecorded_key(),
    accord.refuse_unrecorded_standing() from public;
grant execute on function accord.uploads_to_hash(timestamptz), accord.expire_uploads(timestamptz),
    accord.evidence_room() to accord_app
