-- What runs outside row-level security: every function here is owned by accord_probe, which
-- bypasses it, and may be executed by accord_app alone. There is no other such file for records.
--
-- INVARIANT: each function asks the seal itself (accord.seal_agency(), accord.bits(...)) before it
-- touches a row, names every relation with its schema, and has its search path pinned.
-- Plans are made anew for each call: one kept from when a table was empty walks all of it later;
-- accord.find says why not there.

-- section: own records (contribute, relabel, place) --

-- The agency's own records by the names that its source gives them, with their current parts.
create function accord.own_sources(text, text[])
returns table (
    source_ref text, record_id uuid, revision integer, content_hash bytea,
    created_at timestamptz, legal_hold boolean, part_ids uuid[], kinds text[], labels integer[]
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
    select r.source_ref, r.id, r.revision, r.content_hash, r.created_at, r.legal_hold,
           c.part_ids, c.kinds, c.labels
      from unnest($2) wanted(ref)
      join public.record r
        on r.owner_id = (select accord.seal_agency())
       and r.source_system = $1 and r.source_ref = wanted.ref
     cross join lateral (
        select array_agg(p.id order by p.kind) as part_ids,
               array_agg(p.kind order by p.kind) as kinds,
               array_agg(p.label_id order by p.kind) as labels
          from public.part p
         where p.record_id = r.id and p.superseded_at is null
     ) c
$$;

-- The current parts of own records, also those that the sealed member may not read: whoever places
-- a record or has just written a text acts on the whole of it.
create function accord.own_parts_of(uuid[])
returns table (record_id uuid, part_id uuid, label_id integer)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
    select p.record_id, p.id, p.label_id
      from public.part p
     where p.record_id = any($1) and p.superseded_at is null
       and p.owner_id = (select accord.seal_agency())
     order by p.record_id, p.kind
$$;

create function accord.own_parts(uuid)
returns table (part_id uuid, label_id integer)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
    select o.part_id, o.label_id from accord.own_parts_of(array[$1]) o
$$;

-- Every part of an own record, older revisions too: what is taken back is taken from all of them.
create function accord.own_revisions(uuid)
returns table (part_id uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
    select p.id from public.part p
     where p.record_id = $1 and p.owner_id = (select accord.seal_agency())
     order by p.id
$$;

-- Puts new revisions in the place of old parts. The new parts are there already: row-level security
-- let the caller insert them under its own `contribute`. Here every old part asks for `alter`.
--   records[i] goes to revision + 1; where hashes[i] is NULL its own columns stay as they are
--   old_parts  are superseded; all revisions of their kind are from now on judged under the label
--              of the new part of that kind as well
--   keeping    are the new parts that take over the keys, valid now, of the part they replace; a new
--              part that is not among them ends the keys of every older revision of its kind, which
--              would otherwise go on opening in the history what the stricter label took back
create function accord.supersede(
    records uuid[], hashes bytea[], occurred timestamptz[], retain date[],
    intelligent boolean[], stated boolean[], moment timestamptz, old_parts uuid[], keeping uuid[]
) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
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
    select gen_random_uuid(), n.id, n.owner_id, n.label_id, k.kind, k.key, k.valid_from,
           k.valid_until, k.because
      from public.part n
      join public.record r on r.id = n.record_id and n.revision = r.revision + 1
      join public.part p on p.record_id = n.record_id and p.kind = n.kind and p.id = any(old_parts)
      join public.part_key k on k.part_id = p.id
     where n.id = any(keeping) and n.record_id = any(records)
       and k.valid_from <= moment and (k.valid_until is null or k.valid_until > moment);

    update public.part_key k set valid_until = moment
      from public.record r, public.part n, public.part p
     where r.id = any(records) and n.record_id = r.id and n.revision = r.revision + 1
       and not (n.id = any(keeping))
       and p.record_id = r.id and p.kind = n.kind and p.revision <= r.revision
       and k.part_id = p.id and (k.valid_until is null or k.valid_until > moment);

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
               else coalesce(u.retain, r.retain_until) end
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
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
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
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
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

-- section: search --

-- Whether a label, the newest label and the key kinds a part carries open it under these bytes;
-- the same sum as in the policy of `part` (docs/decisions/0004). Without a search path, because
-- only then is it inlined; its body is parsed when it is made, so nothing is looked up later.
create function accord.opens(bits bytea, label integer, newest integer, kinds integer)
returns boolean language sql immutable parallel safe
return (get_byte(bits, label) & get_byte(bits, newest) & get_byte(bits, 65536 + kinds)) <> 0;

-- Both are made anew in migration 0004, where the end of an agency's access comes in.
-- The key kinds of a part that the request holds, valid now; inlined like the one above.
-- `needed` false (some alternative without a key opens the part) spares the look-up.
create function accord.kinds_of(part uuid, held uuid[], needed boolean)
returns table (kinds integer) language sql stable
begin atomic
    select coalesce(bit_or(1 << k.kind), 0)
      from public.part_key k
     where needed and k.part_id = part and k.key = any (held)
       and k.valid_from <= now() and (k.valid_until is null or k.valid_until > now());
end;

-- Loads pg_trgm: its settings can be named in a function only once the library has defined them.
select public.show_limit();

-- Which records meet every criterion, in parts that the sealed standing opens for `view` or `hit`.
--   asked      [{"n": criterion, "how": name|sound|exact|plate|text, "kind": ..., "value": ...}];
--              rows with the same n are alternatives, a record meets each n
--   schemata   NULL or the only ones wanted
--   with_hits  false asks for nothing that the member may not view
--   cap        at most so many visible records, and so many hits; `more` says that there are more
-- Nothing but ids, label numbers and how well the words met leaves. A part that is open for neither
-- action is dropped before anything is counted, ordered or capped. A name only loosely alike (0.4 to
-- 0.5) is no hit: what the viewer may see is compared again in full, a hit is all that is told.
-- The planner knows neither what a comparison of names costs nor how few rows come of it, so it is
-- told: never to walk a table comparing every name, and to look parts and records up one by one.
-- So its plan is the same for an empty table and a full one, and one is kept for the session.
create function accord.find(asked jsonb, schemata text[], with_hits boolean, cap integer)
returns table (
    n integer, record_id uuid, owner_id text, schema text, visible boolean, part_id uuid,
    viewable boolean, label_id integer, newest_label_id integer, kinds integer, score real,
    more boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set pg_trgm.similarity_threshold = 0.4
set pg_trgm.word_similarity_threshold = 0.75
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    v bytea := accord.bits('view');
    h bytea := accord.bits('hit');
    held uuid[] := accord.seal_keys();
    wanted integer;
    wrong boolean;
begin
    if v is null or h is null then
        return;
    end if;
    if asked is null or jsonb_typeof(asked) <> 'array' or jsonb_array_length(asked) > 5000
       or with_hits is null or cap is null or cap not between 1 and 200
       or cardinality(schemata) > 50 then
        raise exception 'accord: the question is out of bounds' using errcode = '22023';
    end if;
    select count(distinct a.n), coalesce(bool_or(
               a.n is null or a.n not between 0 and 31 or a.value is null
               or length(a.value) not between 1 and 400
               or coalesce(length(a.kind), 0) > 400
               or a.how is null or a.how not in ('name', 'sound', 'exact', 'plate', 'text')), false)
      into wanted, wrong
      from jsonb_to_recordset(asked) a(n integer, how text, kind text, value text);
    if wrong then
        raise exception 'accord: the question is out of bounds' using errcode = '22023';
    end if;
    return query
    with ask as materialized (
        select * from jsonb_to_recordset(asked) a(n integer, how text, kind text, value text)
    ),
    met as (
        select a.n, s.part_id, public.similarity(s.name, a.value) as score
          from ask a join public.search_name s on s.name operator(public.%) a.value
         where a.how = 'name'
        union all
        select a.n, s.part_id, public.word_similarity(a.value, s.name)
          from ask a join public.search_name s on s.name operator(public.%>) a.value
         where a.how = 'name'
        union all
        select a.n, s.part_id, greatest(public.word_similarity(a.kind, s.name), 0.5)
          from ask a
          join public.search_name s on s.phonetic @> string_to_array(a.value, ' ')
         where a.how = 'sound' and public.word_similarity(a.kind, s.name) >= 0.4
        union all
        select a.n, s.part_id, 1.0
          from ask a join public.search_exact s on s.kind = a.kind and s.term = a.value
         where a.how = 'exact'
        union all
        select a.n, s.part_id, 0.9
          from ask a
          join public.search_exact s
            on s.kind = 'plate' and translate(s.term, 'OQDIBSZ', '0001852') = a.value
         where a.how = 'plate'
        union all
        select a.n, s.part_id, 0.5
          from ask a
          join public.search_text s on s.body @@ websearch_to_tsquery('simple', a.value)
         where a.how = 'text'
    ),
    best as (
        select m.n, m.part_id, max(m.score)::real as score from met m group by m.n, m.part_id
    ),
    opened as (
        select b.n, b.part_id, b.score, p.record_id, p.label_id, p.newest_label_id, k.kinds,
               accord.opens(v, p.label_id, p.newest_label_id, k.kinds) as viewable
          from best b
         cross join lateral (
            select * from public.part p
             where p.id = b.part_id and p.superseded_at is null limit 1) p
         cross join lateral accord.kinds_of(
                p.id, held,
                (get_byte(v, p.label_id) & get_byte(v, p.newest_label_id) & 1) = 0) k
         where accord.opens(v, p.label_id, p.newest_label_id, k.kinds)
            or (with_hits and b.score >= 0.5
                and accord.opens(h, p.label_id, p.newest_label_id, k.kinds & 255))
    ),
    meeting as (
        select o.record_id, sum(o.best) as score, bool_or(o.seen) as seen
          from (select o.record_id, o.n, max(o.score) as best, bool_or(o.viewable) as seen
                  from opened o group by o.record_id, o.n) o
         group by o.record_id having count(*) = wanted
    ),
    ranked as (
        select q.*, row_number() over (partition by q.visible order by q.score desc, q.id) as place,
               count(*) over (partition by q.visible) > cap as more
          from (
            select r.id, r.owner_id, r.schema, m.score,
                   (m.seen or exists (
                    select 1
                      from public.part q
                     cross join lateral accord.kinds_of(
                            q.id, held,
                            (get_byte(v, q.label_id) & get_byte(v, q.newest_label_id) & 1) = 0) k
                     where q.record_id = r.id and q.superseded_at is null
                       and accord.opens(v, q.label_id, q.newest_label_id, k.kinds)
                    offset 0)
                   ) as visible
              from meeting m
             cross join lateral (
                select * from public.record r where r.id = m.record_id limit 1) r
             where schemata is null or r.schema = any (schemata)
          ) q
    )
    select o.n, o.record_id, r.owner_id, r.schema, r.visible, o.part_id, o.viewable, o.label_id,
           o.newest_label_id, o.kinds, o.score, r.more
      from ranked r join opened o on o.record_id = r.id
     where r.place <= cap
     order by r.visible desc, r.place, o.n, o.viewable desc, o.part_id;
end $$;

-- What a hit's handle stands for: a part that the sealed standing opens for `hit` and not for
-- `view`, in a record whose id the caller opened a handle to. Nothing otherwise.
create function accord.record_behind(wanted uuid)
returns table (
    owner_id text, schema text, label_id integer, newest_label_id integer, kinds integer
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    v bytea := accord.bits('view');
    h bytea := accord.bits('hit');
    held uuid[] := accord.seal_keys();
begin
    if v is null or h is null then
        return;
    end if;
    return query
    select p.owner_id, r.schema, p.label_id, p.newest_label_id, k.kinds
      from public.part p
      join public.record r on r.id = p.record_id
     cross join lateral accord.kinds_of(p.id, held, true) k
     where p.record_id = wanted and p.superseded_at is null
       and accord.opens(h, p.label_id, p.newest_label_id, k.kinds & 255)
       and not accord.opens(v, p.label_id, p.newest_label_id, k.kinds)
     order by p.kind
     limit 1;
end $$;

-- The latest records that the sealed standing opens for `view`, each by its newest visible part,
-- before (moment, part). Driven label by label and key by key, never along the global time index:
-- a viewer with few visible rows would walk past everybody else's. Each label's parts come in the order
-- of its index and the walk stops at `cap`; a bitmap would fetch and sort every part of the label.
-- The newest of each label comes first: nothing older than the `cap`-th of them can be on the page, so
-- every other walk ends there, and a viewer of hundreds of labels walks hardly further than the page.
-- (accord.newest_of stands in latest.sql.)
create function accord.latest(schemata text[], moment timestamptz, part uuid, cap integer)
returns table (record_id uuid, part_id uuid, seen_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_bitmapscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    v bytea := accord.bits('view');
    held uuid[] := accord.seal_keys();
    mine text := accord.seal_agency();
    before timestamptz := coalesce(moment, 'infinity');
    before_part uuid := coalesce(part, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    since timestamptz := '-infinity';
    since_part uuid := '00000000-0000-0000-0000-000000000000';
    bound record;
    keyless integer[];
    some_ended boolean;
begin
    if v is null then
        return;
    end if;
    if cap is null or cap not between 1 and 201 or cardinality(schemata) > 50
       or (moment is null) <> (part is null) then
        raise exception 'accord: the question is out of bounds' using errcode = '22023';
    end if;
    some_ended := exists (
        select 1 from public.access_end e
         where e.agency = mine and e.key_kind = -1 and not e.held and e.ends_at <= now());
    select array_agg(l.id) into keyless
      from public.label l
     where (get_byte(v, l.id) & 1) = 1
       and (schemata is null or l.facts ->> 'schema' = any (schemata));
    if cardinality(keyless) >= cap then
        select n.created_at, n.part_id into bound
          from unnest(keyless) l(id)
         cross join lateral accord.newest_of(
                v, held, mine, l.id, before, before_part, since, since_part, 1) n
         order by n.created_at desc, n.part_id desc
        offset cap - 1 limit 1;
        if found then
            since := bound.created_at;
            since_part := bound.part_id;
        end if;
    end if;
    return query
    with candidate as (
        select n.part_id, n.record_id, n.created_at
          from unnest(keyless) l(id)
         cross join lateral accord.newest_of(
                v, held, mine, l.id, before, before_part, since, since_part, cap) n
        union all
        select p.id, p.record_id, p.created_at
          from (select distinct k.part_id from public.part_key k where k.key = any (held)) c
          join public.part p on p.id = c.part_id and p.superseded_at is null
          join public.label l on l.id = p.label_id
         cross join lateral accord.kinds_of(p.id, held, true) k
         where ((get_byte(v, p.label_id) & get_byte(v, p.newest_label_id) & 1) = 0
                or (some_ended and (k.kinds & 256) <> 0))  -- access without a key has ended
           and accord.opens(v, p.label_id, p.newest_label_id, k.kinds)
           and (schemata is null or l.facts ->> 'schema' = any (schemata))
           and (p.created_at, p.id) < (before, before_part)
           and not exists (
            select 1
              from public.part q
             cross join lateral accord.kinds_of(q.id, held, true) k
             where q.record_id = p.record_id and q.superseded_at is null
               and (q.created_at, q.id) > (p.created_at, p.id)
               and accord.opens(v, q.label_id, q.newest_label_id, k.kinds))
    )
    select c.record_id, c.part_id, c.created_at
      from candidate c
     order by c.created_at desc, c.part_id desc
     limit cap;
end $$;

-- section: who may execute --

do $$
declare
    made regprocedure;
begin
    for made in
        select p.oid::regprocedure from pg_proc p
         where p.pronamespace = 'accord'::regnamespace and p.proowner = 'accord_probe'::regrole
    loop
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to accord_app', made);
    end loop;
end $$
