-- What runs outside row-level security: every function here is owned by accord_probe, which
-- bypasses it, and may be executed by accord_app alone. There is no other such file for records.
--
-- INVARIANT: each function asks the seal itself (accord.seal_agency(), accord.bits(...)) before it
-- touches a row, names every relation with its schema, and has its search path pinned.

-- section: own records (contribute, relabel, place) --

-- The agency's own records by the names that its source gives them, with their current parts.
create function accord.own_sources(text, text[])
returns table (
    source_ref text, record_id uuid, revision integer, content_hash bytea,
    created_at timestamptz, legal_hold boolean, part_ids uuid[], kinds text[], labels integer[]
)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select r.source_ref, r.id, r.revision, r.content_hash, r.created_at, r.legal_hold,
           array_agg(p.id order by p.kind), array_agg(p.kind order by p.kind),
           array_agg(p.label_id order by p.kind)
      from public.record r
      join public.part p on p.record_id = r.id and p.superseded_at is null
     where r.owner_id = (select accord.seal_agency())
       and r.source_system = $1 and r.source_ref = any($2)
     group by r.id
$$;

-- The current parts of own records, also those that the sealed member may not read: whoever places
-- a record or has just written a text acts on the whole of it.
create function accord.own_parts_of(uuid[])
returns table (record_id uuid, part_id uuid, label_id integer)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select p.record_id, p.id, p.label_id
      from public.part p
     where p.record_id = any($1) and p.superseded_at is null
       and p.owner_id = (select accord.seal_agency())
     order by p.record_id, p.kind
$$;

create function accord.own_parts(uuid)
returns table (part_id uuid, label_id integer)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select o.part_id, o.label_id from accord.own_parts_of(array[$1]) o
$$;

-- Puts new revisions in the place of old parts. The new parts are there already: row-level security
-- let the caller insert them under its own `contribute`. Here every old part asks for `alter`.
--   records[i] goes to revision + 1; where hashes[i] is NULL its own columns stay as they are
--   old_parts  are superseded; all revisions of their kind are from now on judged under the label
--              of the new part of that kind as well
--   keeping    are the new parts that take over the keys, valid now, of the part they replace
create function accord.supersede(
    records uuid[], hashes bytea[], occurred timestamptz[], retain date[],
    intelligent boolean[], stated boolean[], moment timestamptz, old_parts uuid[], keeping uuid[]
) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.seal_agency();
    open_bits bytea := accord.bits('alter');
    owned  integer;
begin
    if agency is null or open_bits is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    perform 1 from public.record r
      where r.id = any(records) and r.owner_id = agency order by r.id for update;
    get diagnostics owned = row_count;
    if owned <> cardinality(records)
       or exists (
            select 1 from unnest(old_parts) wanted(id)
              left join public.part p
                on p.id = wanted.id and p.owner_id = agency and p.record_id = any(records)
               and p.superseded_at is null
             where p.id is null or (get_byte(open_bits, p.label_id) & 1) = 0)
       or exists (
            select 1 from public.record r
             where r.id = any(records) and not exists (
                select 1 from public.part n
                 where n.record_id = r.id and n.revision = r.revision + 1)) then
        raise exception 'accord: alter is not open' using errcode = '42501';
    end if;

    update public.part p set superseded_at = moment where p.id = any(old_parts);

    update public.part p set newest_label_id = n.label_id
      from public.record r, public.part n
     where r.id = any(records) and p.record_id = r.id and p.revision <= r.revision
       and n.record_id = r.id and n.kind = p.kind and n.revision = r.revision + 1
       and p.newest_label_id <> n.label_id;

    insert into public.part_key
        (id, part_id, owner_id, label_id, kind, key, valid_from, valid_until, because)
    select gen_random_uuid(), n.id, n.owner_id, n.label_id, k.kind, k.key, moment, k.valid_until,
           k.because
      from public.part n
      join public.record r on r.id = n.record_id and n.revision = r.revision + 1
      join public.part p on p.record_id = n.record_id and p.kind = n.kind and p.id = any(old_parts)
      join public.part_key k on k.part_id = p.id
     where n.id = any(keeping) and n.record_id = any(records)
       and k.valid_from <= moment and (k.valid_until is null or k.valid_until > moment);

    -- A legal hold beats retention: while it stands, no revision brings the date forward.
    update public.record r
       set revision = r.revision + 1,
           updated_at = moment,
           content_hash = coalesce(u.hash, r.content_hash),
           occurred_at = case when u.hash is null then r.occurred_at else u.occurred end,
           intelligence = coalesce(u.intelligent, r.intelligence),
           suspicion_stated = coalesce(u.stated, r.suspicion_stated),
           retain_until = case
               when u.hash is null then r.retain_until
               when r.legal_hold and u.retain is not null
                    and (r.retain_until is null or u.retain < r.retain_until) then r.retain_until
               else u.retain end
      from unnest(records, hashes, occurred, retain, intelligent, stated)
           u(id, hash, occurred, retain, intelligent, stated)
     where r.id = u.id;
    return owned;
end $$;

-- What a label that became one of a victim or a minor finds still in clear: the older revisions of
-- these kinds of part, for the caller to encrypt.
create function accord.bodies_in_clear(uuid[], text[])
returns table (part_id uuid, record_id uuid, kind text, label_id integer, body jsonb)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select p.id, p.record_id, p.kind, p.label_id, p.body
      from unnest($1, $2) u(record_id, kind)
      join public.part p on p.record_id = u.record_id and p.kind = u.kind
     where p.owner_id = (select accord.seal_agency()) and p.body is not null
       and p.superseded_at is not null
       and (get_byte((select accord.bits('alter')), p.label_id) & 1) = 1
     order by p.id
$$;

-- Puts the encrypted body in the place of the clear one and takes the part out of every index.
create function accord.seal_bodies(parts uuid[], sealed bytea[]) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.seal_agency();
    open_bits bytea := accord.bits('alter');
    done integer;
begin
    if agency is null or open_bits is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    update public.part p set body = null, sealed_body = u.sealed
      from unnest(parts, sealed) u(id, sealed)
     where p.id = u.id and p.owner_id = agency and p.body is not null and u.sealed is not null
       and p.superseded_at is not null and (get_byte(open_bits, p.label_id) & 1) = 1;
    get diagnostics done = row_count;
    if done <> cardinality(parts) then
        raise exception 'accord: alter is not open' using errcode = '42501';
    end if;
    delete from public.search_name s where s.part_id = any(parts);
    delete from public.search_exact s where s.part_id = any(parts);
    delete from public.search_text s where s.part_id = any(parts);
    return done;
end $$;

-- section: intake runs --

-- Which runs wait for a worker: their number, whose they are and for what; nothing of their content.
create function accord.waiting_runs(timestamptz)
returns table (run_id uuid, membership_id text, purpose text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select i.id, i.membership_id, i.purpose
      from public.intake_run i
     where i.state = 'queued' or (i.state = 'running' and i.updated_at < $1)
     order by i.created_at, i.id
     limit 20
$$;

-- section: search --

-- section: who may execute --

revoke execute on all functions in schema accord from public;
grant execute on all functions in schema accord to accord_app
