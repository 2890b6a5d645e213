-- Readings of exhibits and what is made of them (docs/decisions/0029), owned by accord_probe.

-- Files whose reading is due: a worker then takes the standing of who asked. One that was begun half an hour
-- ago was left by a worker that is gone.
create function accord.exhibits_to_read(at timestamptz)
returns table (record_id uuid, membership_id text, purpose text, legal_basis text, case_number text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('reading');
    select r.record_id, r.membership_id, r.purpose, r.legal_basis, r.case_number
      from public.exhibit_reading r
     where r.next_at <= at and r.state in ('waiting', 'reading')
       and exists (select 1 from public.stored_object o
                    where o.record_id = r.record_id and o.role = 'original')
     order by r.next_at, r.record_id limit 20
$$;

-- Puts off a reading whose member has no standing now, so that it holds up no other.
create function accord.put_off_reading(record uuid, until timestamptz) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('reading');
    update public.exhibit_reading r set next_at = until
     where r.record_id = record and r.state in ('waiting', 'reading')
$$;

-- Derivations that are asked for, and those that a worker left half done.
create function accord.derivations_to_make(at timestamptz)
returns table (derivation_id uuid, membership_id text, purpose text, legal_basis text, case_number text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('deriving');
    select d.id, d.membership_id, d.purpose, d.legal_basis, d.case_number
      from public.derivation d
     where d.state = 'queued' or (d.state = 'running' and d.began_at < at - interval '2 hours')
     order by d.asked_at, d.id limit 20
$$;

-- Refuses a derivation of somebody who has no standing any more, and so cannot do it themselves.
create function accord.refuse_derivation(derivation uuid) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('deriving');
    update public.derivation d
       set state = 'refused', reason = 'no-standing', done_at = accord.clock(), sealed = ''
     where d.id = derivation and d.state in ('queued', 'running')
$$;

-- INVARIANT: what is made of something is bound by all that this was made from.
create function accord.inherit_sources() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if new.direct then
        insert into public.exhibit_source
            (id, record_id, owner_id, source_record_id, source_owner, direct)
        select gen_random_uuid(), new.record_id, new.owner_id, s.source_record_id, s.source_owner, false
          from public.exhibit_source s
         where s.record_id = new.source_record_id
        on conflict do nothing;
    end if;
    return null;
end $$;

-- A file is read under the standing of who asks for it, and of nobody else.
create function accord.refuse_other_reader() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if new.membership_id <> old.membership_id
       and new.membership_id is distinct from accord.seal_member() then
        raise exception 'accord: nobody has a file read in the name of somebody else'
            using errcode = '42501';
    end if;
    return new;
end $$;

do $$
declare
    made regprocedure;
begin
    foreach made in array array[
        'accord.exhibits_to_read(timestamptz)', 'accord.put_off_reading(uuid,timestamptz)',
        'accord.derivations_to_make(timestamptz)', 'accord.refuse_derivation(uuid)']::regprocedure[]
    loop
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to accord_app', made);
    end loop;
end $$;
revoke execute on function accord.inherit_sources(), accord.refuse_other_reader() from public
